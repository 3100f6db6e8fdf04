"""Legal effects of a missed clock: deemed decisions, notices, follow-up clocks, and liability.

A deemed decision has no reviewer, and none is invented. Work continues, because a plan's lateness never harms the request.
"""

from __future__ import annotations

from datetime import datetime

from domain.authorization import conclusion, forwarding
from domain.authorization.assessment import certified_end
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.cases import letter_tracking
from domain.cases.views import CaseStatus
from domain.clocks.consequences import MissNoticeRule
from domain.clocks.engine import DueKind, EventKind
from domain.clocks.missed_clock import MissedClock
from domain.clocks.terms import EFFECTS_WITH_NOTICE, MissedClockEffect
from domain.decisions.decision_makers import ByLaw
from domain.decisions.determination import Approval
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind

# Routes that a deemed approval leaves unchanged.
STANDING_ROUTES = frozenset({Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED})


DUTIES_WITH_EFFECT = frozenset({DueKind.DECISION, DueKind.WRITTEN_NOTICE, DueKind.PROVIDER_NOTICE})


def apply_effect(case: AuthorizationCase, missed: MissedClock, now: datetime) -> None:
    """Record and apply the legal effect of the miss, if it has one: only a missed decision does, and a missed notice of it
    where the law asks for both in one time. One effect of one rule is applied once."""
    if missed.effect is None or missed.kind not in DUTIES_WITH_EFFECT or _is_applied(case, missed):
        return
    effect = MissedClockEffect(missed.effect)
    case.note(
        EntryKind.CONSEQUENCE_APPLIED,
        now,
        f"{effect.value.replace('_', ' ').capitalize()}: {missed.words}",
        effect=effect.value,
        rule=missed.rule_id,
        since=missed.due_at.isoformat(),
        words=missed.words,
        citation=missed.citation,
        next_rule=missed.next_rule,
        forward_to=missed.forward_to,
        liability=missed.liability.model_dump(mode="json") if missed.liability is not None else None,
    )
    if effect is MissedClockEffect.DEEMED_APPROVED:
        _approve_by_law(case, missed, now)
    elif effect in EFFECTS_WITH_NOTICE:
        _queue_notice(case, missed)
    if missed.told is not None:
        _start_next_clock(case, missed)


def is_notice_moot(case: AuthorizationCase) -> bool:
    """Whether the notice of the miss, not written yet, is no longer needed.

    A miss that only opens a way to appeal (42 CFR 422.568(f)) or past the plan (29 CFR 2560.503-1(l)) demands no notice by
    itself: once everything is approved, the approval is the late notice and states that it is late. Where the law demands a
    notice of the miss (42 CFR 438.404(c)(5): on the date that the time expires), or auto-forwards the case so that the member
    must be notified (42 CFR 423.568(h)), the notice is mailed beside the approval and states that the request was decided.
    """
    missed = case.miss_notices.current
    return (
        missed is not None and missed.told is MissNoticeRule.UNLESS_APPROVED and case.concluded is CaseStatus.APPROVED
    )


def queue_next_notice(case: AuthorizationCase) -> None:
    """Queue the notice of the next miss with another effect, once that of the current one is written or moot."""
    if case.miss_notices.next():
        case.queue_notice(NoticeKind.MISSED_DEADLINE)


def first_missed_decision(case: AuthorizationCase) -> MissedClock | None:
    """The first legal decision deadline that the case missed, or None. A late decision has to state it."""
    found = (one for one in case.missed if one.kind is DueKind.DECISION and one.effect is not None)
    return min(found, key=lambda one: one.due_at, default=None)


def deemed_approval(case: AuthorizationCase) -> MissedClock | None:
    """The missed clock by which undecided lines are approved by law, or None."""
    by = {approval.by for approval in case.approvals.values()}
    return next((one for one in case.missed if one.effect is not None and ByLaw(one.rule_id) in by), None)


def first_miss_with_liability(case: AuthorizationCase) -> MissedClock | None:
    """The first missed clock that assigns liability for payment, or None."""
    found = (one for one in case.missed if one.liability is not None)
    return min(found, key=lambda one: one.due_at, default=None)


def _queue_notice(case: AuthorizationCase, missed: MissedClock) -> None:
    """Queue the notice of the miss, once for each effect: two clocks with the same effect need one notice."""
    if case.miss_notices.current is None:
        case.miss_notices.add(missed)
        queue_next_notice(case)
        return
    known = {one.effect for one in case.missed if one is not missed and one.kind is DueKind.DECISION}
    if missed.told is None or missed.effect in known:
        return
    case.miss_notices.add(missed)
    if _is_notice_written(case):
        queue_next_notice(case)


def _is_notice_written(case: AuthorizationCase) -> bool:
    return not {NoticeKind.MISSED_DEADLINE} & {*case.owed_letters, *case.blocked_letters}


def _start_next_clock(case: AuthorizationCase, missed: MissedClock) -> None:
    """Start the follow-up clock of the miss from the instant the time expired; once, however many clocks were missed."""
    rule_id = missed.next_rule
    if rule_id is None or any(
        event.kind is EventKind.TIME_EXPIRED and rule_id in event.rules for event in case.clock_events
    ):
        return
    case.happened(EventKind.TIME_EXPIRED, missed.due_at, rules=(rule_id,))
    if missed.forward_to is not None:
        forwarding.begin_forwarding(case, missed, rule_id, missed.forward_to)


def tell_replaced(case: AuthorizationCase, now: datetime) -> None:
    """Tell the result that the law has put in place of the determination: letters of the earlier one that are still here are
    not mailed, and whoever asked for the review is told again."""
    letter_tracking.recall_letters(case, NoticeKind.ADVERSE_DETERMINATION, "by law the decision came too late", now)
    case.ending.report_again()


def _is_applied(case: AuthorizationCase, missed: MissedClock) -> bool:
    """Whether another missed duty of the same rule has had this effect."""
    return any(
        one is not missed
        and one.rule_id == missed.rule_id
        and one.effect == missed.effect
        and one.kind in DUTIES_WITH_EFFECT
        for one in case.missed
    )


def _approve_by_law(case: AuthorizationCase, missed: MissedClock, now: datetime) -> None:
    """Approve every line by law from the due instant on; an adverse decision made afterwards is too late, and so is one made
    before that nobody was told of in time, where the law says so."""
    changed = False
    for line in case.require_context().lines:
        if case.routes.get(line.line_id) in STANDING_ROUTES:
            continue
        approval = Approval(
            line_id=line.line_id,
            by=ByLaw(missed.rule_id),
            beyond_limits=True,
            approved_quantity=line.quantity,
            approved_start=line.start,
            approved_end=certified_end(line, None, case.day(now)),
        )
        case.determinations.approve(approval, Route.APPROVED)
        changed = True
    case.set_coverage_aside()
    case.determinations.ensure_decided(now)
    if changed and case.concluded is not None:
        _answer_anew(case, now)


def _answer_anew(case: AuthorizationCase, now: datetime) -> None:
    """Replace the determination that came too late: its letter is moot where it was not written, and the approval is told."""
    adverse = NoticeKind.ADVERSE_DETERMINATION
    case.owed_letters = [notice for notice in case.owed_letters if notice is not adverse]
    case.blocked_letters = [notice for notice in case.blocked_letters if notice is not adverse]
    letter_tracking.close_repair_tasks(case, now)
    case.ending.replace()
    conclusion.make_determination(case, conclusion.case_outcome(case), now)
