"""Our clock engine against a second one that walks every day and minute: they have to agree to the second."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.calendars import local_day, zone_of
from domain.clocks.engine import Clock, ClockEvent, ClockFacts, EventKind, ExtensionReason, compute_clock
from domain.clocks.facts import Moment
from domain.clocks.rules import (
    ClockLength,
    ClockRule,
    ClockStart,
    ClockUnit,
    ContractTime,
    Duration,
    Extension,
    StartChoice,
    StartPoint,
    Tolling,
)
from domain.clocks.timing import end_after
from domain.vocabulary import Proceeding, ReviewKind, ServiceKind, Urgency
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED
from tests.domain.clocks.naive_clocks import NaiveClock, due_of
from tests.domain.clocks.test_properties import instants, lengths, zones

SEEDED = settings(
    derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
KINDS = sorted({point.event for rule in SHIPPED if rule.starts for point in rule.starts.points})
TOLD = [
    kind
    for kind in KINDS
    if kind not in (EventKind.REQUEST_RECEIVED, EventKind.EXPEDITED_REQUEST_RECEIVED, EventKind.EXPEDITE_REFUSED)
]
TOLD += [
    EventKind.EXTENSION_NOTICE_SENT,
    EventKind.INFORMATION_REQUESTED,
    EventKind.HEARING_REQUESTED,
    EventKind.NOTICE_SENT,
]


@st.composite
def told(draw: st.DrawFn, received: datetime, kinds: list[EventKind]) -> ClockEvent:
    at = received + timedelta(minutes=draw(st.integers(0, 60 * 24 * 40)))
    kind = draw(st.sampled_from(kinds))
    extension = kind is EventKind.EXTENSION_NOTICE_SENT
    return ClockEvent(
        kind=kind,
        at=at,
        on=draw(st.none() | st.just(at.date())) if not extension else None,
        reason=draw(st.sampled_from([None, *ExtensionReason])) if extension else None,
        days_given=draw(st.sampled_from([None, 1, 2, 44, 45, 60])),
        hours_given=draw(st.sampled_from([None, 24, 47, 48, 72])),
        decision_by=draw(st.none() | st.just(at.date() + timedelta(days=9))) if extension else None,
    )


@st.composite
def cases(draw: st.DrawFn, rules: st.SearchStrategy[ClockRule]) -> tuple[ClockRule, ClockFacts, list[ClockEvent]]:
    """A rule, a case that it is about, and events of which most concern it."""
    rule, received = draw(rules), draw(instants)
    facts = ClockFacts(
        lob=(rule.applies.lob or ("commercial_erisa",))[0],
        urgency=rule.applies.urgency or draw(st.sampled_from(list(Urgency))),
        received_at=received,
        zone=draw(zones),
        proceeding=(rule.applies.proceeding or (Proceeding.AUTHORIZATION,))[0],
        service_kind=draw(st.sampled_from(list(ServiceKind))),
        review_kind=draw(st.sampled_from(list(ReviewKind))),
    )
    starts = rule.starts
    own = [point.event for point in starts.points if point.event in TOLD] if starts else []
    needed = [rule.needs.event] if rule.needs else []
    events = [draw(told(received, [kind])) for kind in (*own, *needed) if draw(st.booleans())]
    events += draw(st.lists(told(received, TOLD), max_size=4))
    return rule, facts, events


def agree(rule: ClockRule, facts: ClockFacts, events: list[ClockEvent]) -> None:
    ours = compute_clock(rule, facts, events, FEDERAL)
    theirs = NaiveClock(rule, facts, events, FEDERAL.of_law(rule.calendar)).due()
    if isinstance(ours, Clock):
        assert theirs == ours.due[0].at, (rule.rule_id, rule.variant)
    else:
        assert theirs is None, (rule.rule_id, rule.variant, ours.why)


@SEEDED
@given(at=instants, zone=zones, length=lengths)
def test_a_length_of_time_ends_at_the_same_second(at: datetime, zone: str, length: ClockLength):
    at = at.replace(microsecond=0)
    day = local_day(at, zone_of(zone))
    ours = end_after(Moment(at, day), length, zone_of(zone), FEDERAL)
    assert (ours.at, ours.day) == due_of(at, day, length, zone, FEDERAL)


@settings(SEEDED, max_examples=250)
@given(case=cases(st.sampled_from([rule for rule in SHIPPED if rule.length is not None])))
def test_every_shipped_rule_is_due_at_the_same_second(case):
    agree(*case)


spans = st.builds(Duration, value=st.integers(1, 20), unit=st.just(ClockUnit.CALENDAR_DAYS))
points = st.builds(
    StartPoint,
    event=st.sampled_from([EventKind.REQUEST_RECEIVED, EventKind.NOTICE_SENT, EventKind.INFORMATION_RECEIVED]),
    plus=st.none() | spans,
    last=st.booleans(),
)


@st.composite
def made_up(draw: st.DrawFn) -> ClockRule:
    """A rule that no law has, from the whole vocabulary of starts, lengths, extensions and tolling."""
    length = draw(lengths)
    days = length.unit is ClockUnit.CALENDAR_DAYS and not length.less_holidays
    most = draw(spans) if days or draw(st.booleans()) else None
    extension = draw(
        st.none() | st.just(Extension(most=most, reasons=draw(st.just(()) | st.just(tuple(ExtensionReason)[:2]))))
    )
    tolls = extension is not None and most is not None and days and length.ends == "end_of_day" and draw(st.booleans())
    return ClockRule(
        rule_id="MADE-UP",
        title="made up",
        applies={},
        duty="decision",
        to="somebody",
        starts=ClockStart(
            points=tuple(draw(st.lists(points, min_size=1, max_size=3))), take=draw(st.sampled_from(StartChoice))
        ),
        length=length,
        contract_time=ContractTime.NO,
        extension=extension
        if length.unit in (ClockUnit.HOURS, ClockUnit.CALENDAR_DAYS) and length.ends == "end_of_day"
        else None,
        tolling=Tolling(reason=ExtensionReason.MISSING_INFORMATION, least_days_given=draw(st.sampled_from([1, 45])))
        if tolls
        else None,
        cites=("no law",),
        confidence="unsure",
    )


@settings(SEEDED, max_examples=200)
@given(case=cases(made_up()))
def test_made_up_rules_are_due_at_the_same_second(case):
    agree(*case)


def test_the_naive_engine_knows_a_plain_case():
    rule = next(rule for rule in SHIPPED if rule.rule_id == "MA-OD-STD-PA" and not rule.variant)
    at = datetime.fromisoformat("2026-11-03T09:15:00-05:00")
    facts = ClockFacts(lob="medicare_advantage", urgency="standard", received_at=at, zone="America/New_York")
    assert NaiveClock(rule, facts, (), FEDERAL).due() == datetime.fromisoformat("2026-11-10T23:59:59-05:00")
    assert date(2026, 11, 10) == (at + timedelta(days=7)).date()
