"""Properties that hold for every rule, zone and instant. Seeded, so that a run can be repeated."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.calendars import Calendar, local_day, zone_of
from domain.clocks.binding import compute_clocks, governing_clock
from domain.clocks.engine import (
    Clock,
    ClockEvent,
    DueKind,
    EventKind,
    ExtensionReason,
    compute_clock,
    is_on_time,
)
from domain.clocks.facts import ClockFacts, Moment
from domain.clocks.rules import ClockLength, ClockRule, ClockUnit, DayEnd, Roll
from domain.clocks.timing import end_after
from domain.vocabulary import Lob, ReviewKind, ServiceKind, Urgency
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED, facts

SEEDED = settings(
    derandomize=True, database=None, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)

ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
    "UTC",
]

# Around changes of the clocks, leap days and year ends, beside instants from anywhere.
EDGES = [
    datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    datetime(2026, 4, 5, 2, 30, tzinfo=UTC),
    datetime(2028, 2, 21, 12, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
]
moments = st.datetimes(datetime(2022, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
instants = st.one_of(st.sampled_from(EDGES), moments)
zones = st.sampled_from(ZONES)
offsets = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
rules = st.sampled_from(SHIPPED)
running_rules = st.sampled_from([rule for rule in SHIPPED if rule.starts is not None])
extendable = st.sampled_from([rule for rule in SHIPPED if rule.extension is not None])
lengths = st.one_of(
    st.builds(
        ClockLength,
        value=st.integers(0, 200),
        unit=st.sampled_from([ClockUnit.CALENDAR_DAYS, ClockUnit.BUSINESS_DAYS]),
        ends=st.sampled_from(list(DayEnd)),
        roll=st.sampled_from(list(Roll)),
    ),
    st.builds(
        ClockLength, value=st.integers(0, 200), unit=st.just(ClockUnit.CALENDAR_DAYS), less_holidays=st.just(True)
    ),
    st.builds(ClockLength, value=st.integers(0, 5000), unit=st.sampled_from([ClockUnit.HOURS, ClockUnit.MINUTES])),
    st.builds(ClockLength, value=st.integers(0, 12), unit=st.just(ClockUnit.MONTHS)),
)


def events_at(kinds: st.SearchStrategy[EventKind]) -> st.SearchStrategy[list[tuple[EventKind, timedelta, dict]]]:
    details = st.fixed_dictionaries(
        {},
        optional={
            "reason": st.sampled_from(list(ExtensionReason)),
            "days_given": st.integers(0, 90),
            "hours_given": st.integers(0, 100),
        },
    )
    return st.lists(st.tuples(kinds, offsets, details), max_size=6)


any_events = events_at(
    st.sampled_from(
        [
            EventKind.INFORMATION_REQUESTED,
            EventKind.INFORMATION_RECEIVED,
            EventKind.EXTENSION_NOTICE_SENT,
            EventKind.EXPEDITE_REFUSED,
            EventKind.UPGRADE_REQUESTED,
            EventKind.ORAL_NOTICE_GIVEN,
            EventKind.DECISION_MADE,
        ]
    )
)


@st.composite
def cases(draw: st.DrawFn) -> ClockFacts:
    return ClockFacts(
        lob=draw(st.sampled_from([Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.COMMERCIAL_ERISA])),
        urgency=draw(st.sampled_from(list(Urgency))),
        received_at=draw(instants),
        zone=draw(zones),
        service_kind=draw(st.sampled_from([None, *ServiceKind])),
        review_kind=draw(st.sampled_from([None, ReviewKind.PROSPECTIVE, ReviewKind.CONCURRENT])),
        requires_prior_authorization=draw(st.sampled_from([None, True, False])),
        noncontract_records_needed=draw(st.sampled_from([None, True, False])),
        rating_period_start=draw(st.sampled_from([None, date(2025, 7, 1), date(2026, 7, 1)])),
    )


def happened(case: ClockFacts, told: list[tuple[EventKind, timedelta, dict]]) -> list[ClockEvent]:
    return [ClockEvent(kind=kind, at=case.received_at + after, **details) for kind, after, details in told]


def running(rule: ClockRule, case: ClockFacts, events: list[ClockEvent]) -> Clock:
    answer = compute_clock(rule, case, events, FEDERAL)
    assume(isinstance(answer, Clock))
    assert isinstance(answer, Clock)
    return answer


def start(at: datetime, zone: str) -> Moment:
    at = at.replace(microsecond=0)
    return Moment(at, local_day(at, zone_of(zone)))


@SEEDED
@given(at=instants, zone=zones, hours=st.integers(0, 1000))
def test_hours_elapse_exactly_whatever_the_wall_clock_does(at: datetime, zone: str, hours: int):
    begun = start(at, zone)
    due = end_after(begun, ClockLength(value=hours, unit=ClockUnit.HOURS), zone_of(zone), FEDERAL)
    assert due.at - begun.at == timedelta(hours=hours)


@SEEDED
@given(at=instants, zone=zones, days=st.integers(1, 400))
def test_calendar_days_end_at_the_last_second_of_the_local_day(at: datetime, zone: str, days: int):
    begun = start(at, zone)
    local = end_after(
        begun, ClockLength(value=days, unit=ClockUnit.CALENDAR_DAYS), zone_of(zone), FEDERAL
    ).at.astimezone(zone_of(zone))
    assert local.date() == begun.day + timedelta(days=days)
    assert (local.hour, local.minute, local.second) == (23, 59, 59)


@SEEDED
@given(at=instants, zone=zones, length=lengths, more=st.integers(0, 50))
def test_more_time_is_never_less(at: datetime, zone: str, length: ClockLength, more: int):
    begun = start(at, zone)
    longer = length.model_copy(update={"value": length.value + more})
    here = zone_of(zone)
    assert end_after(begun, length, here, FEDERAL).at <= end_after(begun, longer, here, FEDERAL).at


@SEEDED
@given(at=instants, zone=zones, length=lengths, later=offsets)
def test_a_later_start_never_gives_an_earlier_end(at: datetime, zone: str, length: ClockLength, later: timedelta):
    assume(length.roll is not Roll.PREVIOUS_BUSINESS_DAY)
    here = zone_of(zone)
    first = end_after(start(at, zone), length, here, FEDERAL)
    second = end_after(start(at + later, zone), length, here, FEDERAL)
    assert first.at <= second.at


@SEEDED
@given(at=instants, zone=zones, length=lengths)
def test_nothing_is_due_before_its_start(at: datetime, zone: str, length: ClockLength):
    begun = start(at, zone)
    assert end_after(begun, length, zone_of(zone), FEDERAL).at >= begun.at


@SEEDED
@given(case=cases(), told=any_events, rule=running_rules)
def test_every_instant_of_a_clock_is_utc_in_whole_seconds_and_not_before_its_start(case, told, rule):
    assume(rule.length.value >= 0)  # the others count back from their start
    events = happened(case, told)
    clock = running(rule, case, events)
    counted_from = {notice.after for notice in rule.notices}  # such a notice is due after its event, whenever that was
    assume(all(event.at >= clock.starts_at for event in events if event.kind in counted_from))
    for at in (clock.starts_at, clock.base_due, *(due.at for due in clock.due)):
        assert at.tzinfo is UTC and at.microsecond == 0
        assert at >= clock.starts_at or at == clock.base_due - timedelta(seconds=1)
    assert all(due.reason and due.citation for due in clock.due)
    assert all(reading.at >= clock.due[0].at for reading in clock.other_readings)


@SEEDED
@given(case=cases(), told=any_events, rule=extendable)
def test_an_extension_never_shortens(case, told, rule):
    events = happened(case, told)
    without = [event for event in events if event.kind is not EventKind.EXTENSION_NOTICE_SENT]
    extended = running(rule, case, events)
    assert extended.due[0].at >= extended.base_due
    assert extended.base_due == running(rule, case, without).base_due
    assert extended.due[0].at >= running(rule, case, without).due[0].at


@SEEDED
@given(
    case=cases(), told=any_events, rule=running_rules, late=offsets, reason=st.sampled_from([None, *ExtensionReason])
)
def test_a_late_extension_notice_changes_no_due_instant(case, told, rule, late, reason):
    events = [one for one in happened(case, told) if one.kind is not EventKind.EXTENSION_NOTICE_SENT]
    before = running(rule, case, events)
    sent = ClockEvent(kind=EventKind.EXTENSION_NOTICE_SENT, at=before.base_due + late, reason=reason, days_given=45)
    after = running(rule, case, [*events, sent])
    assert after.extension_valid is False and after.extension_problem
    assert before.extension_problem_at(reason, sent.at) is not None
    assert {due.kind: due.at for due in after.due} == {due.kind: due.at for due in before.due}


def starts_with_information(rule: ClockRule) -> bool:
    """Some States' clocks start with the necessary information."""
    return any(point.event is EventKind.INFORMATION_RECEIVED for point in rule.starts.points)


@SEEDED
@given(case=cases(), rule=running_rules, told=any_events)
def test_information_asked_for_and_received_never_moves_a_clock_that_may_not_be_stopped(case, rule, told):
    assume(rule.tolling is None and rule.needs is None and not starts_with_information(rule))
    moves = {EventKind.INFORMATION_REQUESTED, EventKind.INFORMATION_RECEIVED}
    events = happened(case, told)
    clock = running(rule, case, events)
    assert clock.tolled is None
    assert clock.due == running(rule, case, [event for event in events if event.kind not in moves]).due


@SEEDED
@given(case=cases(), told=any_events, minutes=st.integers(-14 * 60, 14 * 60), order=st.randoms(use_true_random=False))
def test_neither_the_offset_of_the_stamps_nor_the_order_of_the_events_matters(case, told, minutes, order):
    # Two notices of one instant are told apart by their order; there is no other way.
    assume(len({after for _, after, _ in told}) == len(told))
    events = happened(case, told)
    other = timezone(timedelta(minutes=minutes))
    moved = [one.model_copy(update={"at": one.at.astimezone(other)}) for one in events]
    order.shuffle(moved)
    shifted = case.model_copy(update={"received_at": case.received_at.astimezone(other)})
    assert compute_clocks(SHIPPED, shifted, moved, FEDERAL) == compute_clocks(SHIPPED, case, events, FEDERAL)


@SEEDED
@given(case=cases(), told=any_events)
def test_the_governing_instant_is_the_earliest_of_the_clocks_that_still_run(case, told):
    found = compute_clocks(SHIPPED, case, happened(case, told), FEDERAL)
    assert len({clock.rule_id for clock in found}) == len(found)
    chosen = governing_clock(found, DueKind.DECISION)
    decisions = [clock.decision_due for clock in found if clock.set_aside is None and clock.decision_due is not None]
    assert (chosen is None) == (not decisions)
    if chosen is not None:
        assert chosen[1].at == min(decisions)
        assert chosen[0].set_aside is None


@SEEDED
@given(case=cases(), after=offsets)
def test_an_upgrade_never_moves_the_governing_instant_later(case, after):
    assume(case.review_kind is not ReviewKind.RETROSPECTIVE)
    before = governing_clock(compute_clocks(SHIPPED, case, (), FEDERAL), DueKind.DECISION)
    assume(before is not None)
    upgraded = [ClockEvent(kind=EventKind.UPGRADE_REQUESTED, at=case.received_at + after)]
    later = governing_clock(compute_clocks(SHIPPED, case, upgraded, FEDERAL), DueKind.DECISION)
    assert later[1].at <= before[1].at


@SEEDED
@given(case=cases(), told=any_events)
def test_a_clock_survives_its_journey_through_json(case, told):
    for clock in compute_clocks(SHIPPED, case, happened(case, told), FEDERAL):
        assert Clock.model_validate_json(clock.model_dump_json()) == clock


@SEEDED
@given(case=cases(), rule=running_rules, now=instants, later=offsets)
def test_a_duty_that_is_late_stays_late(case, rule, now, later):
    clock = running(rule, case, [])
    assert is_on_time(clock.due[0], now) or not is_on_time(clock.due[0], now + later)


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch):
    def change(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


def test_the_zone_of_the_machine_does_not_matter(machine_zone):
    answers = set()
    for name in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"):
        machine_zone(name)
        found = [
            clock.model_dump_json()
            for zone in ZONES
            for at in EDGES
            for clock in compute_clocks(SHIPPED, facts(at.isoformat(), zone), (), FEDERAL)
        ]
        answers.add("\n".join(found))
    assert len(answers) == 1


@SEEDED
@given(day=st.dates(date(2022, 1, 1), date(2040, 1, 1)), count=st.integers(-60, 60), other=st.integers(0, 60))
def test_business_days_land_on_business_days_and_keep_their_order(day: date, count: int, other: int):
    landed = FEDERAL.add_business_days(day, count)
    assert count == 0 or FEDERAL.is_business_day(landed)
    assert landed <= FEDERAL.add_business_days(day, count + other) or count == 0
    weekdays_only = Calendar(name="bare", first_day=FEDERAL.first_day, last_day=FEDERAL.last_day)
    if count > 0:
        assert weekdays_only.add_business_days(day, count) <= landed
