"""The end of a case: the determination of what rules approved and clinicians signed, and the closing."""

from __future__ import annotations

from datetime import datetime

from domain.case import Case, Route
from domain.journal import RULE, Actor, EntryKind
from domain.tasks import TaskKind
from domain.views import CaseStatus
from domain.vocabulary import LineOutcome, NoticeKind


def outcome_of(case: Case) -> CaseStatus:
    """What the answers to all lines amount to."""
    if case.adverse is not None:
        partly = bool(case.approvals) or any(line.outcome is not LineOutcome.DENIED for line in case.adverse.lines)
        return CaseStatus.APPROVED_IN_PART if partly else CaseStatus.DENIED
    return CaseStatus.APPROVED if case.approvals else CaseStatus.NOT_REQUIRED


def conclude(case: Case, status: CaseStatus, now: datetime) -> None:
    """Make the determination of what rules approved and clinicians signed, and owe its letters."""
    case.concluded = status
    if status is CaseStatus.WITHDRAWN:
        case.owed_letters.append(NoticeKind.WITHDRAWN)
        return
    if case.approvals or status is CaseStatus.APPROVED_IN_PART:
        case.authorization_number = "AU" + case.case_id.removeprefix("PA-")
    if case.adverse is not None:
        case.owed_letters.append(NoticeKind.ADVERSE_DETERMINATION)
    elif case.approvals:
        case.owed_letters.append(NoticeKind.APPROVAL)
    if Route.NOT_REQUIRED in case.routes.values():
        case.owed_letters.append(NoticeKind.NOT_REQUIRED)
    case.decided_at = case.decided_at or now
    case.note(
        EntryKind.DETERMINATION_MADE,
        case.decided_at,
        f"Determination: {status.value.replace('_', ' ')}.",
        _decider(case),
        lines=case.line_views(),
    )


def _decider(case: Case) -> Actor:
    if case.adverse is not None:
        return Actor(kind="reviewer", id=case.adverse.signed.reviewer_id)
    people = sorted({approval.by for approval in case.approvals.values() if ":" not in approval.by})
    return Actor(kind="reviewer", id=people[0]) if people else RULE


def close(case: Case, status: CaseStatus, now: datetime) -> None:
    """Close the case. A missed clock stays on compliance's desk until somebody has looked at it."""
    case.cancel_tasks(now, "the case is closed", *(kind for kind in TaskKind if kind is not TaskKind.MISSED_CLOCK))
    case.status = status
    case.closed_at = now
    case.note(
        EntryKind.CLOSED,
        now,
        f"Case closed: {status.value.replace('_', ' ')}; every letter is out.",
        clocks=case.clock_views(),
    )
