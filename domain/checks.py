"""The one judge of messages: signals and updates both come here, and both hear the same reasons.

Nothing here changes a case. `refusals(case, message, now)` tells every rule a message breaks; an empty answer means that
`casework.apply` may carry it out. `now` is the workflow's clock in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.case import Case
from domain.clocks import ExtensionReason
from domain.decisions import STAMP_SKEW, Circumstances, LineDecision, may_work, why_not
from domain.errors import Refusal
from domain.messages import (
    AddDocuments,
    CaseMessage,
    ClaimTask,
    CompleteTask,
    CorrectRequest,
    NoteDuplicate,
    ReassignTask,
    ReleaseTask,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    Withdraw,
)
from domain.plan import Reviewer
from domain.tasks import ALLOWED, Task, TaskOutcome
from domain.vocabulary import Role, Urgency

EXTENSION_ROLES = frozenset({Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_DIRECTOR, Role.SUPERVISOR})


def no(rule: str, message: str, way_out: str) -> Refusal:
    return Refusal(rule=rule, message=message, way_out=way_out)


def refusals(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that `message` breaks."""
    return tuple(_stamp(case, message, now)) + tuple(_open(case, message)) or tuple(_by_kind(case, message, now))


def refusals_at_sight(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody: for validators, which must not look anything up.

    What passes here is judged in full by `refusals`, on fresh records of the people involved.
    """
    broken = [*_stamp(case, message, now), *_open(case, message)]
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask):
        broken += _own(message)
    if isinstance(message, ClaimTask | ReleaseTask | ReassignTask | CompleteTask):
        task = _find(case, message.task_id)
        if isinstance(task, Refusal):
            broken.append(task)
        elif isinstance(message, CompleteTask):
            broken += _fits_the_kind(task, message.outcome)
    return tuple(broken)


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


def _stamp(case: Case, message: CaseMessage, now: datetime) -> Iterator[Refusal]:
    if message.at > now + STAMP_SKEW:
        yield no(
            "message.stamp", "The time of acting lies in the future.", "Correct the clock where you act and send again."
        )
    if message.at < case.received_at:
        yield no(
            "message.stamp",
            "The time of acting lies before the request was received.",
            "Correct the clock and send again.",
        )


def _open(case: Case, message: CaseMessage) -> Iterator[Refusal]:
    if not case.is_open and not isinstance(
        message, NoteDuplicate | ClaimTask | ReleaseTask | ReassignTask | CompleteTask
    ):
        yield no(
            "case.closed", f"The case is closed ({case.status.value}).", "Send a new request, or appeal the decision."
        )
    elif case.concluded is not None and isinstance(
        message, Withdraw | CorrectRequest | TakeExtension | RequestExpedite
    ):
        yield no(
            "case.decided",
            "The case is decided; its letters are on the way.",
            "Appeal the decision, or send a new request.",
        )


def _by_kind(case: Case, message: CaseMessage, now: datetime) -> Iterator[Refusal]:
    match message:
        case ClaimTask():
            yield from _claim(case, message, now)
        case ReleaseTask():
            yield from _release(case, message)
        case ReassignTask():
            yield from _reassign(case, message, now)
        case CompleteTask():
            yield from _complete(case, message, now)
        case TakeExtension():
            yield from _extension(case, message, now)
        case RequestExpedite():
            if case.urgency is Urgency.EXPEDITED:
                yield no("expedite.already", "The case is expedited already.", "Nothing needs to be done.")
            elif case.expedite is not None and message.physician_statement is not True:
                yield no(
                    "expedite.pending",
                    "A request to expedite is being decided.",
                    "A physician's statement makes it mandatory.",
                )
        case SettlePeerToPeer():
            if case.peer_to_peer is None or case.peer_to_peer.is_settled:
                yield no(
                    "peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already."
                )
        case AddDocuments() | CorrectRequest() | Withdraw() | NoteDuplicate():
            pass


def _find(case: Case, task_id: str) -> Task | Refusal:
    task = case.tasks.get(task_id)
    if task is None:
        return no("task.unknown", f"The case has no task {task_id}.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return no("task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now.")
    return task


def _own(message: ClaimTask | ReleaseTask | CompleteTask | TakeExtension) -> Iterator[Refusal]:
    if message.actor.id != message.reviewer_id:
        yield no("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


def _assignable(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[Refusal]:
    who = case.reviewers.get(reviewer_id)
    if who is None:
        yield no("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from may_work(who, (task.role, *task.also_for), professions_for(who, task), case.day(now))


def professions_for(who: Reviewer, task: Task) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation."""
    return task.professions if task.role in who.roles else ()


def _claim(case: Case, message: ClaimTask, now: datetime) -> Iterator[Refusal]:
    yield from _own(message)
    task = _find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    if task.assignee is not None and task.assignee != message.reviewer_id:
        yield no("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")
    yield from _assignable(case, task, message.reviewer_id, now)


def _release(case: Case, message: ReleaseTask) -> Iterator[Refusal]:
    yield from _own(message)
    task = _find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
    elif task.assignee != message.reviewer_id:
        yield no("task.not_yours", "The task is not yours to release.", "Only who claimed it can release it.")


def _reassign(case: Case, message: ReassignTask, now: datetime) -> Iterator[Refusal]:
    task = _find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    sender = case.reviewers.get(message.actor.id)
    leads = sender is not None and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
    if not leads and task.assignee != message.actor.id:
        yield no(
            "task.reassign", "Only a supervisor, a medical director or the assignee may reassign.", "Ask one of them."
        )
    yield from _assignable(case, task, message.reviewer_id, now)


def _complete(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    yield from _own(message)
    task = _find(case, message.task_id)
    if isinstance(task, Refusal):
        yield task
        return
    if message.at < task.opened_at - STAMP_SKEW:
        yield no(
            "message.stamp", "The time of acting lies before the task was opened.", "Correct the clock and send again."
        )
    if task.assignee is not None and task.assignee != message.reviewer_id:
        yield no("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")
    yield from _assignable(case, task, message.reviewer_id, now)
    misfit = tuple(_fits_the_kind(task, message.outcome))
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
                yield no(
                    "task.note", "A refusal to expedite needs its reason.", "Say why the standard time does no harm."
                )
        case _:
            pass


def _fits_the_kind(task: Task, outcome: TaskOutcome) -> Iterator[Refusal]:
    if outcome not in ALLOWED[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED[task.kind]))
        yield no(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse.",
        )


def _approval(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    if sorted(line.line_id for line in message.lines) != sorted(task.line_ids):
        yield no("task.lines", "Each line of the task must be answered once.", f"Answer: {', '.join(task.line_ids)}.")
        return
    for line in message.lines:
        yield from _full(case, line)
        yield from _within_benefit(case, task, line)


def _referral(case: Case, task: Task, message: CompleteTask) -> Iterator[Refusal]:
    """A referral may approve some lines on the way; at least one is left for the physician."""
    if not (message.recommendation or "").strip():
        yield no(
            "task.recommendation", "A referral needs a recommendation.", "Say what you found and what you suggest."
        )
    named = [line.line_id for line in message.lines]
    if len(set(named)) < len(named) or not set(named) < set(task.line_ids):
        yield no(
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
        yield no(
            "decision.adverse_needs_signature",
            f"Line {line.line_id}: approving less than was asked is an adverse decision.",
            "Approve what was asked, or refer it: only a physician's signed decision can be adverse.",
        )


def _within_benefit(case: Case, task: Task, line: LineDecision) -> Iterator[Refusal]:
    """Beyond a benefit limit a nurse refers; a physician may make the exception."""
    benefit = case.looked_at().line(line.line_id).benefit
    if task.role is Role.NURSE and benefit is not None and benefit.fits is False:
        yield no(
            "benefit.limit",
            f"Line {line.line_id} goes beyond the benefit limit ({benefit.used} of {benefit.limit} {benefit.unit} used).",
            "Refer it: an exception to a benefit limit is for a physician.",
        )


def _question(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    if not message.facts_to_ask:
        yield no("task.facts", "A question needs the facts that are missing.", "Name at least one fact to ask for.")
    due = case.due()
    if due is None or due[1].at <= now:
        yield no(
            "clock.no_time", "The clock leaves no time to wait for an answer.", "Decide or refer on what is there."
        )
    if case.information is not None and case.information.is_open:
        yield no(
            "information.open", "The provider has been asked already and can still answer.", "Wait for the answer."
        )


def _decision(case: Case, task: Task, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    who, signed = case.reviewers.get(message.reviewer_id), message.signed
    if signed is None:
        yield no("decision.unsigned", "A decision must be signed.", "Complete the decision form and sign it.")
        return
    if who is None:
        return
    yield from why_not(signed, who, case.looked_at().decider, circumstances(case, task, now))
    if not any(line.is_adverse for line in signed.lines):
        yield no("decision.not_adverse", "Nothing in the decision is adverse.", "Use 'approve': it needs no signature.")
    for line in signed.lines:
        if not line.is_adverse:
            yield from _full(case, line)


def _extension(case: Case, message: TakeExtension, now: datetime) -> Iterator[Refusal]:
    yield from _own(message)
    who = case.reviewers.get(message.reviewer_id)
    if who is None:
        yield no("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    elif not EXTENSION_ROLES & set(who.roles):
        yield no(
            "extension.role", "The reviewer's role may not take an extension.", "Ask a nurse, physician or supervisor."
        )
    if case.extension is not None:
        yield no("extension.pending", "An extension is being taken already.", "Wait for its letter.")
    due = case.due()
    if due is None:
        yield no("extension.no_clock", "No decision clock runs.", "Nothing needs to be extended.")
        return
    clock, _ = due
    wrong = clock.why_not_extend(ExtensionReason(message.reason), now)
    if wrong is not None:
        yield no(
            f"{clock.rule_id}.extension", f"{clock.title}: {wrong}.", f"Decide by the due instant ({clock.citation})."
        )
    terms = clock.may_extend
    stops = terms is not None and terms.stops_for is not None and terms.stops_for.value == message.reason
    least = terms.least_days_given if terms is not None and stops else None
    if wrong is None and least is not None and (message.days_given or 0) < least:
        yield no(
            f"{clock.rule_id}.extension",
            f"The notice must give at least {least} days to send what is missing.",
            f"Give {least} days or more ({clock.citation}).",
        )
    if not message.justification.strip():
        yield no("extension.justification", "An extension needs its reason.", "Say why, in words for the member.")
