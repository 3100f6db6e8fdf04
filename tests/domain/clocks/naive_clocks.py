"""A second clock engine, slow and naive on purpose: it walks days and minutes one by one and shares no arithmetic with ours.

It computes only the due instant of the rule's own duty, for a request that was not upgraded or refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from domain.clocks.engine import ClockEvent, ClockFacts
from domain.clocks.rules import ClockLength, ClockRule, Duration, StartPoint

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DatedEvent = tuple[datetime, date, ClockEvent | None]


def minutes_of(day: date, zone: str) -> list[datetime]:
    """Every minute (UTC) during which a local calendar shows this day, found by looking at each."""
    at = datetime.combine(day, time(0), UTC) - timedelta(hours=16)
    return [m for m in (at + n * MINUTE for n in range(56 * 60)) if m.astimezone(ZoneInfo(zone)).date() == day]


def at_clock(day: date, hour: int, zone: str) -> datetime:
    """The first minute of the day at which a local clock shows the full hour or, where it jumps over it, would have."""
    shows = [m for m in minutes_of(day, zone) if m.astimezone(ZoneInfo(zone)).time() == time(hour)]
    return shows[0] if shows else _after_clock_change(day, hour, zone)


def _after_clock_change(day: date, hour: int, zone: str) -> datetime:
    """The clock of the later offset is the earlier instant; a duty is never computed too late."""
    offsets = {m.astimezone(ZoneInfo(zone)).utcoffset() for m in minutes_of(day, zone)}
    return min(datetime.combine(day, time(hour), UTC) - (offset or timedelta(0)) for offset in offsets)


def end_of(day: date, zone: str, ends: str = "end_of_day") -> datetime:
    if ends == "noon":
        return at_clock(day, 12, zone)
    if ends == "close_of_business":
        return at_clock(day, 17, zone)
    late = [m for m in minutes_of(day, zone) if m.astimezone(ZoneInfo(zone)).time() == time(23, 59)]
    return (late[0] if late else minutes_of(day, zone)[-1]) + timedelta(seconds=59)


def is_working(day: date, calendar: Calendar) -> bool:
    return day.weekday() < 5 and day not in calendar.holidays


def walk(day: date, span: Duration, calendar: Calendar) -> date:
    """So many days or months on, a step at a time."""
    count = span.value - (1 if isinstance(span, ClockLength) and span.first_day_counts else 0)
    if span.unit == "months":
        return walk_months(day, count)
    step = DAY if count >= 0 else -DAY
    left = abs(count)
    while left:
        day += step
        skipped = (span.unit == "business_days" and not is_working(day, calendar)) or (
            span.less_holidays and day in calendar.holidays
        )
        left -= 0 if skipped else 1
    return day


def walk_months(day: date, months: int) -> date:
    """The day of the same number, found by walking through the months; the first of the next where there is none."""
    wanted = day.day
    for _ in range(months):
        day = day.replace(day=1)
        month = day.month
        while day.month == month:
            day += DAY
    month = day.month
    while day.day != wanted and day.month == month:
        day += DAY
    return day


def due_of(start: datetime, day: date, length: ClockLength, zone: str, calendar: Calendar) -> tuple[datetime, date]:
    """The end of a length: elapsed to the second, or at the end of the last day."""
    if length.unit in ("hours", "minutes"):
        at = start + (timedelta(hours=length.value) if length.unit == "hours" else length.value * MINUTE)
        return at, at.astimezone(ZoneInfo(zone)).date()
    last = walk(day, length, calendar)
    while length.roll == "next_business_day" and not is_working(last, calendar):
        last += DAY
    while length.roll == "previous_business_day" and not is_working(last, calendar):
        last -= DAY
    at = end_of(last, zone, length.ends.value)
    return (max(at, start) if length.value >= 0 else at), last


class NaiveClock:
    """One rule on one case. `due` is None while the clock waits for something."""

    def __init__(self, rule: ClockRule, facts: ClockFacts, events: Iterable[ClockEvent], calendar: Calendar) -> None:
        self.rule, self.facts, self.zone, self.calendar = rule, facts, facts.zone, calendar
        self.told = sorted(events, key=lambda event: event.at)

    def due(self) -> datetime | None:
        rule = self.rule
        assert rule.length is not None
        start = self.start()
        if start is None:
            return None
        at, day = self._paused(start)
        base = due_of(at, day, rule.length, self.zone, self.calendar)
        return self._extended(at, day, base)

    def happened(self, kind: str) -> list[DatedEvent]:
        received = self._moment(self.facts.received_at, None)
        first = {"appeal": "appeal_received", "grievance": "grievance_received"}
        first["external_review"] = "external_review_requested"
        told = [(*self._moment(e.at, e.on), e) for e in self.told if e.kind == kind and self._concerns(e)]
        if kind == "request_received" or (kind == "expedited_request_received" and self.facts.urgency == "expedited"):
            return [(*received, None)]
        if not told and first.get(self.facts.proceeding.value) == kind:
            return [(*received, None)]
        return told

    def _concerns(self, event: ClockEvent) -> bool:
        return not event.rules or self.rule.rule_id in event.rules

    def _moment(self, at: datetime, on: date | None) -> tuple[datetime, date]:
        if on is not None:
            return minutes_of(on, self.zone)[0], on
        at = at.astimezone(UTC).replace(microsecond=0)
        return at, at.astimezone(ZoneInfo(self.zone)).date()

    def start(self) -> tuple[datetime, date] | None:
        starts = self.rule.starts
        assert starts is not None
        if self.rule.needs is not None and not self._has_what_it_needs():
            return None
        found = [self._point(point) for point in starts.points]
        known = [one for one in found if one is not None]
        if not known or (starts.take == "latest" and None in found):
            return None
        chosen = known[0] if starts.take == "preferred" else max(known) if starts.take == "latest" else min(known)
        return self._when_staffed(chosen) if starts.staffed_hours is not None else chosen

    def _has_what_it_needs(self) -> bool:
        needs = self.rule.needs
        assert needs is not None
        of = self.happened(needs.of)
        done = [one for one in self.happened(needs.event) if of and one[0] >= of[0][0]]
        return bool(done) and done[0][0] <= due_of(of[0][0], of[0][1], needs.within, self.zone, self.calendar)[0]

    def _point(self, point: StartPoint) -> tuple[datetime, date] | None:
        found, earliest = self.happened(point.event), None
        for kind in point.after:
            before = [one for one in self.happened(kind) if earliest is None or one[0] >= earliest]
            if not before:
                return None
            earliest = before[0][0]
        found = [one for one in found if earliest is None or one[0] >= earliest]
        if not found:
            return None
        at, day, event = found[-1] if point.last else found[0]
        if point.end_of_time_given is not None:
            return self._time_given(at, day, event, point.end_of_time_given)
        if point.plus is not None and point.plus.unit == "hours":
            return self._moment(at + timedelta(hours=point.plus.value), None)
        if point.plus is not None:
            day = walk(day, point.plus, self.calendar)
            return end_of(day, self.zone), day
        if point.unless_asked and self._asked_in_time(at, day):
            return None
        return at, day

    def _asked_in_time(self, at: datetime, day: date) -> bool:
        assert self.rule.length is not None
        limit = due_of(at, day, self.rule.length, self.zone, self.calendar)[0]
        asked = [one[0] for one in self.happened("information_requested") if one[0] >= at]
        return bool(asked) and asked[0] <= limit

    def _time_given(
        self, at: datetime, day: date, event: ClockEvent | None, least: Duration
    ) -> tuple[datetime, date] | None:
        assert event is not None
        hours = least.value if least.unit == "hours" else least.value * 24
        if event.hours_given is not None:
            return self._moment(at + timedelta(hours=event.hours_given), None) if event.hours_given >= hours else None
        if event.days_given is not None and event.days_given * 24 >= hours:
            last = day + event.days_given * DAY
            return end_of(last, self.zone), last
        return None

    def _when_staffed(self, start: tuple[datetime, date]) -> tuple[datetime, date]:
        """The first minute in office hours, found minute by minute."""
        starts = self.rule.starts
        assert starts is not None and starts.staffed_hours is not None
        staffed, at = starts.staffed_hours, start[0]
        while True:
            local = at.astimezone(ZoneInfo(staffed.zone))
            opens, closes = staffed.weekdays if is_working(local.date(), self.calendar) else staffed.other_days
            if opens <= local.time() <= closes:
                return self._moment(at, None)
            at = (at + MINUTE).replace(second=0)

    def _paused(self, start: tuple[datetime, date]) -> tuple[datetime, date]:
        if self.rule.pause is None:
            return start
        turns = [(one[0], 1, one[1]) for one in self.happened(self.rule.pause.since)]
        turns += [(one[0], 0, one[1]) for one in self.happened(self.rule.pause.until)]
        took, days, stands = timedelta(0), timedelta(0), None
        for at, begins, day in sorted(turns):
            if begins and stands is None:
                stands = max((at, day), start)
            elif not begins and stands is not None:
                if at > stands[0]:
                    took, days = took + (at - stands[0]), days + (day - stands[1])
                stands = None
        if self.rule.length is not None and self.rule.length.unit in ("hours", "minutes"):
            return self._moment(start[0] + took, None) if took else start
        return start[0] + days, start[1] + days

    def _extended(self, at: datetime, day: date, base: tuple[datetime, date]) -> datetime:
        allowed, zone = self.rule.extension, ZoneInfo(self.zone)
        if allowed is None or self.facts.service_kind in allowed.not_for:
            return base[0]
        for sent_at, sent_on, event in self.happened("extension_notice_sent"):
            assert event is not None
            in_time = at <= sent_at < base[0]
            wrong = event.reason is not None and allowed.reasons and event.reason not in allowed.reasons
            if not in_time or wrong or (allowed.most is None and event.decision_by is None):
                continue
            return self._granted(sent_at, sent_on, event, base, zone)
        return base[0]

    def _granted(
        self, sent_at: datetime, sent_on: date, event: ClockEvent, base: tuple[datetime, date], zone: ZoneInfo
    ) -> datetime:
        allowed, length, tolling = self.rule.extension, self.rule.length, self.rule.tolling
        assert allowed is not None and length is not None
        due = base[0]
        if allowed.most is not None:
            later = base[1] + allowed.most.value * DAY
            due = end_of(later, self.zone)
            if length.unit in ("hours", "minutes"):
                local = base[0].astimezone(zone)
                same = [
                    m
                    for m in minutes_of(later, self.zone)
                    if m.astimezone(zone).time() == local.time().replace(second=0)
                ]
                due = max(same[0] + timedelta(seconds=local.second), base[0]) if same else due
        if event.decision_by is not None:
            promised = end_of(event.decision_by, self.zone)
            due = max(base[0], promised) if allowed.most is None or promised < due else due
        if tolling is None or event.reason != tolling.reason or (event.days_given or 0) < tolling.least_days_given:
            return due
        assert allowed.most is not None and event.days_given is not None
        last = sent_on + event.days_given * DAY
        answers = [one[1] for one in self.happened("information_received") if one[0] >= sent_at]
        resumed = answers[0] if answers and answers[0] <= last else last
        return max(base[0], end_of(resumed + allowed.most.value * DAY, self.zone))
