"""The path of a retrospective review: given its file, what happens next. Pure, so that it can be tested without Temporal.

Nothing here answers against anybody. What was not authorized becomes a case, and is decided there under the rules of all cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.plain_language.phrases import counted
from domain.retrospective.case import RetrospectiveFile
from domain.retrospective.parts import Concern, Suspicion
from domain.retrospective.questions import Question
from domain.vocabulary import Role


@dataclass(frozen=True)
class LookAtClaim:
    """Look at the claim, the member's coverage, what was authorized, and the clocks after care."""


@dataclass(frozen=True)
class HandOverConcern:
    """Start the process of a concern about the care."""

    concern: Concern


@dataclass(frozen=True)
class OpenReview:
    """Put what was not authorized to a review: a case, with its clocks, its people and its letters."""

    review_id: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Settle:
    """Every line has its finding or its answer."""


@dataclass(frozen=True)
class Close:
    """Nobody owes anything any more."""


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The file is closed."""


Step = LookAtClaim | HandOverConcern | OpenReview | Settle | Close | Wait | Finish


def next_step(file: RetrospectiveFile, now: datetime) -> Step:
    """What happens next. Opens tasks on the way (journalled), and returns what needs the world."""
    if file.look is None:
        return LookAtClaim()
    _open_tasks(file, now)
    concern = next((one for one in file.concerns if not one.handed_over), None)
    if concern is not None:
        return HandOverConcern(concern)
    if file.settled_at is None:
        return _towards_the_end(file)
    if file.is_open and not file.open_tasks():
        return Close()
    return Wait() if file.is_open else Finish()


def _towards_the_end(file: RetrospectiveFile) -> Step:
    if file.review is not None:
        return Settle() if file.answer is not None else Wait()
    if not file.is_compared:
        return Wait()
    asked = file.questions()
    return OpenReview(review_id_of(file), asked) if asked else Settle()


def review_id_of(file: RetrospectiveFile) -> str:
    """The number of the case that decides what was not authorized: the same however often it is asked for."""
    return f"PA-{file.case_id.removeprefix('RR-')}R1"


def settle(file: RetrospectiveFile, now: datetime) -> None:
    """Every line has its finding or its answer. What matches an authorization is approved as authorized: that is final."""
    file.settled_at = now
    if file.answer is None:
        lines = counted(len(file.findings), "line")
        file.note(
            EntryKind.DETERMINATION_MADE,
            now,
            f"{lines}: authorized as billed, without need for authorization, or emergency care. Nothing is left to decide.",
        )


def close(file: RetrospectiveFile, now: datetime) -> None:
    """Close the file."""
    file.status, file.closed_at = CaseStatus.COMPLETED, now
    file.note(EntryKind.CLOSED, now, "Retrospective review completed.")


# -- who has to look at what -----------------------------------------------------------------------------------------------


def _open_tasks(file: RetrospectiveFile, now: datetime) -> None:
    if not file.is_open:
        return
    _ask_clinician(file, now)
    _ask_to_compare(file, now)
    _ask_coder(file, now)
    _ask_compliance(file, now)
    _ask_what_was_learned(file, now)


def _ask_clinician(file: RetrospectiveFile, now: datetime) -> None:
    """The presenting symptoms are judged by a clinician: first a nurse, and by a physician unless the nurse found an
    emergency. Software judges nothing here."""
    lines = file.emergencies()
    if not lines or file.open_task(TaskKind.EMERGENCY_JUDGMENT) is not None:
        return
    second = bool(file.judgments)
    why = "Judge by the presenting symptoms whether this was an emergency; the final diagnosis does not count."
    if second:
        why += " A nurse did not find that it was: only a physician may say so."
    file.new_task(
        TaskKind.EMERGENCY_JUDGMENT,
        Role.PHYSICIAN if second else Role.NURSE,
        why,
        now,
        file.before_decision(now, file.policy.emergency_hours),
        lines,
        professions=() if second else file.looked_up().nurse_professions,
    )


def _ask_to_compare(file: RetrospectiveFile, now: datetime) -> None:
    lines = file.doubtful()
    if not lines or file.review is not None or file.open_task(TaskKind.CLAIM_COMPARISON) is not None:
        return
    file.new_task(
        TaskKind.CLAIM_COMPARISON,
        Role.CODER,
        f"Compare {counted(len(lines), 'line')} with what was authorized: the records alone leave doubt.",
        now,
        file.before_decision(now, file.policy.comparison_hours),
        lines,
    )


def _ask_coder(file: RetrospectiveFile, now: datetime) -> None:
    check = file.looked_at().drg
    if check is None or not check.asks_person or _was_opened(file, TaskKind.DRG_REVIEW):
        return
    file.new_task(
        TaskKind.DRG_REVIEW,
        Role.CODER,
        f"Look at the billed DRG {check.billed_drg}: a signal, which changes no payment by itself.",
        now,
        now + timedelta(hours=file.policy.drg_hours),
    )


def _ask_compliance(file: RetrospectiveFile, now: datetime) -> None:
    for place, referral in enumerate(file.referrals, start=1):
        if any(t.kind is TaskKind.COMPLIANCE_REFERRAL and t.about == str(place) for t in file.tasks.values()):
            continue
        what = "coverage on the day of service" if referral.suspicion is Suspicion.COVERAGE else "a suspicion"
        file.new_task(
            TaskKind.COMPLIANCE_REFERRAL,
            Role.COMPLIANCE,
            f"Look into {what} ({referral.suspicion.value}); the review itself decides nothing about it.",
            now,
            now + timedelta(hours=file.policy.compliance_hours),
            about=str(place),
        )


def _ask_what_was_learned(file: RetrospectiveFile, now: datetime) -> None:
    if file.settled_at is None or not file.fell_short or _was_opened(file, TaskKind.CLAIM_LESSONS):
        return
    file.new_task(
        TaskKind.CLAIM_LESSONS,
        Role.NURSE,
        "Record what fell short, where in the process, and what would help the next time.",
        now,
        now + timedelta(hours=file.policy.lessons_hours),
    )


def _was_opened(file: RetrospectiveFile, kind: TaskKind) -> bool:
    return any(task.kind is kind for task in file.tasks.values())
