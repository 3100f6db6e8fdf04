"""The path of a retrospective review, step by step. Deterministic and without I/O.

Nothing here is an adverse answer. Care that was not authorized becomes an authorization case and is decided there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.case_numbers import post_service_number
from domain.cases.steps import CloseCase, Finish, Wait
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import ClockEvent, EventKind
from domain.journal import EntryKind
from domain.plain_language.phrases import count_phrase
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.parts import ReportedConcern, Suspicion
from domain.retrospective.questions import ReviewQuestion
from domain.vocabulary import Role


@dataclass(frozen=True)
class LookUpClaim:
    """Look up the claim, the member's coverage, the authorizations, and the clocks after care."""


@dataclass(frozen=True)
class StartConcernCase:
    """Start the case of a concern about the care."""

    concern: ReportedConcern


@dataclass(frozen=True)
class OpenPostServiceReview:
    """Open an authorization case for the care that was not authorized, with its clocks, reviewers and letters."""

    review_id: str
    questions: tuple[ReviewQuestion, ...]


@dataclass(frozen=True)
class SettleClaim:
    """Every line has its finding or its answer."""


RetrospectiveStep = LookUpClaim | StartConcernCase | OpenPostServiceReview | SettleClaim | CloseCase | Wait | Finish


def advance(file: RetrospectiveCase, now: datetime) -> RetrospectiveStep:
    """Advance the case to its next step. Deterministic, no I/O; opens tasks and journals on the way."""
    if file.look is None:
        return LookUpClaim()
    _open_tasks(file, now)
    concern = next((one for one in file.concerns if not one.handed_over), None)
    if concern is not None:
        return StartConcernCase(concern)
    if file.settled_at is None:
        return _next_review_step(file)
    if file.is_open and not file.open_tasks():
        return CloseCase(CaseStatus.COMPLETED)
    return Wait() if file.is_open else Finish()


def _next_review_step(file: RetrospectiveCase) -> RetrospectiveStep:
    if file.review is not None:
        return SettleClaim() if file.answer is not None else Wait()
    if not file.is_compared:
        return Wait()
    asked = file.questions()
    return OpenPostServiceReview(post_service_number(file.case_id), asked) if asked else SettleClaim()


def mark_settled(file: RetrospectiveCase, now: datetime) -> None:
    """Mark that every line has its finding or its answer. Lines that match an authorization are approved; that is final.

    The decision stands with the clock events of the claim, for the clocks that count from it. Where a review case decided, they
    run there, with the letters: nothing is denied here.
    """
    file.settled_at = now
    decided_at = file.answer.decided_at if file.answer is not None else None
    file.clock_events.append(ClockEvent(kind=EventKind.DECISION_MADE, at=decided_at or now))
    if file.answer is None:
        lines = count_phrase(len(file.findings), "line")
        file.note(
            EntryKind.DETERMINATION_MADE,
            now,
            f"{lines}: authorized as billed, without need for authorization, or emergency care. Nothing is left to decide.",
        )


def close_case(file: RetrospectiveCase, now: datetime) -> None:
    """CloseCase the case."""
    file.status, file.closed_at = CaseStatus.COMPLETED, now
    file.note(EntryKind.CLOSED, now, "Retrospective review completed.")


# -- tasks ---------------------------------------------------------------------------------------------------------------


def _open_tasks(file: RetrospectiveCase, now: datetime) -> None:
    if not file.is_open:
        return
    _ask_clinician(file, now)
    _ask_to_compare(file, now)
    _ask_coder(file, now)
    _ask_compliance(file, now)
    _ask_for_lessons(file, now)


def _ask_clinician(file: RetrospectiveCase, now: datetime) -> None:
    """Open the task to judge the presenting symptoms: first for a nurse, then for a physician unless the nurse found an
    emergency. Software judges nothing here."""
    lines = file.unjudged_emergency_lines()
    if not lines or file.open_task(TaskKind.EMERGENCY_JUDGMENT) is not None:
        return
    second = bool(file.judgments)
    why = "Judge by the presenting symptoms whether this was an emergency; the final diagnosis does not count."
    if second:
        why += " A nurse did not find that it was: only a physician may say so."
    file.add_task(
        TaskKind.EMERGENCY_JUDGMENT,
        Role.PHYSICIAN if second else Role.NURSE,
        why,
        now,
        file.task_due_at(now, file.policy.emergency_hours),
        lines,
        professions=() if second else file.member_context().nurse_professions,
    )


def _ask_to_compare(file: RetrospectiveCase, now: datetime) -> None:
    lines = file.doubtful()
    if not lines or file.review is not None or file.open_task(TaskKind.CLAIM_COMPARISON) is not None:
        return
    file.add_task(
        TaskKind.CLAIM_COMPARISON,
        Role.CODER,
        f"Compare {count_phrase(len(lines), 'line')} with the authorization: the records alone do not settle it.",
        now,
        file.task_due_at(now, file.policy.comparison_hours),
        lines,
    )


def _ask_coder(file: RetrospectiveCase, now: datetime) -> None:
    check = file.require_context().drg
    if check is None or not check.asks_person or _was_opened(file, TaskKind.DRG_REVIEW):
        return
    file.add_task(
        TaskKind.DRG_REVIEW,
        Role.CODER,
        f"Review the billed DRG {check.billed_drg}: a signal, which changes no payment by itself.",
        now,
        now + timedelta(hours=file.policy.drg_hours),
    )


def _ask_compliance(file: RetrospectiveCase, now: datetime) -> None:
    for place, referral in enumerate(file.referrals, start=1):
        if any(t.kind is TaskKind.COMPLIANCE_REFERRAL and t.about == str(place) for t in file.tasks.values()):
            continue
        what = "coverage on the day of service" if referral.suspicion is Suspicion.COVERAGE else "a suspicion"
        file.add_task(
            TaskKind.COMPLIANCE_REFERRAL,
            Role.COMPLIANCE,
            f"Investigate {what} ({referral.suspicion.value}); the review itself does not decide it.",
            now,
            now + timedelta(hours=file.policy.compliance_hours),
            about=str(place),
        )


def _ask_for_lessons(file: RetrospectiveCase, now: datetime) -> None:
    if file.settled_at is None or not file.has_shortcomings or _was_opened(file, TaskKind.CLAIM_LESSONS):
        return
    file.add_task(
        TaskKind.CLAIM_LESSONS,
        Role.NURSE,
        "Record what fell short, where in the process, and what would help the next time.",
        now,
        now + timedelta(hours=file.policy.lessons_hours),
    )


def _was_opened(file: RetrospectiveCase, kind: TaskKind) -> bool:
    return any(task.kind is kind for task in file.tasks.values())
