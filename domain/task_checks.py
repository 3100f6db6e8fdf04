"""What people may do with tasks: who may take one, who may give it away, and how it may end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.approval_checks import approval, full, less_than_asked, referral
from domain.assessment import LineAssessment
from domain.case import Case
from domain.decisions import STAMP_SKEW, Circumstances, may_work, why_not
from domain.errors import Refusal, refusal
from domain.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask, TakeExtension
from domain.plan import Reviewer
from domain.tasks import ALLOWED, Task, TaskOutcome
from domain.vocabulary import LineOutcome, Role
from domain.written_words import unfit


def circumstances(case: Case, task: Task, now: datetime) -> Circumstances:
    """The case's side of a decision on this task."""
    found = case.looked_at()
    lines = [line for line in found.lines if line.line_id in task.line_ids]
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
        open_criteria=tuple(sorted({node for line in lines for node in open_criteria(line)})),
        peer_to_peer_settled=case.peer_to_peer is not None and case.peer_to_peer.is_settled,
        now=now,
    )


def open_criteria(line: LineAssessment) -> tuple[str, ...]:
    """What a clinician has to answer before anything adverse is signed: open criteria, and limits not known to be kept."""
    of_criteria = line.criteria.open_criteria if line.criteria is not None else ()
    return (*of_criteria, *(limit.rule_id for limit in line.limits if not limit.lets_pass))


def find(case: Case, task_id: str) -> Task | Refusal:
    """The open task, or why there is none."""
    task = case.tasks.get(task_id)
    if task is None:
        return refusal("task.unknown", "The case has no such task.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return refusal(
            "task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now."
        )
    return task


def own(message: ClaimTask | ReleaseTask | CompleteTask | TakeExtension) -> Iterator[Refusal]:
    if message.actor.id != message.reviewer_id:
        yield refusal("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


def professions_for(who: Reviewer, task: Task) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation.

    A pharmacist is no such role: where pharmacists may decide, they take the task with their own licence.
    """
    return task.professions if {task.role, Role.PHARMACIST} & set(who.roles) else ()


def claim(case: Case, message: ClaimTask, now: datetime) -> Iterator[Refusal]:
    yield from own(message)
    task = find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    yield from _free(task, message.reviewer_id)
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
    leads = sender is not None and sender.active and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
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
    yield from _free(task, message.reviewer_id)
    yield from _assignable(case, task, message.reviewer_id, now)
    misfit = tuple(fits_the_kind(task, message.outcome))
    yield from misfit or _by_outcome(case, task, message, now)


def fits_the_kind(task: Task, outcome: TaskOutcome) -> Iterator[Refusal]:
    if outcome not in ALLOWED[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED[task.kind]))
        yield refusal(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse.",
        )


def _free(task: Task, reviewer_id: str) -> Iterator[Refusal]:
    if task.assignee is not None and task.assignee != reviewer_id:
        yield refusal("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")


def _assignable(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[Refusal]:
    who = case.reviewers.get(reviewer_id)
    if who is None:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from may_work(who, (task.role, *task.also_for), professions_for(who, task), case.day(now))


def _by_outcome(case: Case, task: Task, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    match message.outcome:
        case TaskOutcome.APPROVE:
            yield from approval(case, task, message)
        case TaskOutcome.ASK:
            yield from _question(case, message, now)
        case TaskOutcome.REFER:
            yield from referral(case, task, message)
        case TaskOutcome.DECIDE:
            yield from _decision(case, task, message, now)
        case TaskOutcome.REFUSE:
            wrong = unfit(message.note or "")
            if wrong is not None:
                yield refusal(
                    "task.note",
                    f"A refusal to expedite needs its reason, in words for the member ({wrong}).",
                    "Say why the standard time does no harm.",
                )
        case _:
            pass


def _question(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    if not message.facts_to_ask:
        yield refusal(
            "task.facts", "A question needs the facts that are missing.", "Name at least one fact to ask for."
        )
    for wrong in sorted({wrong for fact in message.facts_to_ask if (wrong := unfit(fact)) is not None}):
        yield refusal(
            "task.facts", f"Nobody could answer this: {wrong}.", "Name each fact, or ask for it in a sentence."
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
    broken = why_not(signed, who, case.looked_at().decider, circumstances(case, task, now))
    yield from broken
    if not any(line.is_adverse for line in signed.lines):
        yield refusal(
            "decision.not_adverse", "Nothing in the decision is adverse.", "Use 'approve': it needs no signature."
        )
    if broken:
        return
    for line in signed.lines:
        if not line.is_adverse:
            yield from full(case, line)
        elif line.outcome is LineOutcome.APPROVED_IN_PART and not less_than_asked(case, line):
            yield refusal(
                "decision.partial",
                f"Line {line.line_id}: what is approved is not less than what was asked.",
                "Approve the line, or say how much of it is approved.",
            )
