"""What may be done with a task, by whom: claiming, handing on, and every way of finishing one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.case import Case
from domain.decisions import STAMP_SKEW, Circumstances, LineDecision, may_work, why_not
from domain.errors import Refusal, refusal
from domain.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask, TakeExtension
from domain.plan import Reviewer
from domain.tasks import ALLOWED, Task, TaskOutcome
from domain.vocabulary import Role


def claim(case: Case, message: ClaimTask, now: datetime) -> Iterator[Refusal]:
    yield from own(message)
    task = find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    if task.assignee is not None and task.assignee != message.reviewer_id:
        yield refusal("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")
    yield from _assignable(case, task, message.reviewer_id, now)


def release(case: Case, message: ReleaseTask) -> Iterator[Refusal]:
    yield from own(message)
    task = find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
    elif task.assignee != message.reviewer_id:
        yield refusal("task.not_yours", "The task is not yours to release.", "Only who claimed it can release it.")


def reassign(case: Case, message: ReassignTask, now: datetime) -> Iterator[Refusal]:
    task = find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    sender = case.reviewers.get(message.actor.id)
    leads = sender is not None and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
    if not leads and task.assignee != message.actor.id:
        yield refusal(
            "task.reassign", "Only a supervisor, a medical director or the assignee may reassign.", "Ask one of them."
        )
    yield from _assignable(case, task, message.reviewer_id, now)


def complete(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    yield from own(message)
    task = find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    if message.at < task.opened_at - STAMP_SKEW:
        yield refusal(
            "message.stamp", "The time of acting lies before the task was opened.", "Correct the clock and send again."
        )
    if task.assignee is not None and task.assignee != message.reviewer_id:
        yield refusal("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")
    yield from _assignable(case, task, message.reviewer_id, now)
    misfit = tuple(fits_the_kind(task, message.outcome))
    if misfit:
        yield from misfit
        return
    match message.outcome:
        case TaskOutcome.APPROVE:
            yield from _approval(case, task, message)
        case TaskOutcome.ASK:
            yield from _question(case, message, now)
        case TaskOutcome.REFER:
            yield from _referral(case, task, message)
        case TaskOutcome.DECIDE:
            yield from _decision(case, task, message, now)
        case TaskOutcome.REFUSE:
            if not (message.note or "").strip():
                yield refusal(
                    "task.note", "A refusal to expedite needs its reason.", "Say why the standard time does no harm."
                )
        case _:
            pass


def fits_the_kind(task: Task, outcome: TaskOutcome) -> Iterator[Refusal]:
    if outcome not in ALLOWED[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED[task.kind]))
        yield refusal(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse.",
        )


def find(case: Case, task_id: str) -> Task | Refusal:
    task = case.tasks.get(task_id)
    if task is None:
        return refusal("task.unknown", f"The case has no task {task_id}.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return refusal(
            "task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now."
        )
    return task


def own(message: ClaimTask | ReleaseTask | CompleteTask | TakeExtension) -> Iterator[Refusal]:
    if message.actor.id != message.reviewer_id:
        yield refusal("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


def _assignable(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[Refusal]:
    who = case.reviewers.get(reviewer_id)
    if who is None:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from may_work(who, (task.role, *task.also_for), professions_for(who, task), case.day(now))


def professions_for(who: Reviewer, task: Task) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation."""
    return task.professions if task.role in who.roles else ()


def _approval(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    if sorted(line.line_id for line in message.lines) != sorted(task.line_ids):
        yield refusal(
            "task.lines", "Each line of the task must be answered once.", f"Answer: {', '.join(task.line_ids)}."
        )
        return
    for line in message.lines:
        yield from _full(case, line)
        yield from _within_benefit(case, task, line)


def _referral(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    """A referral may approve some lines on the way; at least one is left for the physician."""
    if not (message.recommendation or "").strip():
        yield refusal(
            "task.recommendation", "A referral needs a recommendation.", "Say what you found and what you suggest."
        )
    named = [line.line_id for line in message.lines]
    if len(set(named)) < len(named) or not set(named) < set(task.line_ids):
        yield refusal(
            "task.lines",
            "A referral approves some lines, each once, and leaves the rest.",
            "Name only lines to approve.",
        )
        return
    for line in message.lines:
        yield from _full(case, line)
        yield from _within_benefit(case, task, line)


def _full(case: Case, line: LineDecision) -> Iterator[Refusal]:
    """Less than what was asked is adverse, whatever it is called."""
    asked = case.looked_at().line(line.line_id)
    less = (
        line.is_adverse
        or (
            line.approved_quantity is not None
            and asked.quantity is not None
            and line.approved_quantity < asked.quantity
        )
        or (line.approved_start is not None and asked.start is not None and line.approved_start > asked.start)
        or (line.approved_end is not None and asked.end is not None and line.approved_end < asked.end)
    )
    if less:
        yield refusal(
            "decision.adverse_needs_signature",
            f"Line {line.line_id}: approving less than was asked is an adverse decision.",
            "Approve what was asked, or refer it: only a physician's signed decision can be adverse.",
        )


def _within_benefit(case: Case, task: Task, line: LineDecision) -> Iterator[Refusal]:
    """Beyond a benefit limit a nurse refers; a physician may make the exception."""
    benefit = case.looked_at().line(line.line_id).benefit
    if task.role is Role.NURSE and benefit is not None and benefit.fits is False:
        yield refusal(
            "benefit.limit",
            f"Line {line.line_id} goes beyond the benefit limit ({benefit.used} of {benefit.limit} {benefit.unit} used).",
            "Refer it: an exception to a benefit limit is for a physician.",
        )


def _question(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    if not message.facts_to_ask:
        yield refusal(
            "task.facts", "A question needs the facts that are missing.", "Name at least one fact to ask for."
        )
    due = case.due()
    if due is None or due[1].at <= now:
        yield refusal(
            "clock.no_time", "The clock leaves no time to wait for an answer.", "Decide or refer on what is there."
        )
    if case.information is not None and case.information.is_open:
        yield refusal(
            "information.open", "The provider has been asked already and can still answer.", "Wait for the answer."
        )


def _decision(case: Case, task: Task, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    who, signed = case.reviewers.get(message.reviewer_id), message.signed
    if signed is None:
        yield refusal("decision.unsigned", "A decision must be signed.", "Complete the decision form and sign it.")
        return
    if who is None:
        return
    yield from why_not(signed, who, case.looked_at().decider, circumstances(case, task, now))
    if not any(line.is_adverse for line in signed.lines):
        yield refusal(
            "decision.not_adverse", "Nothing in the decision is adverse.", "Use 'approve': it needs no signature."
        )
    for line in signed.lines:
        if not line.is_adverse:
            yield from _full(case, line)


def circumstances(case: Case, task: Task, now: datetime) -> Circumstances:
    """The case's side of a decision on this task."""
    found = case.looked_at()
    criteria = [found.line(line_id).criteria for line_id in task.line_ids]
    return Circumstances(
        case_id=case.case_id,
        task_id=task.task_id,
        task_opened_at=task.opened_at,
        line_ids=task.line_ids,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        fitting_specialties=task.specialties,
        involved_npis=found.involved_npis,
        evidence=found.evidence,
        codes=found.codes,
        open_criteria=tuple(sorted({node for c in criteria if c for node in c.open_criteria})),
        peer_to_peer_settled=case.peer_to_peer is not None and case.peer_to_peer.is_settled,
        now=now,
    )
