"""What the law makes of a missed clock, done: deemed answers, notices, what else the miss starts, and who pays.

A deemed answer has no reviewer, and none is invented. The work goes on, because a plan's lateness never harms the request.
"""

from __future__ import annotations

from datetime import datetime

from domain.authorization import forwarding
from domain.authorization.case import Case
from domain.authorization.parts import Route
from domain.cases.views import CaseStatus
from domain.clocks.consequences import Telling
from domain.clocks.engine import DueKind, EventKind
from domain.clocks.missed import MissedClock
from domain.clocks.terms import TOLD_BY_NOTICE, Effect
from domain.decisions.determination import Approval
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind

# Answers that a deemed approval leaves as they are.
STANDING = frozenset({Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED})


def apply(case: Case, missed: MissedClock, effect: Effect, now: datetime) -> None:
    """Record what the law makes of the miss, and do it."""
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
    if effect is Effect.DEEMED_APPROVED:
        _approve_by_law(case, missed, now)
    elif effect in TOLD_BY_NOTICE:
        _tell(case, missed)
    if missed.told is not None:
        _start_next(case, missed)


def is_moot(case: Case) -> bool:
    """Whether the notice of the miss, not written yet, has nothing to say any more.

    A miss that only opens a way to appeal (42 CFR 422.568(f)) or past the plan (29 CFR 2560.503-1(l)) demands no notice by
    itself: once everything is approved, the approval is the notice that was late, and it says so. Where the law demands a
    notice of the miss (42 CFR 438.404(c)(5): on the date that the time expires), or sends the case on so that the member has to
    hear of it (42 CFR 423.568(h)), the notice goes out beside the approval, and says that the request has been decided since.
    """
    missed = case.consequence
    return missed is not None and missed.told is Telling.UNLESS_APPROVED and case.concluded is CaseStatus.APPROVED


def tell_next(case: Case) -> None:
    """The notice of one miss is written or moot: go on with the next miss of another effect, if there is one."""
    if case.untold:
        case.consequence = case.untold.pop(0)
        case.owe(NoticeKind.MISSED_DEADLINE)


def late_since(case: Case) -> MissedClock | None:
    """The first decision instant of law that the case let pass, or None: what an answer that comes late has to say."""
    found = (one for one in case.missed if one.kind is DueKind.DECISION and one.effect is not None)
    return min(found, key=lambda one: one.due_at, default=None)


def approving(case: Case) -> MissedClock | None:
    """The miss by which the law approves what nobody decided, or None."""
    by = {approval.by for approval in case.approvals.values()}
    return next((one for one in case.missed if one.kind is DueKind.DECISION and f"law:{one.rule_id}" in by), None)


def liable(case: Case) -> MissedClock | None:
    """The first miss by which somebody has to pay, or None."""
    found = (one for one in case.missed if one.liability is not None)
    return min(found, key=lambda one: one.due_at, default=None)


def _tell(case: Case, missed: MissedClock) -> None:
    """Owe the notice, once for each effect: two clocks with the same one have only one thing to tell."""
    if case.consequence is None:
        case.consequence = missed
        case.owe(NoticeKind.MISSED_DEADLINE)
        return
    known = {one.effect for one in case.missed if one is not missed and one.kind is DueKind.DECISION}
    if missed.told is None or missed.effect in known:
        return
    case.untold.append(missed)
    if _is_told(case):
        tell_next(case)


def _is_told(case: Case) -> bool:
    return not {NoticeKind.MISSED_DEADLINE} & {*case.owed_letters, *case.blocked_letters}


def _start_next(case: Case, missed: MissedClock) -> None:
    """Start the clock that the miss starts, at the instant at which the time ran out; once, however many clocks were missed."""
    rule_id = missed.next_rule
    if rule_id is None or any(
        event.kind is EventKind.TIME_EXPIRED and rule_id in event.rules for event in case.clock_events
    ):
        return
    case.happened(EventKind.TIME_EXPIRED, missed.due_at, rules=(rule_id,))
    if missed.forward_to is not None:
        forwarding.begin(case, missed, rule_id, missed.forward_to)


def _approve_by_law(case: Case, missed: MissedClock, now: datetime) -> None:
    """The request is approved by law from the due instant on; whatever was decided against it afterwards came too late."""
    for line in case.looked_at().lines:
        if case.routes.get(line.line_id) in STANDING:
            continue
        approval = Approval(
            line_id=line.line_id,
            by=f"law:{missed.rule_id}",
            beyond_limits=True,
            approved_quantity=line.quantity,
            approved_start=line.start,
            approved_end=line.end,
        )
        case.approve(approval, Route.APPROVED)
    case.coverage_set_aside = True
    case.decided_at = case.decided_at or now
