"""Retention periods: for how long the record of a closed case is kept, by line of business and State, and until when one is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field, PositiveInt

from domain.cited_value import CitedCount, CitedEntry
from domain.model import Model
from domain.vocabulary import Lob


class PeriodStart(StrEnum):
    """The day from which a period counts: that of the last act on the case, or the end of that calendar year (of a contract),
    or of the one after it (a filing about a plan year is made in the next)."""

    LAST_ACT = "last_act"
    END_OF_YEAR = "end_of_year"
    END_OF_NEXT_YEAR = "end_of_next_year"


class RetentionPeriod(CitedEntry):
    """One rule: records of these lines of business and States (none named: of all) are kept for `years`. It binds records whose
    last act is before `ends` (None: it has no end) and is asked from `effective` on."""

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    title: str = Field(min_length=1)
    lobs: tuple[Lob, ...] = ()
    states: tuple[str, ...] = ()
    years: PositiveInt
    counts_from: PeriodStart = PeriodStart.LAST_ACT
    effective: date
    ends: date | None = None

    def is_about(self, lob: Lob, state: str, last_act: date, today: date) -> bool:
        """Whether the rule binds, on this day, a record of this line of business and State with this last act."""
        in_force = self.effective <= today and (self.ends is None or last_act < self.ends)
        return in_force and (not self.lobs or lob in self.lobs) and (not self.states or state in self.states)

    def last_day(self, last_act: date) -> date:
        """The last day on which a record with this last act must be there."""
        match self.counts_from:
            case PeriodStart.LAST_ACT:
                start = last_act
            case PeriodStart.END_OF_YEAR:
                start = date(last_act.year, 12, 31)
            case PeriodStart.END_OF_NEXT_YEAR:
                start = date(last_act.year + 1, 12, 31)
        return add_years(start, self.years)


class RetentionPolicy(Model):
    """All periods. A minor's record is kept at least until the day on which they become `minors_until_age` years old. No record
    goes that somebody opened within `quiet_days`."""

    periods: tuple[RetentionPeriod, ...] = Field(min_length=1)
    minors_until_age: CitedCount
    quiet_days: CitedCount


class KeptUntil(NamedTuple):
    """The last day of a record, and the rules that say so: those with the latest end."""

    last_day: date
    rules: tuple[str, ...]


MINORS = "MINORS"
"""The rule id under which `minors_until_age` is named."""
_ADULT = 18


def keep_until(
    policy: RetentionPolicy, lob: Lob, state: str, born: date, last_act: date, today: date
) -> KeptUntil | None:
    """Until when the record of a closed case is kept, by the longest rule that binds it; None where a line of business has no
    rule of its own: such a record is kept, because nobody has said that it may go."""
    bound = [rule for rule in policy.periods if rule.is_about(lob, state, last_act, today)]
    if not any(rule.lobs for rule in bound):
        return None
    ends = [(rule.last_day(last_act), rule.rule_id) for rule in bound]
    if last_act < add_years(born, _ADULT):
        ends.append((add_years(born, policy.minors_until_age.value), MINORS))
    last = max(day for day, _ in ends)
    return KeptUntil(last, tuple(sorted(rule for day, rule in ends if day == last)))


def unsure_rules(policy: RetentionPolicy) -> Iterable[RetentionPeriod]:
    """The periods that nobody has read in their source yet."""
    return (rule for rule in policy.periods if rule.confidence.value == "unsure")


def add_years(day: date, years: int) -> date:
    """The same day so many years later; March 1 where February 29 is not there, so that nothing ends a day early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
