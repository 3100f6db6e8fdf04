"""How the tasks of a request may end. Who may take one at all stands in `domain.assignments`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.authorization.approval_checks import approval, full, less_than_asked, referral
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import Case
from domain.cases import assignment as assignments
from domain.cases.messages import CompleteTask
from domain.cases.tasks import ALLOWED, Task, TaskOutcome
from domain.decisions.determination import Circumstances, SignedDecision, why_not
from domain.errors import Refusal, refusal
from domain.plain_language.printable import unfit
from domain.vocabulary import LineOutcome


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


def complete(case: Case, message: CompleteTask, now: datetime) -> Iterator[Refusal]:
    yield from assignments.completable(case, message, now)
    task = assignments.find(case, message.task_id)
    if isinstance(task, Task) and message.outcome in ALLOWED[task.kind]:
        yield from _by_outcome(case, task, message, now)


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
    broken = (
        *why_not(signed, who, case.looked_at().decider, circumstances(case, task, now)),
        *_notice_in_time(case, signed, now),
    )
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


def _notice_in_time(case: Case, signed: SignedDecision, now: datetime) -> Iterator[Refusal]:
    """Approved care ends early only so many days after its notice: what is signed too late cannot take effect as announced."""
    asked = case.stay
    if asked is None or asked.effective_on is None or asked.days_of_notice is None:
        return
    earliest = case.day(now) + timedelta(days=asked.days_of_notice + 1)
    if asked.effective_on < earliest and any(line.is_adverse for line in signed.lines):
        yield refusal(
            "decision.notice",
            f"It takes effect on {asked.effective_on}, and a notice of today allows {earliest} at the earliest: "
            f"{asked.days_of_notice} days of notice ({asked.notice_citation}).",
            "Approve the days here, and propose the reduction anew for a later day.",
        )
