"""The strip of a stay: each of its days once, in order, with its level of care and its answer in words; and the same in sums.

A day counts as the stay's own where the patient is in hospital on it, or where days were decided or asked for. Days are of the
stay's zone. Nothing here decides: the answers are those of the stay's reviews.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.plain_language.phrases import count_phrase
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.on_file import DecidedDays
from domain.stays.parts import DayStatus, days_between

DAY = timedelta(days=1)
MOST_DAYS_AHEAD = 90
"""So many days after today at most: an expected discharge further ahead is a typing error, and no strip of a year."""


class DayAnswer(StrEnum):
    """The answer that a day has."""

    CERTIFIED = "certified"
    DENIED = "denied"
    LOOKED_AT_AGAIN = "denied, looked at again"
    ASKED_FOR = "asked for"
    UNDECIDED = "undecided"
    NOT_NEEDED = "needs no approval"
    DISCHARGED = "discharged"
    CANCELED = "canceled"
    EXPECTED_OUT = "discharge expected"
    EXPECTED = "ahead"


_OPEN = frozenset({DayAnswer.ASKED_FOR, DayAnswer.UNDECIDED})
_WORDS = {
    DayAnswer.CERTIFIED: "Certified",
    DayAnswer.DENIED: "Denied",
    DayAnswer.LOOKED_AT_AGAIN: "Denied, 2nd look",
    DayAnswer.ASKED_FOR: "Asked for",
    DayAnswer.UNDECIDED: "Undecided",
    DayAnswer.NOT_NEEDED: "Not required",
    DayAnswer.DISCHARGED: "Discharged",
    DayAnswer.CANCELED: "Canceled",
    DayAnswer.EXPECTED_OUT: "Expected out",
    DayAnswer.EXPECTED: "Ahead",
}
_GLYPHS = {
    DayAnswer.CERTIFIED: "met",
    DayAnswer.DENIED: "not",
    DayAnswer.LOOKED_AT_AGAIN: "not",
    DayAnswer.ASKED_FOR: "unk",
    DayAnswer.UNDECIDED: "unk",
}
_STYLES = {"met": "cert", "not": "den", "unk": "und"}
SHORT_LEVELS = {
    LevelOfCare.EMERGENCY: "ED",
    LevelOfCare.OBSERVATION: "Obs",
    LevelOfCare.INPATIENT_WARD: "Ward",
    LevelOfCare.STEPDOWN: "Step-down",
    LevelOfCare.ICU: "ICU",
    LevelOfCare.LTCH: "LTCH",
    LevelOfCare.IRF: "IRF",
    LevelOfCare.SNF: "SNF",
    LevelOfCare.HOME_HEALTH: "Home care",
    LevelOfCare.HOSPICE: "Hospice",
    LevelOfCare.HOME: "Home",
    LevelOfCare.ASSISTED_LIVING: "Assisted",
    LevelOfCare.PSYCH_IP: "Psych",
    LevelOfCare.RESIDENTIAL: "Residential",
    LevelOfCare.PHP: "PHP",
    LevelOfCare.IOP: "IOP",
}


@dataclass(frozen=True)
class LevelFrom:
    """The level of care from a local day on; None is not known."""

    day: date
    level: LevelOfCare | None


@dataclass(frozen=True)
class StayDays:
    """All that the strip is made of. `asked` are days of the review under way; `certified_levels` those at which days need an
    approval. `canceled`: the hospital took the admission back. Days are of the stay's zone; None is not known or not yet."""

    today: date
    came: date | None
    left: date | None
    levels: tuple[LevelFrom, ...]
    decided: tuple[DecidedDays, ...]
    asked: tuple[tuple[date, date], ...]
    avoidable: tuple[AvoidableDay, ...]
    expected_out: date | None
    certified_levels: Collection[LevelOfCare]
    canceled: bool = False


@dataclass(frozen=True)
class StripDay:
    """One day: its answer with word and glyph, its level, and why it could have been saved."""

    day: date
    level: str
    answer: DayAnswer
    avoidable: tuple[str, ...]
    is_today: bool

    @property
    def word(self) -> str:
        """The answer as it stands on the day."""
        return _WORDS[self.answer]

    @property
    def glyph(self) -> str:
        """The mark beside the word; empty for a day without an answer."""
        return _GLYPHS.get(self.answer, "")

    @property
    def style(self) -> str:
        """The name of the day's looks in the stylesheet."""
        return _STYLES.get(self.glyph, "fut")


def make_days(stay: StayDays) -> tuple[StripDay, ...]:
    """Every day of the stay once, in order; none before the patient came, unless days were decided or asked for in advance."""
    bounds = tuple(_bounds(stay))
    if not bounds:
        return ()
    reasons: dict[date, list[str]] = {}
    for entry in stay.avoidable:
        reasons.setdefault(entry.day, []).append(entry.reason.replace("_", " "))
    return tuple(
        StripDay(
            day=day,
            level=_short_level(stay, day),
            answer=_answer(stay, day),
            avoidable=tuple(dict.fromkeys(reasons.get(day, ()))),
            is_today=day == stay.today and (stay.left is None or day <= stay.left),
        )
        for day in days_between(min(bounds), max(bounds))
    )


def sum_up(days: Iterable[StripDay]) -> str:
    """The days in words: '3 certified · 1 denied, looked at again · 2 undecided'; days ahead and that of the discharge are no
    days with an answer."""
    counts = Counter("undecided" if one.answer in _OPEN else one.answer.value for one in days)
    kinds = ("certified", "denied", "denied, looked at again", "undecided", "needs no approval", "canceled")
    said = (
        f"{counts[kind]} {'need no approval' if kind == 'needs no approval' and counts[kind] != 1 else kind}"
        for kind in kinds
        if counts[kind]
    )
    return " · ".join(said) or "no day yet"


def count_avoidable(days: Iterable[StripDay]) -> str:
    """'2 avoidable days', or an empty text."""
    number = sum(1 for one in days if one.avoidable)
    return count_phrase(number, "avoidable day") if number else ""


def _bounds(stay: StayDays) -> Iterator[date]:
    """Days between which the strip lies: nothing where the patient has not come and nothing was asked for."""
    told = [one.first for one in stay.decided] + [one.last for one in stay.decided]
    told += [day for span in stay.asked for day in span]
    ahead = stay.today + MOST_DAYS_AHEAD * DAY
    if stay.came is None:
        yield from (day for day in told if day <= ahead)
        return
    yield stay.came
    if stay.left is not None:
        yield max(stay.came, stay.left)
        return
    yield max(stay.came, stay.today)
    yield from (day for day in (*told, stay.expected_out) if day is not None and stay.came <= day <= ahead)


def _answer(stay: StayDays, day: date) -> DayAnswer:
    if stay.canceled:
        return DayAnswer.CANCELED
    in_effect = next(
        (one for one in reversed(stay.decided) if one.first <= day <= one.last and not one.changed_by), None
    )
    is_asked = any(first <= day <= last for first, last in stay.asked)
    if in_effect is not None:
        if in_effect.answer is DayStatus.CERTIFIED:
            return DayAnswer.CERTIFIED
        return DayAnswer.LOOKED_AT_AGAIN if is_asked else DayAnswer.DENIED
    if stay.left is not None and day >= stay.left and stay.came != stay.left:
        return DayAnswer.DISCHARGED
    if is_asked:
        return DayAnswer.ASKED_FOR
    if day > stay.today:
        return DayAnswer.EXPECTED_OUT if day == stay.expected_out else DayAnswer.EXPECTED
    level = level_on(stay.levels, day)
    return DayAnswer.NOT_NEEDED if level is not None and level not in stay.certified_levels else DayAnswer.UNDECIDED


def level_on(levels: Iterable[LevelFrom], day: date) -> LevelOfCare | None:
    """The level of care at the end of a day."""
    found = [one for one in levels if one.day <= day]
    return found[-1].level if found else None


def _short_level(stay: StayDays, day: date) -> str:
    if day > stay.today and stay.left is None and not any(one.first <= day <= one.last for one in stay.decided):
        return ""
    level = level_on(stay.levels, day)
    return SHORT_LEVELS[level] if level is not None else ""


def usual_end(admitted: datetime | None, usual_days: float | None) -> datetime | None:
    """The end of the usual length of such stays, counted from the inpatient order: a signal, never a limit."""
    return None if admitted is None or usual_days is None else admitted + timedelta(days=usual_days)


def spell_levels(titles: Mapping[LevelOfCare, str], level: LevelOfCare | None) -> str:
    """The level in the rulebook's words."""
    return titles[level] if level is not None else "Level not known"
