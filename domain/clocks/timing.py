"""Clock arithmetic: the start of a clock and the end of a length of time. Pure functions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.calendars import (
    CLOSE_OF_BUSINESS,
    END_OF_DAY,
    NOON,
    Calendar,
    add_months,
    local_day,
    utc_of_local_time,
    zone_of,
)
from domain.clocks.events import EventKind
from domain.clocks.facts import Moment, Timeline, TimelineEvent
from domain.clocks.rules import (
    ClockLength,
    ClockRule,
    ClockUnit,
    DayEnd,
    Duration,
    Prerequisite,
    Roll,
    StaffedHours,
    StartChoice,
    StartPoint,
)

_LOCAL_END = {DayEnd.END_OF_DAY: END_OF_DAY, DayEnd.NOON: NOON, DayEnd.CLOSE_OF_BUSINESS: CLOSE_OF_BUSINESS}
_DAY = timedelta(days=1)


class ResolvedStart(NamedTuple):
    """The start of a clock; `time_given_ends` when an answer was asked for within a given time."""

    moment: Moment
    time_given_ends: datetime | None


class ClockEnd(NamedTuple):
    """The end of a clock: the instant (UTC) and the local date it falls on."""

    at: datetime
    day: date


class ClockRun(NamedTuple):
    """A running clock: its rule, start, length, and end before any extension."""

    rule: ClockRule
    start: Moment
    length: ClockLength
    base: ClockEnd
    timeline: Timeline
    calendar: Calendar


def find_start(rule: ClockRule, timeline: Timeline, calendar: Calendar) -> ResolvedStart | str:
    """Find the start of the clock, or describe in words the event it waits for."""
    if rule.starts is None:
        return "this rule has no start"
    if rule.needs is not None and (lacking := _unmet_prerequisite(rule.needs, rule.rule_id, timeline, calendar)):
        return lacking
    found: list[Moment] = []
    waits: list[str] = []
    given: datetime | None = None
    for point in rule.starts.points:
        moment = _start_moment(point, rule.rule_id, timeline, calendar)
        if isinstance(moment, Moment) and point.unless_asked:
            moment = _unless_information_requested(moment, rule, timeline, calendar)
        if isinstance(moment, str):
            waits.append(moment)
            continue
        found.append(moment)
        if point.end_of_time_given is not None:
            given = moment.at
    latest = rule.starts.take is StartChoice.LATEST
    if not found or (latest and waits):
        return "; ".join(waits)
    start = found[0] if rule.starts.take is StartChoice.PREFERRED else max(found) if latest else min(found)
    if rule.starts.not_before is not None and (gate := timeline.of(rule.starts.not_before, rule.rule_id)):
        start = max(start, gate[-1].moment)
    if rule.starts.staffed_hours is not None:
        start = _next_staffed_moment(start, rule.starts.staffed_hours, timeline.zone, calendar)
    return ResolvedStart(start, given)


def end_after(start: Moment, length: ClockLength, zone: ZoneInfo, calendar: Calendar) -> ClockEnd:
    """The end of `length` counted from `start`: to the second for hours, at the local end named for days.

    A length that is not negative never ends before its start, also when its local end has passed on that day.
    """
    if length.elapsed:
        at = start.at + _elapsed(length)
        return ClockEnd(at, local_day(at, zone))
    day = _roll(last_day(start.day, length, calendar), length.roll, calendar)
    at = utc_of_local_time(day, _LOCAL_END[length.ends], zone)
    return ClockEnd(max(at, start.at), day) if length.value >= 0 else ClockEnd(at, day)


def last_day(day: date, span: Duration, calendar: Calendar) -> date:
    """The last day of a duration counted from `day` (day 0)."""
    count = span.value
    if isinstance(span, ClockLength) and span.first_day_counts:
        count -= 1
    match span.unit:
        case ClockUnit.BUSINESS_DAYS:
            return calendar.add_business_days(day, count)
        case ClockUnit.MONTHS:
            return add_months(day, count)
    return calendar.add_days_less_holidays(day, count) if span.less_holidays else day + count * _DAY


def extended_end(base: ClockEnd, length: ClockLength, more: Duration, zone: ZoneInfo, calendar: Calendar) -> ClockEnd:
    """`base` extended by `more`: a clock of hours extended by days ends at the same local time so many days later."""
    if more.elapsed:
        at = base.at + _elapsed(more)
        return ClockEnd(at, local_day(at, zone))
    day = last_day(base.day, more, calendar)
    if length.elapsed:
        same_time = base.at.astimezone(zone).time().replace(fold=0)
        return ClockEnd(max(utc_of_local_time(day, same_time, zone), base.at), day)
    return ClockEnd(utc_of_local_time(day, _LOCAL_END[length.ends], zone), day)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant of 23:59:59 on a local day."""
    return utc_of_local_time(day, END_OF_DAY, zone)


def _elapsed(span: Duration) -> timedelta:
    return timedelta(hours=span.value) if span.unit is ClockUnit.HOURS else timedelta(minutes=span.value)


def _start_moment(point: StartPoint, rule_id: str, timeline: Timeline, calendar: Calendar) -> Moment | str:
    happening = _start_event(point, rule_id, timeline)
    if happening is None:
        return f"waits for {_event_words(point.event)}"
    moment = happening.moment
    if point.end_of_time_given is not None:
        given = _end_of_time_given(happening, point.end_of_time_given, timeline.zone)
        if given is None:
            return f"the time given with {_event_words(point.event)} is not at least {point.end_of_time_given}"
        moment = given
    if point.plus is None:
        return moment
    if point.plus.elapsed:
        at = moment.at + _elapsed(point.plus)
        return Moment(at, local_day(at, timeline.zone))
    day = last_day(moment.day, point.plus, calendar)
    return Moment(end_of_day(day, timeline.zone), day)


def _unless_information_requested(
    moment: Moment, rule: ClockRule, timeline: Timeline, calendar: Calendar
) -> Moment | str:
    """The moment, unless information was asked for before a clock from here would end: asking late does not stop it."""
    asked = _events_since(timeline.of(EventKind.INFORMATION_REQUESTED, rule.rule_id), moment.at)
    if not asked or rule.length is None:
        return moment
    if asked[0].moment.at > end_after(moment, rule.length, timeline.zone, calendar).at:
        return moment
    return "waits for the information that was asked for"


def _start_event(point: StartPoint, rule_id: str, timeline: Timeline) -> TimelineEvent | None:
    found = timeline.of(point.event, rule_id)
    if point.after:
        earliest: datetime | None = None
        for kind in point.after:
            before = _events_since(timeline.of(kind, rule_id), earliest)
            if not before:
                return None
            earliest = before[0].moment.at
        found = _events_since(found, earliest)
    if not found:
        return None
    return found[-1] if point.last else found[0]


def _events_since(happenings: list[TimelineEvent], earliest: datetime | None) -> list[TimelineEvent]:
    return [one for one in happenings if earliest is None or one.moment.at >= earliest]


def _end_of_time_given(asked: TimelineEvent, least: Duration, zone: ZoneInfo) -> Moment | None:
    event = asked.event
    needed = _elapsed(least) if least.elapsed else least.value * _DAY
    if event.hours_given is not None:
        given = timedelta(hours=event.hours_given)
        at = asked.moment.at + given
        return Moment(at, local_day(at, zone)) if given >= needed else None
    if event.days_given is not None and event.days_given * _DAY >= needed:
        day = asked.moment.day + event.days_given * _DAY
        return Moment(end_of_day(day, zone), day)
    return None


def _unmet_prerequisite(needs: Prerequisite, rule_id: str, timeline: Timeline, calendar: Calendar) -> str | None:
    """The reason that the clock may not run; None when its prerequisite was done in time."""
    since = timeline.of(needs.of, rule_id)
    if not since:
        return f"waits for {_event_words(needs.of)}"
    done = _events_since(timeline.of(needs.event, rule_id), since[0].moment.at)
    if not done:
        return f"waits for {_event_words(needs.event)}"
    limit = end_after(since[0].moment, needs.within, timeline.zone, calendar).at
    if done[0].moment.at <= limit:
        return None
    return f"{_event_words(needs.event)} came later than {needs.within} after {_event_words(needs.of)}"


def _roll(day: date, roll: Roll, calendar: Calendar) -> date:
    match roll:
        case Roll.NEXT_BUSINESS_DAY:
            return calendar.roll(day, 1)
        case Roll.PREVIOUS_BUSINESS_DAY:
            return calendar.roll(day, -1)
    return day


def _next_staffed_moment(start: Moment, staffed: StaffedHours, zone: ZoneInfo, calendar: Calendar) -> Moment:
    """The start itself when staff must be available then, else the beginning of the next staffed period."""
    local = zone_of(staffed.zone)
    day = local_day(start.at, local)
    while True:
        opens, closes = staffed.weekdays if calendar.is_business_day(day) else staffed.other_days
        if start.at <= utc_of_local_time(day, closes, local):
            at = max(start.at, utc_of_local_time(day, opens, local))
            return Moment(at, local_day(at, zone))
        day += _DAY


def _event_words(kind: EventKind) -> str:
    return kind.value.replace("_", " ")


def local_time_text(instant: datetime, zone: ZoneInfo) -> str:
    """A UTC instant as text in the case's time zone."""
    local = instant.astimezone(zone)
    return f"{local.date()} {_time_text(local.time())} {local.tzname()}"


def _time_text(clock: time) -> str:
    return clock.isoformat("seconds" if clock.second else "minutes")
