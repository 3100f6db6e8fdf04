"""The path of a concern: context lookup, a note in the case at issue, its tasks, and its closure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.cases.steps import Finish, LookUpContext, Wait
from domain.cases.tasks import TaskKind
from domain.concerns.case import ConcernContext, QualityConcernCase
from domain.journal import UMPIRE, Actor, EntryKind
from domain.plain_language.phrases import role_phrase
from domain.vocabulary import Role


@dataclass(frozen=True)
class NotifyOriginCase:
    """Notify the case in which the concern was raised that it exists, without its content."""

    case_id: str


@dataclass(frozen=True)
class PlannedTask:
    """A task to be opened, and the business days until it is due."""

    kind: TaskKind
    role: Role
    why: str
    business_days: int
    professions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScheduleTasks:
    """Compute the due instants of these tasks; `open_tasks` then opens them."""

    works: tuple[PlannedTask, ...]


ConcernStep = LookUpContext | NotifyOriginCase | ScheduleTasks | Wait | Finish
CONCERN_PHRASES = {
    "quality": "a concern about quality",
    "safety": "a concern about safety",
    "care_management": "a referral",
}


def advance(concern: QualityConcernCase, now: datetime) -> ConcernStep:
    """Advance the concern to its next step. Deterministic, no I/O; closes it (journaled) once its closure form is there."""
    if concern.policy is None:
        return LookUpContext()
    if not concern.noted:
        return NotifyOriginCase(concern.about_case_id)
    if concern.closure is not None and concern.is_open:
        _close(concern, now)
    if not concern.is_open:
        return Finish()
    works = tuple(work for work in _pending_tasks(concern) if concern.open_task(work.kind) is None)
    return ScheduleTasks(works) if works else Wait()


def record_context(concern: QualityConcernCase, found: ConcernContext, now: datetime) -> None:
    """Record the looked-up context, begin the journal and open triage. Days count in the plan's zone: no law sets them."""
    concern.set_member_context(found.person)
    concern.zone = found.person.plan_zone
    concern.policy, concern.involved, concern.triage_due = found.policy, found.involved, found.triage_due
    where = concern.about_task_id or concern.about_case_id
    concern.note(
        EntryKind.CONCERN_RAISED,
        concern.received_at,
        f"Raised {CONCERN_PHRASES[concern.kind]}, at {where}.",
        UMPIRE if concern.raised_by == UMPIRE.id else Actor(kind="reviewer", id=concern.raised_by),
        raised_by=concern.raised_by,
    )
    rule = found.policy.triage_rule(concern.kind)
    concern.add_task(
        TaskKind.CONCERN_TRIAGE, rule.role, f"Triage {CONCERN_PHRASES[concern.kind]}", now, found.triage_due
    )


def open_tasks(
    concern: QualityConcernCase, works: tuple[PlannedTask, ...], due_at: tuple[datetime, ...], now: datetime
) -> None:
    """Open the tasks, each with its due instant (UTC)."""
    for work, due in zip(works, due_at, strict=True):
        concern.add_task(work.kind, work.role, work.why, now, due, professions=work.professions)


def _pending_tasks(concern: QualityConcernCase) -> Iterator[PlannedTask]:
    """The tasks that the concern needs now. None before triage is done."""
    if concern.triage is None:
        return
    works = (*_peer_review_task(concern), *_committee_task(concern), *_care_management_task(concern))
    yield from works
    if not works and concern.closure is None:
        role = Role.SUPERVISOR if concern.kind == "care_management" else Role.COMPLIANCE
        yield PlannedTask(
            TaskKind.CONCERN_CLOSURE,
            role,
            "Close it with finding and actions",
            concern.rules.closure_business_days.value,
        )


def _peer_review_task(concern: QualityConcernCase) -> Iterator[PlannedTask]:
    triage, rules = concern.triage, concern.rules
    if triage is None or concern.peer_review is not None or "peer_review" not in triage.routes:
        return
    days = (
        rules.closure_business_days.value
        if triage.severity == "none"
        else rules.severity(triage.severity).business_days
    )
    role, professions = rules.peer_review_role, rules.peer_review_professions
    yield PlannedTask(
        TaskKind.CONCERN_PEER_REVIEW,
        role,
        f"Peer review by {role_phrase(role)} without a part in it",
        days,
        professions,
    )


def _committee_task(concern: QualityConcernCase) -> Iterator[PlannedTask]:
    """The committee task, after the peer review where there is one."""
    triage, reviewed = concern.triage, concern.peer_review
    if triage is None or concern.committee is not None or ("peer_review" in triage.routes and reviewed is None):
        return
    asked = reviewed is not None and (reviewed.to_committee or concern.rules.severity(reviewed.severity).committee)
    if "committee" in triage.routes or asked:
        days = concern.rules.committee_business_days.value
        yield PlannedTask(TaskKind.CONCERN_COMMITTEE, Role.COMPLIANCE, "Present it to the quality committee", days)


def _care_management_task(concern: QualityConcernCase) -> Iterator[PlannedTask]:
    """The care management task: a declined referral goes to a supervisor once; an accepted one needs its outcome."""
    triage, rules, tries = concern.triage, concern.rules, concern.referrals
    if triage is None or "care_management" not in triage.routes:
        return
    if tries and tries[-1].accepted:
        if concern.referral_outcome is None:
            days = rules.care_management_outcome_business_days.value
            yield PlannedTask(
                TaskKind.CARE_MANAGEMENT_OUTCOME, Role.NURSE, "Record the outcome of care management", days
            )
    elif len(tries) < 2:
        days = rules.care_management_acceptance_business_days.value
        role, why = (
            (Role.SUPERVISOR, "Find a care manager for the member") if tries else (Role.NURSE, "Accept the referral")
        )
        yield PlannedTask(TaskKind.CARE_MANAGEMENT_REFERRAL, role, why, days)


def _close(concern: QualityConcernCase, now: datetime) -> None:
    concern.cancel_tasks(now, "the concern is closed", *concern.open_tasks())
    concern.closed_at = now
    concern.note(EntryKind.CLOSED, now, "The concern is closed, with its finding and actions.", UMPIRE)
