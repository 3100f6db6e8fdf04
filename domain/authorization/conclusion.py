"""The end of a case: what its answers come to, the determination, and the closing."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.case import Case
from domain.authorization.parts import Route
from domain.authorization.views import line_rows, line_views
from domain.cases.journal_rows import clock_rows
from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import DECIDING_TASKS, OUTLASTING
from domain.cases.views import AnsweredLine, CaseStatus, LineView
from domain.clocks.engine import DueKind
from domain.journal import RULE, UMPIRE, Actor, EntryKind
from domain.vocabulary import LineOutcome, NoticeKind


def outcome_of(case: Case) -> CaseStatus:
    if case.withdrawal is not None:
        return CaseStatus.WITHDRAWN
    answers = [case.signed_answer(line.line_id) for line in case.looked_at().lines]
    outcomes = {answer[1].outcome for answer in answers if answer is not None}
    if outcomes:
        partly = bool(case.approvals) or LineOutcome.APPROVED_IN_PART in outcomes
        return CaseStatus.APPROVED_IN_PART if partly else CaseStatus.DENIED
    return CaseStatus.APPROVED if case.approvals else CaseStatus.NOT_REQUIRED


def conclude(case: Case, status: CaseStatus, now: datetime) -> None:
    """Make the determination of what rules approved and clinicians signed, and owe its letters. Nothing is open any more."""
    case.concluded = status
    case.extension = case.extended_due = case.expedite = None
    case.cancel_tasks(now, "the case is answered", *case.open_tasks(*DECIDING_TASKS))
    _end_waits(case)
    if status is CaseStatus.WITHDRAWN:
        case.owe(NoticeKind.WITHDRAWN)
        return
    if status in (CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART):
        case.authorization_number = "AU" + case.case_id.removeprefix("PA-")
    if status in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART):
        case.owe(NoticeKind.ADVERSE_DETERMINATION)
    elif case.approvals:
        case.owe(NoticeKind.APPROVAL)
    if Route.NOT_REQUIRED in case.routes.values():
        case.owe(NoticeKind.NOT_REQUIRED)
    case.decided_at = case.decided_at or now
    case.note(
        EntryKind.DETERMINATION_MADE,
        case.decided_at,
        f"Determination: {status.value.replace('_', ' ')}.",
        _decider(case),
        lines=line_rows(case),
    )


def answered(case: Case, now: datetime) -> ReviewAnswered:
    """What the review came to, for the process that asked for it. Raises LookupError when none did."""
    asked = case.stay
    if asked is None or case.concluded is None:
        raise LookupError(f"{case.case_id} has no answer that anybody waits for")
    return ReviewAnswered(
        message_id=f"{case.case_id}-answered",
        at=case.decided_at or now,
        actor=UMPIRE,
        case_id=case.case_id,
        purpose=asked.purpose,
        round=asked.round,
        status=case.concluded,
        lines=tuple(_as_heard(line) for line in line_views(case)),
        decided_at=case.decided_at,
        missed_due_at=min((one.due_at for one in case.missed if one.kind is DueKind.DECISION), default=None),
    )


def _as_heard(line: LineView) -> AnsweredLine:
    return AnsweredLine(
        line_id=line.line_id,
        outcome=line.outcome,
        approved_quantity=line.approved_quantity,
        approved_start=line.approved_start,
        approved_end=line.approved_end,
        by=line.decided_by,
    )


def _end_waits(case: Case) -> None:
    if case.information is not None and case.information.is_open:
        case.information.wait_ended = True
    if case.peer_to_peer is not None and not case.peer_to_peer.is_settled:
        case.peer_to_peer.ended = True


def _decider(case: Case) -> Actor:
    signed = case.standing_determinations()
    if signed:
        return Actor(kind="reviewer", id=signed[-1].signed.reviewer_id)
    people = sorted({approval.by for approval in case.approvals.values() if ":" not in approval.by})
    return Actor(kind="reviewer", id=people[0]) if people else RULE


def close(case: Case, status: CaseStatus, now: datetime) -> None:
    """Close the case. A missed clock stays on compliance's desk until somebody has looked at it, and a case file that has to
    go out stays owed: an approval that comes late does not undo what the lateness set off (42 CFR 423.568(h))."""
    moot = (task for task in case.open_tasks() if task.kind not in OUTLASTING)
    case.cancel_tasks(now, "the case is closed", *moot)
    case.status = status
    case.closed_at = now
    case.note(
        EntryKind.CLOSED,
        now,
        f"Case closed: {status.value.replace('_', ' ')}; every letter is out.",
        clocks=clock_rows(case),
    )
