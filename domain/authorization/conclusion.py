"""The conclusion of an authorization case: its outcome, the determination, and the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.authorization.case import AuthorizationCase
from domain.authorization.closings import effects as closing_effects
from domain.authorization.parts import Route
from domain.authorization.views import line_rows, line_views
from domain.cases import review_records
from domain.cases.journal_rows import clock_rows
from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import DECIDING_TASKS, OUTLASTING_TASKS, TaskKind
from domain.cases.views import AnsweredLine, CaseStatus, LineView
from domain.clocks.engine import DueKind, EventKind
from domain.decisions.decision_makers import ByReviewer
from domain.errors import ImpossibleState
from domain.follow_ups.wording import put_on_record_words
from domain.journal import RULE, UMPIRE, Actor, EntryKind
from domain.vocabulary import LineOutcome, NoticeKind


def case_outcome(case: AuthorizationCase) -> CaseStatus:
    if case.withdrawal is not None:
        return CaseStatus.WITHDRAWN
    if case.is_put_on_record:
        return CaseStatus.COMPLETED
    if case.closing is not None:
        return CaseStatus(case.closing.kind)
    answers = [case.signed_answer(line.line_id) for line in case.require_context().lines]
    outcomes = {answer[1].outcome for answer in answers if answer is not None}
    if outcomes:
        partly = bool(case.approvals) or LineOutcome.APPROVED_IN_PART in outcomes
        return CaseStatus.APPROVED_IN_PART if partly else CaseStatus.DENIED
    if case.approvals:
        return CaseStatus.APPROVED
    undecided = all(route is Route.NOT_COVERED for route in case.routes.values())
    return CaseStatus.NOT_COVERED if undecided else CaseStatus.NOT_REQUIRED


def make_determination(case: AuthorizationCase, status: CaseStatus, now: datetime) -> None:
    """Make the determination from what rules approved and clinicians signed, and queue its letters. It ends all open work."""
    case.conclude(status)
    case.cancel_tasks(now, "the case is answered", *case.open_tasks(*DECIDING_TASKS))
    if status is CaseStatus.WITHDRAWN:
        case.queue_notice(NoticeKind.WITHDRAWN)
        return
    if case.closing is not None or status is CaseStatus.NOT_COVERED:
        case.queue_notice(closing_effects.NOTICE_OF[status.value])
        return
    if status is CaseStatus.COMPLETED:
        found = case.require_finding()
        case.tell_change(put_on_record_words(found.asked, is_filed=found.filed_by is not None))
    elif status in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART):
        case.queue_notice(NoticeKind.ADVERSE_DETERMINATION)
    elif case.approvals:
        case.queue_notice(NoticeKind.APPROVAL)
    if Route.NOT_REQUIRED in case.routes.values():
        case.queue_notice(NoticeKind.NOT_REQUIRED)
    decided_at = case.determinations.ensure_decided(now)
    case.happened_if_awaited(EventKind.DECISION_MADE, decided_at)
    case.note(
        EntryKind.DETERMINATION_MADE,
        decided_at,
        f"Determination: {status.value.replace('_', ' ')}.",
        _decider(case),
        lines=line_rows(case),
        **_signed_rows(case),
        **({"status": status.value} if case.after is not None else {}),
    )


def _signed_rows(case: AuthorizationCase) -> dict[str, Any]:
    """The signed decisions in effect, for the journal: whoever acts on an adverse line finds there who signed it."""
    signed = case.effective_determinations()
    return {review_records.SIGNED: [made.model_dump(mode="json") for made in signed]} if signed else {}


def review_result(case: AuthorizationCase, now: datetime) -> ReviewAnswered:
    """The result of the review, for the case that requested it. Raises ImpossibleState when none did."""
    asked = case.stay
    if asked is None or case.concluded is None:
        raise ImpossibleState(f"{case.case_id} has no result that another case waits for")
    return ReviewAnswered(
        message_id=f"{case.case_id}-answered",
        at=case.decided_at or now,
        actor=UMPIRE,
        case_id=case.case_id,
        purpose=asked.purpose,
        round=asked.round,
        status=case.concluded,
        lines=tuple(_answered_line(line) for line in line_views(case)),
        decided_at=case.decided_at,
        missed_due_at=min((one.due_at for one in case.missed if one.kind is DueKind.DECISION), default=None),
    )


def _answered_line(line: LineView) -> AnsweredLine:
    return AnsweredLine(
        line_id=line.line_id,
        outcome=line.outcome,
        approved_quantity=line.approved_quantity,
        approved_start=line.approved_start,
        approved_end=line.approved_end,
        by=line.decided_by,
        approved_level=line.approved_level,
    )


def _decider(case: AuthorizationCase) -> Actor:
    if case.is_put_on_record:
        found = case.require_finding()
        if found.filed_by is not None:
            return Actor(kind="reviewer", id=found.filed_by)
        return found.asked.speaker(case.requesting_npi, case.member_id)
    signed = case.effective_determinations()
    if signed:
        return Actor(kind="reviewer", id=signed[-1].signed.reviewer_id)
    people = [one.by.reviewer_id for one in case.approvals.values() if isinstance(one.by, ByReviewer)]
    return Actor(kind="reviewer", id=min(people)) if people else RULE


def close_case(case: AuthorizationCase, status: CaseStatus, now: datetime) -> None:
    """Close the case. A missed clock stays open for compliance until reviewed, and a case file that must be forwarded stays
    due: a late approval does not undo the effects of the missed clock (42 CFR 423.568(h)).

    The task of a missed call stays as long as that of compliance: the call is still owed, and better late than never, but no
    law says for how long, so it ends when somebody who answers for the miss has looked at it.
    """
    outlasting = {*OUTLASTING_TASKS}
    if case.open_task(TaskKind.MISSED_CLOCK) is not None:
        outlasting.add(TaskKind.ORAL_NOTICE)
    moot = (task for task in case.open_tasks() if task.kind not in outlasting)
    case.cancel_tasks(now, "the case is closed", *moot)
    case.close(status, now)
    case.note(
        EntryKind.CLOSED,
        now,
        f"Case closed: {status.value.replace('_', ' ')}; every letter is out.",
        clocks=clock_rows(case),
    )
