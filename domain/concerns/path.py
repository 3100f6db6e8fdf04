"""What comes next for a concern: the first look, a note where it was raised, the tasks that it asks for, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.cases.tasks import TaskKind
from domain.concerns.case import Concern, ConcernLook
from domain.journal import UMPIRE, Actor, EntryKind
from domain.plain_language.phrases import someone
from domain.vocabulary import Role


@dataclass(frozen=True)
class LookInto:
    """Look the person, the plan's rules and whoever is involved up."""


@dataclass(frozen=True)
class LeaveNote:
    """Tell the dossier in which it was raised that there is a concern, and nothing of what it says."""

    case_id: str


@dataclass(frozen=True)
class Work:
    """A task that is to be opened, and in how many business days it is due."""

    kind: TaskKind
    role: Role
    why: str
    business_days: int
    professions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """Find out when these tasks are due; `open_tasks` opens them then."""

    works: tuple[Work, ...]


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or time does."""


@dataclass(frozen=True)
class Finish:
    """The concern is closed."""


Step = LookInto | LeaveNote | Schedule | Wait | Finish
RAISED = {"quality": "a concern about quality", "safety": "a concern about safety", "care_management": "a referral"}


def next_step(concern: Concern, now: datetime) -> Step:
    """The next step. Closes the concern once its closing form is there."""
    if concern.policy is None:
        return LookInto()
    if not concern.noted:
        return LeaveNote(concern.about_case_id)
    if concern.closure is not None and concern.is_open:
        _close(concern, now)
    if not concern.is_open:
        return Finish()
    works = tuple(work for work in _owed(concern) if concern.open_task(work.kind) is None)
    return Schedule(works) if works else Wait()


def looked(concern: Concern, found: ConcernLook, now: datetime) -> None:
    """Take in what the first look found, and begin the journal. Days are counted in the plan's zone: no law sets them."""
    concern.take_person(found.person)
    concern.zone = found.person.plan_zone
    concern.policy, concern.involved, concern.triage_due = found.policy, found.involved, found.triage_due
    where = concern.about_task_id or concern.about_case_id
    concern.note(
        EntryKind.CONCERN_RAISED,
        concern.received_at,
        f"Raised {RAISED[concern.kind]}, at {where}.",
        UMPIRE if concern.raised_by == UMPIRE.id else Actor(kind="reviewer", id=concern.raised_by),
        raised_by=concern.raised_by,
    )
    rule = found.policy.triage_of(concern.kind)
    concern.new_task(TaskKind.CONCERN_TRIAGE, rule.role, f"Sort {RAISED[concern.kind]}", now, found.triage_due)


def open_tasks(concern: Concern, works: tuple[Work, ...], due_at: tuple[datetime, ...], now: datetime) -> None:
    """Open the tasks, each with its due instant (UTC)."""
    for work, due in zip(works, due_at, strict=True):
        concern.new_task(work.kind, work.role, work.why, now, due, professions=work.professions)


def _owed(concern: Concern) -> Iterator[Work]:
    """The work that the concern asks for now and that is not done. Nothing is owed before the triage is done."""
    if concern.triage is None:
        return
    works = (*_peer_review(concern), *_committee(concern), *_care_management(concern))
    yield from works
    if not works and concern.closure is None:
        role = Role.SUPERVISOR if concern.kind == "care_management" else Role.COMPLIANCE
        yield Work(
            TaskKind.CONCERN_CLOSURE,
            role,
            "Close it with finding and actions",
            concern.rules.closure_business_days.value,
        )


def _peer_review(concern: Concern) -> Iterator[Work]:
    triage, rules = concern.triage, concern.rules
    if triage is None or concern.peer_review is not None or "peer_review" not in triage.routes:
        return
    days = (
        rules.closure_business_days.value
        if triage.severity == "none"
        else rules.severity(triage.severity).business_days
    )
    role, professions = rules.peer_review_role, rules.peer_review_professions
    yield Work(
        TaskKind.CONCERN_PEER_REVIEW, role, f"Peer review by {someone(role)} without a part in it", days, professions
    )


def _committee(concern: Concern) -> Iterator[Work]:
    """Once the peer review is done, where there is one: the committee reads it."""
    triage, reviewed = concern.triage, concern.peer_review
    if triage is None or concern.committee is not None or ("peer_review" in triage.routes and reviewed is None):
        return
    asked = reviewed is not None and (reviewed.to_committee or concern.rules.severity(reviewed.severity).committee)
    if "committee" in triage.routes or asked:
        days = concern.rules.committee_business_days.value
        yield Work(TaskKind.CONCERN_COMMITTEE, Role.COMPLIANCE, "Put it before the quality committee", days)


def _care_management(concern: Concern) -> Iterator[Work]:
    """A referral that is not accepted goes to a supervisor once; one that is accepted owes its outcome."""
    triage, rules, tries = concern.triage, concern.rules, concern.referrals
    if triage is None or "care_management" not in triage.routes:
        return
    if tries and tries[-1].accepted:
        if concern.referral_outcome is None:
            days = rules.care_management_outcome_business_days.value
            yield Work(TaskKind.CARE_MANAGEMENT_OUTCOME, Role.NURSE, "Say what came of care management", days)
    elif len(tries) < 2:
        days = rules.care_management_acceptance_business_days.value
        role, why = (
            (Role.SUPERVISOR, "Find somebody who takes the member on") if tries else (Role.NURSE, "Accept the referral")
        )
        yield Work(TaskKind.CARE_MANAGEMENT_REFERRAL, role, why, days)


def _close(concern: Concern, now: datetime) -> None:
    concern.cancel_tasks(now, "the concern is closed", *concern.open_tasks())
    concern.closed_at = now
    concern.note(EntryKind.CLOSED, now, "The concern is closed, with its finding and actions.", UMPIRE)
