"""The clocks of a case as a timeline: lanes with places in percent of the picture's width, and a sentence for each.

Places are shares of the elapsed time between two local midnights, so a day on which the clocks change is an hour wider or
narrower than its neighbors, and order in time is order on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, local_day, utc_of_local_time
from domain.plain_language.phrases import instant_phrase
from services.queries.case_clocks import DutyRow
from web.presentation.time_left import TimeLeft, kept, stopped, time_left
from web.presentation.words import spell_out

_DAY = timedelta(days=1)
_MOST_LABELS = 6
_MOST_LINES = 14
_ROOM_AFTER = 0.16
"""The share of the picture that stays free behind the last due instant, for an extension that may be taken."""


@dataclass(frozen=True)
class Stretch:
    """A part of a lane, from and to in percent."""

    start: float
    end: float

    @property
    def width(self) -> float:
        return round(self.end - self.start, 2)


@dataclass(frozen=True)
class DayMark:
    """A line between two days, in percent, with the words over it (empty: none)."""

    at: float
    words: str


@dataclass(frozen=True)
class ClockLane:
    """Duties with one due instant and one recipient. `state` is run, kept, missed, late, stopped or aside.

    `gone` is the elapsed part, `left` the remaining one, `stops` the time for which the law stops the clock; `extension` begins
    where more time could be taken. `rules` are name and citation of each rule. `label` says all of it in one sentence.
    """

    duties: str
    to: str
    state: str
    badge: TimeLeft
    due_at: datetime
    start: float
    due: float
    done: float | None
    gone: Stretch | None
    left: Stretch | None
    stops: Stretch | None
    extension: float | None
    extension_words: str
    rules: tuple[tuple[str, str], ...]
    aside: str
    label: str


@dataclass(frozen=True)
class ClockPicture:
    """All lanes over the same days. `now` is None when it lies outside; `closed` are weekends and holidays."""

    lanes: tuple[ClockLane, ...]
    days: tuple[DayMark, ...]
    closed: tuple[Stretch, ...]
    now: float | None
    now_words: str
    zone: str

    @property
    def rule_count(self) -> int:
        """The number of rules behind the lanes."""
        return len({name for lane in self.lanes for name, _ in lane.rules})


@dataclass(frozen=True)
class Scale:
    """The time that the picture shows, UTC."""

    begins: datetime
    ends: datetime

    def place(self, at: datetime) -> float:
        """The place of an instant, from 0 to 100 percent: one outside stands at the edge."""
        share = (at - self.begins) / (self.ends - self.begins)
        return round(100 * min(1.0, max(0.0, share)), 2)


def draw_clocks(
    duties: Iterable[DutyRow],
    zone: str,
    calendar: Calendar,
    now: datetime,
    *,
    is_open: bool = True,
    extensions: Mapping[tuple[str, str], str] | None = None,
) -> ClockPicture | None:
    """The picture of these duties; None without any. `extensions` names the most time a rule's extension gives, in words, by
    rule and variant. All instants are UTC; days are those of the zone."""
    shown = [duty for duty in duties if not duty.is_extension_notice]
    if not shown:
        return None
    tz = ZoneInfo(zone)
    scale = _scale(shown, tz, now if is_open else None)
    groups: dict[tuple[object, ...], list[DutyRow]] = {}
    for duty in shown:
        groups.setdefault((duty.at, duty.to, duty.judged, duty.set_aside), []).append(duty)
    lanes = [_lane(group, scale, zone, now, is_open, extensions or {}) for group in groups.values()]
    lanes.sort(key=lambda lane: (lane.state == "aside", lane.due_at))
    is_now_shown = is_open and scale.begins <= now <= scale.ends
    return ClockPicture(
        lanes=tuple(lanes),
        days=_days(scale, tz, scale.place(now) if is_now_shown else None),
        closed=_closed(scale, tz, calendar),
        now=scale.place(now) if is_now_shown else None,
        now_words=f"Now, {_day_words(local_day(now, tz), with_month=False)}",
        zone=zone,
    )


def _scale(duties: Sequence[DutyRow], tz: ZoneInfo, now: datetime | None) -> Scale:
    firsts = [duty.starts_at for duty in duties]
    lasts = [max(duty.at, duty.done_at or duty.at, duty.resumes_at or duty.at) for duty in duties]
    if now is not None:
        lasts.append(now)
    begins = utc_of_local_time(local_day(min(*firsts, *lasts), tz), time(0), tz)
    last = max(lasts)
    until = last + (last - begins) * _ROOM_AFTER
    return Scale(begins, utc_of_local_time(local_day(until, tz) + _DAY, time(0), tz))


def _lane(
    group: Sequence[DutyRow],
    scale: Scale,
    zone: str,
    now: datetime,
    is_open: bool,
    extensions: Mapping[tuple[str, str], str],
) -> ClockLane:
    first = min(group, key=lambda duty: duty.starts_at)
    due, since = first.at, min(first.starts_at, first.at)
    done = max((duty.done_at for duty in group if duty.done_at is not None), default=None)
    stop = next((duty for duty in group if duty.stopped_at is not None), None)
    state = _state(first, stop, now, is_open)
    ran_until = min(max(done if done is not None else now, since), due)
    start, end = scale.place(since), scale.place(due)
    more = next((duty for duty in group if duty.is_own and duty.extension_ends), None) if state == "run" else None
    length = extensions.get((more.rule_id, more.variant), "") if more is not None else ""
    duties = ", ".join(dict.fromkeys(spell_out(duty.kind).lower() for duty in group))
    badge = _badge(state, due, now, since, done, stop, zone)
    lane = ClockLane(
        duties=duties[:1].upper() + duties[1:],
        to=first.to,
        state=state,
        badge=badge,
        due_at=due,
        start=start,
        due=end,
        done=scale.place(done) if done is not None else None,
        gone=Stretch(start, scale.place(ran_until)),
        left=Stretch(scale.place(ran_until), end) if state in ("run", "stopped", "kept") else None,
        stops=_stops(stop, scale, now),
        extension=end if more is not None else None,
        extension_words=f"+{length}, if asked" if length else "more time, if asked",
        rules=tuple(dict.fromkeys((duty.name, duty.citation) for duty in group)),
        aside=first.set_aside or "",
        label=_label(first, badge, zone, more is not None, length),
    )
    return lane


def _state(duty: DutyRow, stop: DutyRow | None, now: datetime, is_open: bool) -> str:
    if duty.judged == "met":
        return "kept"
    if duty.judged == "missed":
        return "missed"
    if duty.set_aside:
        return "aside"
    if stop is not None and stop.resumes_at is not None and not stop.answered and is_open and now < stop.resumes_at:
        return "stopped"
    return "run" if now <= duty.at else "late"


def _badge(
    state: str,
    due: datetime,
    now: datetime,
    since: datetime,
    done: datetime | None,
    stop: DutyRow | None,
    zone: str,
) -> TimeLeft:
    match state:
        case "kept":
            return kept(max(due - done, timedelta(0))) if done is not None else kept(timedelta(0))
        case "missed" if done is not None:
            return time_left(due, max(done, due + timedelta(seconds=1)), since)
        case "aside":
            return stopped("")
        case "stopped" if stop is not None and stop.resumes_at is not None:
            return stopped(_day_words(local_day(stop.resumes_at, ZoneInfo(zone))))
    return time_left(due, now, since)


def _stops(stop: DutyRow | None, scale: Scale, now: datetime) -> Stretch | None:
    if stop is None or stop.stopped_at is None:
        return None
    return Stretch(scale.place(stop.stopped_at), scale.place(max(stop.resumes_at or now, stop.stopped_at)))


def _label(duty: DutyRow, badge: TimeLeft, zone: str, may_extend: bool, length: str) -> str:
    said = f"Runs from {instant_phrase(duty.starts_at, zone)}, due {instant_phrase(duty.at, zone)}"
    if duty.set_aside:
        return f"{said}; set aside: {duty.set_aside}"
    words = badge.words[:1].lower() + badge.words[1:]
    more = f"; may be extended{f' by {length}' if length else ''} when the letter about it is out by then"
    return f"{said}: {words}{more if may_extend else ''}"


def _days(scale: Scale, tz: ZoneInfo, now: float | None) -> tuple[DayMark, ...]:
    """The lines between the days, with words at some of them: none that another one or the word for now would overlap."""
    first, last = local_day(scale.begins, tz), local_day(scale.ends, tz)
    count = (last - first).days
    step, words_step = max(1, -(-count // _MOST_LINES)), max(1, -(-count // _MOST_LABELS))
    words_step += -words_step % step
    marks = []
    month = 0
    for number in range(0, count, step):
        day = first + number * _DAY
        at = scale.place(utc_of_local_time(day, time(0), tz))
        is_free = number % words_step == 0 and (now is None or abs(now - at) >= 100 / _MOST_LABELS)
        marks.append(DayMark(at, _day_words(day, day.month != month) if is_free else ""))
        month = day.month if is_free else month
    return tuple(marks)


def _closed(scale: Scale, tz: ZoneInfo, calendar: Calendar) -> tuple[Stretch, ...]:
    """Weekends and holidays of the calendar, neighbors in one piece. A day that the calendar does not know counts as open."""
    found: list[Stretch] = []
    day = local_day(scale.begins, tz)
    while (begins := utc_of_local_time(day, time(0), tz)) < scale.ends:
        day += _DAY
        if calendar.covers(day - _DAY) and not calendar.is_business_day(day - _DAY):
            piece = Stretch(scale.place(begins), scale.place(utc_of_local_time(day, time(0), tz)))
            joined = bool(found) and found[-1].end == piece.start
            found[-1:] = [Stretch(found[-1].start, piece.end)] if joined else [*found[-1:], piece]
    return tuple(found)


def _day_words(day: date, with_month: bool = True) -> str:
    """'Mon Nov 30', or 'Tue 1' within a month that was named."""
    return f"{day:%a %b} {day.day}" if with_month else f"{day:%a} {day.day}"
