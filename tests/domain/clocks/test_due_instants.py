"""Whatever happens to a case: a bound clock is never due later than before, unless a law that is in the rulebook says why."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.clocks.binding import compute_clocks, governing_clock
from domain.clocks.engine import Clock, ClockEvent, ClockFacts, DueKind, EventKind, ExtensionReason
from domain.clocks.rules import ClockRule
from domain.vocabulary import Lob, ReviewKind, ServiceKind, Urgency
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED

BY_NAME = {(rule.rule_id, rule.variant): rule for rule in SHIPPED}
STATES = sorted({state for rule in SHIPPED for state in rule.applies.state})
KINDS = (
    EventKind.UPGRADE_REQUESTED,
    EventKind.EXPEDITE_REFUSED,
    EventKind.INFORMATION_REQUESTED,
    EventKind.INFORMATION_RECEIVED,
    EventKind.EXTENSION_NOTICE_SENT,
    EventKind.ORAL_NOTICE_GIVEN,
)
ANSWERS = {EventKind.INFORMATION_RECEIVED, EventKind.INFORMATION_REQUESTED}


def facts_of(chance: Random) -> ClockFacts:
    return ClockFacts(
        lob=chance.choice(list(Lob)),
        urgency=chance.choice(list(Urgency)),
        received_at=datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=chance.randrange(500 * 24 * 60)),
        zone=chance.choice(["America/Chicago", "America/New_York", "Pacific/Honolulu"]),
        service_kind=chance.choice([None, *ServiceKind]),
        review_kind=chance.choice([None, *ReviewKind]),
        requires_prior_authorization=chance.choice([None, True, False]),
        state=chance.choice([None, *STATES]),
        self_funded=chance.choice([None, True, False]),
    )


def next_event(at: datetime, chance: Random) -> ClockEvent:
    kind = chance.choice(KINDS)
    given = chance.choice([None, 10, 14, 45, 60]) if kind in ANSWERS | {EventKind.EXTENSION_NOTICE_SENT} else None
    ground = chance.choice([None, *ExtensionReason]) if kind is EventKind.EXTENSION_NOTICE_SENT else None
    return ClockEvent(kind=kind, at=at, reason=ground, days_given=given)


def is_expedited(clock: Clock) -> bool:
    return BY_NAME[clock.rule_id, clock.variant].applies.urgency is Urgency.EXPEDITED


def may_be_moved(rule: ClockRule, before: Clock, after: Clock, event: ClockEvent) -> str:
    """Why the law of the rule lets this event move its due instant later; empty where it does not."""
    if event.kind is EventKind.EXTENSION_NOTICE_SENT:
        can = before.extension_problem_at(event.reason, event.at) is None
        return "extension" if can and after.extension_valid and rule.extension is not None else ""
    if before.set_aside is not None or (event.kind is EventKind.EXPEDITE_REFUSED and is_expedited(before)):
        return "no longer expedited"
    if rule.starts is not None and any(one.last and one.event is event.kind for one in rule.starts.points):
        return "each happening is a duty of its own"
    if event.kind not in ANSWERS or rule.starts is None:
        return ""
    if rule.tolling is not None and before.tolled is not None:
        return "answer to an extension"
    return "counts from the information" if waits_for_information(rule) else ""


def waits_for_information(rule: ClockRule) -> bool:
    points = rule.starts.points if rule.starts is not None else ()
    return rule.needs is not None or any(
        one.unless_asked or one.end_of_time_given or one.event in ANSWERS for one in points
    )


@pytest.mark.parametrize("block", [0, *(pytest.param(block, marks=pytest.mark.many) for block in range(1, 40))])
def test_no_event_moves_a_bound_clock_later_but_an_extension_or_a_pause_of_its_rule(block: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(block * 60, block * 60 + 60):
        chance = Random(seed)
        facts, events = facts_of(chance), list[ClockEvent]()
        before = compute_clocks(SHIPPED, facts, events, FEDERAL)
        at = facts.received_at
        for _ in range(6):
            at += timedelta(minutes=chance.choice([1, 30, 300, 1_500, 4_000, 20_000]))
            event = next_event(at, chance)
            events.append(event)
            after = compute_clocks(SHIPPED, facts, events, FEDERAL)
            seen.update(check_moves(before, after, event, f"seed {seed}, {event.kind.value} at {at}"))
            before = after
    assert seen["stayed"] > 100 and seen["extension"], seen


def test_a_clock_that_moved_without_a_reason_would_be_found() -> None:
    facts = facts_of(Random(1)).model_copy(update={"lob": Lob.MEDICARE_ADVANTAGE, "urgency": Urgency.STANDARD})
    clocks = compute_clocks(SHIPPED, facts, (), FEDERAL)
    asked = ClockEvent(kind=EventKind.INFORMATION_REQUESTED, at=facts.received_at + timedelta(hours=1))
    later = facts.model_copy(update={"received_at": facts.received_at + timedelta(days=2)})
    assert set(check_moves(clocks, compute_clocks(SHIPPED, facts, (asked,), FEDERAL), asked, "")) == {"stayed"}
    with pytest.raises(AssertionError, match="moved from"):
        check_moves(clocks, compute_clocks(SHIPPED, later, (asked,), FEDERAL), asked, "")


def check_moves(before: tuple[Clock, ...], after: tuple[Clock, ...], event: ClockEvent, where: str) -> list[str]:
    known, moves = {one.rule_id: one for one in before}, []
    for clock in after:
        old = known.get(clock.rule_id)
        if old is None or clock.due[0].at <= old.due[0].at:
            moves.append("stayed")
            continue
        why = may_be_moved(BY_NAME[clock.rule_id, clock.variant], old, clock, event)
        assert why, f"{where}: {clock.rule_id} moved from {old.due[0].at} to {clock.due[0].at}"
        moves.append(why)
    for gone in set(known) - {one.rule_id for one in after}:
        waits = event.kind in ANSWERS and waits_for_information(BY_NAME[gone, known[gone].variant])
        assert waits, f"{where}: {gone} bound the case and no longer does"
        moves.append("counts from the information")
    governs, governed = governing_clock(after, DueKind.DECISION), governing_clock(before, DueKind.DECISION)
    if governs is not None and governed is not None and governs[1].at > governed[1].at:
        refused = event.kind is EventKind.EXPEDITE_REFUSED
        replacing = (BY_NAME[one.rule_id, one.variant] for one in after if one.rule_id not in known)
        paused = event.kind in ANSWERS and any(rule.replaces and waits_for_information(rule) for rule in replacing)
        assert refused or paused or set(moves) - {"stayed"}, f"{where}: the decision is due later"
    return moves
