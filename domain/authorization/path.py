"""The path of a prior authorization: the steps that move a case to its determination, without I/O.

Software approves, asks or routes. No step here makes an adverse decision: `MakeDetermination` only carries out what rules
approved and clinicians signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.authorization import benefit_units, clock_tracking, forwarding, letter_events
from domain.authorization.benefit_reviews import effects as benefit_reviews
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.window import vacate_until
from domain.authorization.conclusion import case_outcome
from domain.authorization.grievances import expedited
from domain.authorization.intake_findings import grant_temporary_supplies, unclaimed_supplies
from domain.authorization.orders import Reservation
from domain.authorization.parts import CasePhase
from domain.authorization.routing import (
    ask_provider,
    cancel_outdated_reviews,
    open_reviews,
    realign_due_dates,
    route_by_rule,
    task_due_date,
)
from domain.cases import letter_tracking
from domain.cases.steps import CloseCase, ComputeClocks, DeliverLetters, Finish, Wait
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.requests.remarks import URGENCY_RULE
from domain.vocabulary import NoticeKind, Role


@dataclass(frozen=True)
class AssessRequest:
    """Assess (again) the request, the coverage, the authorization requirement and the criteria."""


@dataclass(frozen=True)
class WriteNotices:
    """Write the pending notices before the case continues."""

    notices: tuple[NoticeKind, ...]


@dataclass(frozen=True)
class SendExtensionNotice:
    """Send the extension notice; the extension takes effect only once it is mailed."""


@dataclass(frozen=True)
class ReserveUnits:
    """Reserve the benefit units of the approvals before any letter states them."""

    reservations: tuple[Reservation, ...]


@dataclass(frozen=True)
class ClaimSupplies:
    """Claim the temporary supplies of lines that wait, before they are granted: another case may ask for the same drug."""

    offers: tuple[SupplyOffer, ...]


@dataclass(frozen=True)
class MakeDetermination:
    """Make the determination and queue its letters: every line is decided."""

    status: CaseStatus


@dataclass(frozen=True)
class ReportReview:
    """Report the result of the review to the case that requested it."""

    process_id: str


@dataclass(frozen=True)
class TellDecidedCase:
    """Put on the journal of the decided case that this request came after its decision, or how it ended."""

    about: str


AuthorizationStep = (
    AssessRequest
    | ComputeClocks
    | WriteNotices
    | DeliverLetters
    | SendExtensionNotice
    | ReserveUnits
    | ClaimSupplies
    | MakeDetermination
    | ReportReview
    | TellDecidedCase
    | CloseCase
    | Wait
    | Finish
)


def advance(case: AuthorizationCase, now: datetime) -> AuthorizationStep:
    """Advance the case to its next step. Deterministic, no I/O; opens tasks, requests information and journals on the way."""
    if case.look_needed and case.phase < CasePhase.CONCLUDED:
        return AssessRequest()
    if case.clocks_stale:
        return ComputeClocks()
    if case.after is not None and case.follow_ups_told < follow_ups_to_tell(case):
        return TellDecidedCase(case.after.asked.case_id)
    forwarding.open_forwarding_task(case, now)
    expedited.open_task(case, now)
    step = _review_step(case, now) if case.phase < CasePhase.CONCLUDED else _report_step(case)
    return step or _letter_step(case, now) or _closing_step(case, now)


def follow_ups_to_tell(case: AuthorizationCase) -> int:
    """The times that the decided case has to have been told of this one by now: that it came, and of each end."""
    return (1 if case.concluded is None else 2) + case.told_in_vain


def _report_step(case: AuthorizationCase) -> AuthorizationStep | None:
    if case.stay is None or case.after is not None or case.ending.reported:
        return None  # a request after a decision tells its decided case as it goes
    return ReportReview(case.stay.process_id)


def _letter_step(case: AuthorizationCase, now: datetime) -> AuthorizationStep | None:
    letter_events.drop_moot_letters(case, now)
    if case.owed_letters:
        return WriteNotices(tuple(case.owed_letters))
    ready = letter_tracking.deliverable_letters(case, now)
    return DeliverLetters(ready) if ready else None


def _closing_step(case: AuthorizationCase, now: datetime) -> AuthorizationStep:
    letters_out = not case.blocked_letters and not case.unsent_letters()
    if case.concluded is not None and case.is_open and letters_out and not clock_tracking.is_call_awaited(case):
        return CloseCase(case.concluded)
    until = vacate_until(case)
    may_be_vacated = until is not None and now <= until
    return Wait() if case.is_open or case.open_tasks() or may_be_vacated else Finish()


def _review_step(case: AuthorizationCase, now: datetime) -> AuthorizationStep | None:
    realign_due_dates(case, now)
    if case.is_covered:
        case.cancel_tasks(now, "coverage is known", *case.open_tasks(TaskKind.COVERAGE_QUESTION))
        if not case.ends_undecided and _may_be_reviewed(case):
            route_by_rule(case, now)
            if offers := unclaimed_supplies(case):
                return ClaimSupplies(offers)
            grant_temporary_supplies(case, now)
    cancel_outdated_reviews(case, now)
    if case.phase is CasePhase.ANSWERED:
        units = benefit_units.needed_reservations(case)
        settled = benefit_units.are_settled(case, units)
        return MakeDetermination(case_outcome(case)) if settled else ReserveUnits(units)
    if not _may_be_reviewed(case):
        _open_question_after_decision(case, now)
        return None
    if case.extending.taken is not None and not letter_events.is_extension_pending(case):
        return SendExtensionNotice()
    _open_expedite_decision(case, now)
    _flag_missing_clock(case, now)
    if not case.is_covered and not case.coverage_set_aside:
        _open_coverage_question(case, now)
        return None
    ask_provider(case, now)
    open_reviews(case, now)
    benefit_reviews.open_tasks(case, now)
    return None


def _open_expedite_decision(case: AuthorizationCase, now: datetime) -> None:
    """Open the decision on a request to expedite without a physician's statement. Until a clinician decides, a case received as
    expedited stays expedited, because waiting must not harm the member."""
    asked = case.expediting.asked
    if asked is None or case.open_task(TaskKind.EXPEDITE_DECISION) is not None:
        return
    policy = case.require_context().policy
    why = f"The {asked.asked_by.value} asks for an expedited review without a physician's statement."
    if any(remark.rule == URGENCY_RULE for remark in case.require_context().remarks):
        why = "How urgent the request is could not be read: look at the document, and decide whether to expedite."
    case.add_task(
        TaskKind.EXPEDITE_DECISION,
        policy.expedite_decision_role,
        why,
        now,
        now + timedelta(hours=policy.expedite_decision_hours),
    )


def _flag_missing_clock(case: AuthorizationCase, now: datetime) -> None:
    """Open a compliance task for a case without a decision clock, which otherwise would never be late."""
    if case.decision_deadline() is not None or any(task.kind is TaskKind.NO_CLOCK for task in case.tasks.values()):
        return
    case.add_task(
        TaskKind.NO_CLOCK,
        Role.COMPLIANCE,
        "No decision clock of the rulebook binds this case: find out by when it has to be decided, and see to it.",
        now,
        now + timedelta(hours=case.require_context().policy.missed_clock_task_hours),
    )


def _open_coverage_question(case: AuthorizationCase, now: datetime) -> None:
    if case.open_task(TaskKind.COVERAGE_QUESTION) is not None:
        return
    found = case.require_context()
    case.add_task(
        TaskKind.COVERAGE_QUESTION,
        Role.INTAKE,
        found.coverage_note,
        now,
        task_due_date(case, now, now + timedelta(hours=found.policy.coverage_question_hours)),
        tuple(line.line_id for line in found.lines),
        also_for=(Role.ENROLLMENT,),
    )


def _may_be_reviewed(case: AuthorizationCase) -> bool:
    """Whether the lines go through the review; what is asked after a decision does so by its rule."""
    return case.after is None or case.after.may_be_reviewed


def _open_question_after_decision(case: AuthorizationCase, now: datetime) -> None:
    """Ask people of appeals what becomes of a request that the rule alone does not reopen. Nothing is refused by it."""
    found = case.after
    if found is None or case.open_task(TaskKind.AFTER_DECISION) is not None:
        return
    why = (
        f"Asked to reopen {found.asked.case_id}: {found.because}. "
        "Grant: it is reviewed again. Acknowledge: it is kept for the appeal."
    )
    lines = tuple(line.line_id for line in case.require_context().lines)
    case.add_task(TaskKind.AFTER_DECISION, Role.APPEALS, why, now, task_due_date(case, now), lines)
