"""The picture under the days of a stay: bars of levels of care and of review rounds, and marks of the usual and expected end.

Rows of fourteen days, drawn with percent coordinates, so that it stretches with the page and its text does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.plain_language.phrases import count_phrase
from domain.stays.levels_of_care import LevelOfCare
from web.presentation.processes.stay_strip import DAY, SHORT_LEVELS, LevelFrom, StripDay, level_on

DAYS_IN_ROW = 14
_GAP = 0.3
_COLUMN = 100 / DAYS_IN_ROW
_NEAR = 24.0
"""Percent: marks nearer to each other than this share one text."""


@dataclass(frozen=True)
class Round:
    """A review of the stay: its number, the days it is about, and its answer in words ('approved', 'open')."""

    number: int
    first: date
    last: date
    answer: str


@dataclass(frozen=True)
class Mark:
    """An end that is expected: its day with the part of it that has passed (0 at midnight), in words."""

    day: date
    part: float
    words: str


@dataclass(frozen=True)
class Bar:
    """A bar: left edge and width in percent, its lane from 0, its text."""

    x: float
    width: float
    lane: int
    text: str


@dataclass(frozen=True)
class MarkText:
    """The text of marks that stand near each other: where it is anchored, in percent and by which end."""

    x: float
    anchor: str
    text: str


@dataclass(frozen=True)
class StripRow:
    """A row: its days, and what is drawn below them. `said` is the picture in a sentence."""

    number: int
    days: tuple[StripDay, ...]
    levels: tuple[Bar, ...]
    rounds: tuple[Bar, ...]
    ticks: tuple[float, ...]
    marks: tuple[MarkText, ...]
    said: str

    @property
    def start(self) -> int:
        """The number of its first day in the stay, from 1."""
        return self.number * DAYS_IN_ROW + 1

    @property
    def ticks_y(self) -> int:
        """The height at which the marks begin, in pixels."""
        return 27 + 24 * (1 + max((one.lane for one in self.rounds), default=-1))

    @property
    def height(self) -> int:
        """The height of the picture in pixels."""
        return self.ticks_y + (24 if self.marks else 0)


def make_rows(
    days: Sequence[StripDay],
    levels: Sequence[LevelFrom],
    rounds: Sequence[Round],
    marks: Sequence[Mark],
    titles: Mapping[LevelOfCare, str],
) -> tuple[StripRow, ...]:
    """The rows of the strip: each day in one of them, in order."""
    chunks = (days[first : first + DAYS_IN_ROW] for first in range(0, len(days), DAYS_IN_ROW))
    return tuple(_row(number, tuple(chunk), levels, rounds, marks, titles) for number, chunk in enumerate(chunks))


def _row(
    number: int,
    days: tuple[StripDay, ...],
    levels: Sequence[LevelFrom],
    rounds: Sequence[Round],
    marks: Sequence[Mark],
    titles: Mapping[LevelOfCare, str],
) -> StripRow:
    first, last = days[0].day, days[-1].day
    known = [one for one in days if one.level]
    spans = tuple(_level_spans(known, levels))
    near = sorted((one for one in marks if first <= one.day <= last), key=lambda one: (one.day, one.part))
    places = [(_x(first, one.day) + one.part * _COLUMN, one.words) for one in near]
    shown = [one for one in rounds if one.first <= last and one.last >= first]
    return StripRow(
        number=number,
        days=days,
        levels=tuple(_bar(first, a, b, 0, titles[level], SHORT_LEVELS[level]) for a, b, level in spans),
        rounds=tuple(_round_bars(first, last, shown)),
        ticks=tuple(round(x, 2) for x, _ in places),
        marks=tuple(_mark_texts(places)),
        said=_say(spans, shown, near, titles),
    )


def _level_spans(days: Iterable[StripDay], levels: Sequence[LevelFrom]) -> Iterator[tuple[date, date, LevelOfCare]]:
    begun: tuple[date, date, LevelOfCare] | None = None
    for one in days:
        level = level_on(levels, one.day)
        if begun is not None and begun[2] is level and begun[1] + DAY == one.day:
            begun = (begun[0], one.day, begun[2])
            continue
        if begun is not None:
            yield begun
        begun = (one.day, one.day, level) if level is not None else None
    if begun is not None:
        yield begun


def _round_bars(first: date, last: date, rounds: Iterable[Round]) -> Iterator[Bar]:
    """The rounds within these days; one about days of an earlier one stands in the next lane."""
    ends: list[date] = []
    for one in sorted(rounds, key=lambda one: (one.number, one.first)):
        a, b = max(one.first, first), min(one.last, last)
        lane = next((place for place, end in enumerate(ends) if end < a), len(ends))
        ends[lane : lane + 1] = [b]
        name = f"Round {one.number}"
        yield _bar(first, a, b, lane, f"{name}, {one.answer}", name)


def _bar(origin: date, first: date, last: date, lane: int, text: str, short: str) -> Bar:
    length = (last - first).days + 1
    fits = length >= 2 and len(text) <= 11 * length
    return Bar(round(_x(origin, first) + _GAP, 2), round(length * _COLUMN - 2 * _GAP, 2), lane, text if fits else short)


def _x(origin: date, day: date) -> float:
    return (day - origin).days * _COLUMN


def _mark_texts(places: Sequence[tuple[float, str]]) -> Iterator[MarkText]:
    together: list[tuple[float, str]] = []
    for place in places:
        if together and place[0] - together[0][0] >= _NEAR:
            yield _mark_text(together)
            together = []
        together.append(place)
    if together:
        yield _mark_text(together)


def _mark_text(places: Sequence[tuple[float, str]]) -> MarkText:
    x = sum(x for x, _ in places) / len(places)
    anchor = "start" if x < _NEAR / 2 else "end" if x > 100 - _NEAR / 2 else "middle"
    return MarkText(round(x, 2), anchor, "; ".join(words for _, words in places))


def _say(
    spans: Iterable[tuple[date, date, LevelOfCare]],
    rounds: Iterable[Round],
    marks: Iterable[Mark],
    titles: Mapping[LevelOfCare, str],
) -> str:
    levels = [f"{titles[level]} {_span(a, b)}" for a, b, level in spans]
    reviews = [f"round {one.number} for {_span(one.first, one.last)}: {one.answer}" for one in rounds]
    ends = [f"{one.words} on {_day(one.day)}" for one in marks]
    parts = (("Levels of care: ", levels), ("Reviews: ", reviews), ("Ends: ", ends))
    return " ".join(f"{head}{'; '.join(said)}." for head, said in parts if said) or "Nothing is known of these days."


def _span(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day:%B} {day.day}"


def describe_length(days: int | None) -> str:
    """'4 midnights so far' without the words after it: '4 midnights'; empty for None."""
    return "" if days is None else count_phrase(days, "midnight")
