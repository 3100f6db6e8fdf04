"""The arithmetic of clocks: when one starts and when a length of time from there ends. Pure functions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.calendars import CLOSE_OF_BUSINESS, END_OF_DAY, NOON, Calendar, add_months, at_local, local_day, zone_of
from domain.clocks.events import EventKind
from domain.clocks.facts import Happening, Moment, Timeline
from domain.clocks.rules import ClockRule, Ends, Length, Needs, Roll, Span, StaffedHours, StartPoint, Take, Unit

_LOCAL_END = {Ends.END_OF_DAY: END_OF_DAY, Ends.NOON: NOON, Ends.CLOSE_OF_BUSINESS: CLOSE_OF_BUSINESS}
_DAY = timedelta(days=1)


class Started(NamedTuple):
    """The start of a clock; `time_given_ends` when an answer was asked for within a given time."""

    moment: Moment
    time_given_ends: datetime | None


class Due(NamedTuple):
    """The end of a clock: the instant (UTC) and the local date it falls on."""

    at: datetime
    day: date


class Course(NamedTuple):
    """A clock on its way: its rule, where it started, how long it runs and when that ends if nothing moves it."""

    rule: ClockRule
    start: Moment
    length: Length
    base: Due
    timeline: Timeline
    calendar: Calendar


def start_of(rule: ClockRule, timeline: Timeline, calendar: Calendar) -> Started | str:
    """When the clock starts, or in words what it waits for."""
    if rule.starts is None:
        return "this rule has no start"
    if rule.needs is not None and (lacking := _lacking(rule.needs, rule.rule_id, timeline, calendar)):
        return lacking
    found: list[Moment] = []
    waits: list[str] = []
    given: datetime | None = None
    for point in rule.starts.points:
        moment = _moment(point, rule.rule_id, timeline, calendar)
        if isinstance(moment, Moment) and point.unless_asked:
            moment = _unless_asked(moment, rule, timeline, calendar)
        if isinstance(moment, str):
            waits.append(moment)
            continue
        found.append(moment)
        if point.end_of_time_given is not None:
            given = moment.at
    latest = rule.starts.take is Take.LATEST
    if not found or (latest and waits):
        return "; ".join(waits)
    start = found[0] if rule.starts.take is Take.PREFERRED else max(found) if latest else min(found)
    if rule.starts.staffed_hours is not None:
        start = _next_staffed(start, rule.starts.staffed_hours, timeline.zone, calendar)
    return Started(start, given)


def due_after(start: Moment, length: Length, zone: ZoneInfo, calendar: Calendar) -> Due:
    """The end of `length` counted from `start`: to the second for hours, at the local end named for days.

    A length that is not negative never ends before its start, also when its local end has passed on that day.
    """
    if length.elapsed:
        at = start.at + _elapsed(length)
        return Due(at, local_day(at, zone))
    day = _roll(last_day(start.day, length, calendar), length.roll, calendar)
    at = at_local(day, _LOCAL_END[length.ends], zone)
    return Due(max(at, start.at), day) if length.value >= 0 else Due(at, day)


def last_day(day: date, span: Span, calendar: Calendar) -> date:
    """The day on which so many days or months from `day` (day 0) end."""
    count = span.value
    if isinstance(span, Length) and span.first_day_counts:
        count -= 1
    match span.unit:
        case Unit.BUSINESS_DAYS:
            return calendar.add_business_days(day, count)
        case Unit.MONTHS:
            return add_months(day, count)
    return calendar.add_days_less_holidays(day, count) if span.less_holidays else day + count * _DAY


def extended(base: Due, length: Length, more: Span, zone: ZoneInfo, calendar: Calendar) -> Due:
    """`base` extended by `more`: a clock of hours extended by days ends at the same local time so many days later."""
    if more.elapsed:
        at = base.at + _elapsed(more)
        return Due(at, local_day(at, zone))
    day = last_day(base.day, more, calendar)
    if length.elapsed:
        same_time = base.at.astimezone(zone).time().replace(fold=0)
        return Due(max(at_local(day, same_time, zone), base.at), day)
    return Due(at_local(day, _LOCAL_END[length.ends], zone), day)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant of 23:59:59 on a local day."""
    return at_local(day, END_OF_DAY, zone)


def _elapsed(span: Span) -> timedelta:
    return timedelta(hours=span.value) if span.unit is Unit.HOURS else timedelta(minutes=span.value)


def _moment(point: StartPoint, rule_id: str, timeline: Timeline, calendar: Calendar) -> Moment | str:
    happening = _happening(point, rule_id, timeline)
    if happening is None:
        return f"waits for {_words(point.event)}"
    moment = happening.moment
    if point.end_of_time_given is not None:
        given = _end_of_time_given(happening, point.end_of_time_given, timeline.zone)
        if given is None:
            return f"the time given with {_words(point.event)} is not at least {point.end_of_time_given}"
        moment = given
    if point.plus is None:
        return moment
    if point.plus.elapsed:
        at = moment.at + _elapsed(point.plus)
        return Moment(at, local_day(at, timeline.zone))
    day = last_day(moment.day, point.plus, calendar)
    return Moment(end_of(day, timeline.zone), day)


def _unless_asked(moment: Moment, rule: ClockRule, timeline: Timeline, calendar: Calendar) -> Moment | str:
    """The moment, unless information was asked for before a clock from here would end: asking late rescues nothing."""
    asked = _since(timeline.of(EventKind.INFORMATION_REQUESTED, rule.rule_id), moment.at)
    if not asked or rule.length is None:
        return moment
    if asked[0].moment.at > due_after(moment, rule.length, timeline.zone, calendar).at:
        return moment
    return "waits for the information that was asked for"


def _happening(point: StartPoint, rule_id: str, timeline: Timeline) -> Happening | None:
    found = timeline.of(point.event, rule_id)
    if point.after:
        earliest: datetime | None = None
        for kind in point.after:
            before = _since(timeline.of(kind, rule_id), earliest)
            if not before:
                return None
            earliest = before[0].moment.at
        found = _since(found, earliest)
    if not found:
        return None
    return found[-1] if point.last else found[0]


def _since(happenings: list[Happening], earliest: datetime | None) -> list[Happening]:
    return [one for one in happenings if earliest is None or one.moment.at >= earliest]


def _end_of_time_given(asked: Happening, least: Span, zone: ZoneInfo) -> Moment | None:
    event = asked.event
    needed = _elapsed(least) if least.elapsed else least.value * _DAY
    if event.hours_given is not None:
        given = timedelta(hours=event.hours_given)
        at = asked.moment.at + given
        return Moment(at, local_day(at, zone)) if given >= needed else None
    if event.days_given is not None and event.days_given * _DAY >= needed:
        day = asked.moment.day + event.days_given * _DAY
        return Moment(end_of(day, zone), day)
    return None


def _lacking(needs: Needs, rule_id: str, timeline: Timeline, calendar: Calendar) -> str | None:
    """Why the clock may not run; None when what it needs was done in time."""
    since = timeline.of(needs.of, rule_id)
    if not since:
        return f"waits for {_words(needs.of)}"
    done = _since(timeline.of(needs.event, rule_id), since[0].moment.at)
    if not done:
        return f"waits for {_words(needs.event)}"
    limit = due_after(since[0].moment, needs.within, timeline.zone, calendar).at
    if done[0].moment.at <= limit:
        return None
    return f"{_words(needs.event)} came later than {needs.within} after {_words(needs.of)}"


def _roll(day: date, roll: Roll, calendar: Calendar) -> date:
    match roll:
        case Roll.NEXT_BUSINESS_DAY:
            return calendar.roll(day, 1)
        case Roll.PREVIOUS_BUSINESS_DAY:
            return calendar.roll(day, -1)
    return day


def _next_staffed(start: Moment, staffed: StaffedHours, zone: ZoneInfo, calendar: Calendar) -> Moment:
    """The start itself when staff must be available then, else the beginning of the next staffed period."""
    local = zone_of(staffed.zone)
    day = local_day(start.at, local)
    while True:
        opens, closes = staffed.weekdays if calendar.is_business_day(day) else staffed.other_days
        if start.at <= at_local(day, closes, local):
            at = max(start.at, at_local(day, opens, local))
            return Moment(at, local_day(at, zone))
        day += _DAY


def _words(kind: EventKind) -> str:
    return kind.value.replace("_", " ")


def spoken(instant: datetime, zone: ZoneInfo) -> str:
    """A UTC instant in the words of the case's zone, for people."""
    local = instant.astimezone(zone)
    return f"{local.date()} {_clock(local.time())} {local.tzname()}"


def _clock(clock: time) -> str:
    return clock.isoformat("seconds" if clock.second else "minutes")
