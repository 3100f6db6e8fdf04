"""Readings of facts for the criteria: the value of a fact that counts on a given day, or the reason that none does.

Nothing here raises and nothing turns a doubt into an answer: a value of the wrong type, in another unit, outside what can be,
too old, dated in the future or contradicted leaves the fact unknown, with the reason in words. Values that do not count are
set aside and shown; they never outvote one that does. Values that count but differ are a conflict: the newest wins
only where the dictionary says so (`conflict: newest`, for what changes by nature, like weight), and only when it is
alone on its day. A value that says it replaces another ends the conflict, if it counts itself. Values that agree are
one: the best supported is shown, among equals the newest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.evidence.facts import (
    ConflictRule,
    EvidenceTier,
    Fact,
    FactDefinition,
    FactSource,
    FactType,
    FactValue,
    SourceKind,
)
from domain.evidence.units import same_unit

TIER_RANK = {EvidenceTier.JUDGMENT: 1, EvidenceTier.ATTEST: 1, EvidenceTier.DOCUMENT: 2, EvidenceTier.STRUCTURED: 3}
"""Higher is better supported. Outside judgment leaves a judgment weighs no more than a statement."""

_NUMBER_LIMIT = 2**53


class FactGap(StrEnum):
    """Reasons that a criterion is unknown or a value was set aside."""

    MISSING = "missing"
    EXPIRED = "expired"
    UNDATED = "undated"
    FUTURE_DATED = "future_dated"
    WRONG_TYPE = "wrong_type"
    WRONG_UNIT = "wrong_unit"
    VALUE_NOT_LISTED = "value_not_listed"
    IMPLAUSIBLE = "implausible"
    CONFLICT = "conflict"
    NOT_A_JUDGMENT = "not_a_judgment"
    GRAY_ZONE = "gray_zone"
    REPLACED = "replaced"
    DISAGREEING_TESTS = "disagreeing_tests"


@dataclass(frozen=True, slots=True)
class SetAsideFact:
    """A value that was seen and does not count, with the reason."""

    seen: Fact
    gap: FactGap
    detail: str


@dataclass(frozen=True, slots=True)
class FactReading:
    """The reading of one fact. `seen` counts when `gap` is None; otherwise it is only shown, if there is one."""

    fact: str
    seen: Fact | None = None
    evidence: EvidenceTier | None = None
    gap: FactGap | None = None
    detail: str | None = None
    set_aside: tuple[SetAsideFact, ...] = ()

    def __init__(
        self,
        fact: str,
        seen: Fact | None = None,
        evidence: EvidenceTier | None = None,
        gap: FactGap | None = None,
        detail: str | None = None,
        set_aside: tuple[SetAsideFact, ...] = (),
    ) -> None:
        # A frozen dataclass sets its fields three times slower than this, and every fact of a case is read.
        _set_fact(self, fact)
        _set_seen(self, seen)
        _set_evidence(self, evidence)
        _set_gap(self, gap)
        _set_detail(self, detail)
        _set_set_aside(self, set_aside)

    @property
    def value(self) -> FactValue | None:
        return self.seen.value if self.seen is not None else None


def _setter(name: str) -> Callable[[FactReading, object], None]:
    setter: Callable[[FactReading, object], None] = getattr(FactReading, name).__set__
    return setter


_set_fact, _set_seen, _set_evidence = _setter("fact"), _setter("seen"), _setter("evidence")
_set_gap, _set_detail, _set_set_aside = _setter("gap"), _setter("detail"), _setter("set_aside")


class FactReader:
    """Reads the values of one fact of the dictionary; created once per fact and used for every case."""

    __slots__ = ("_expected_type", "_is_right_type", "_judged", "_listed", "_max_age", "definition", "unread")

    def __init__(self, definition: FactDefinition) -> None:
        self.definition = definition
        self.unread = FactReading(definition.id, gap=FactGap.MISSING)
        self._is_right_type, self._expected_type = TYPE_CHECKS[definition.type]
        self._judged = definition.evidence is EvidenceTier.JUDGMENT
        self._listed = frozenset(definition.values)
        self._max_age = definition.max_age_days

    def read(self, seen: Sequence[Fact], as_of: date) -> FactReading:
        """The reading of every value seen for the fact, on the calendar day `as_of`."""
        if len(seen) == 1 and self._reason_not_counted(seen[0], as_of) is None:
            return FactReading(self.definition.id, seen[0], seen[0].evidence)
        usable: list[Fact] = []
        aside: list[SetAsideFact] = []
        for fact in seen:
            doubt = self._reason_not_counted(fact, as_of)
            if doubt is None:
                usable.append(fact)
            else:
                aside.append(SetAsideFact(fact, *doubt))
        if not usable:
            return self._reading_without_value(aside)
        chosen = usable[0] if len(usable) == 1 else self._choose(_without_replaced(usable, aside))
        if chosen is None:
            return self._conflict(usable, aside)
        return FactReading(self.definition.id, chosen, chosen.evidence, None, None, tuple(aside))

    def _reason_not_counted(self, fact: Fact, as_of: date) -> tuple[FactGap, str] | None:
        """The reason that this value does not count, or None when it does."""
        if self._judged and not _is_judgment(fact.source):
            return FactGap.NOT_A_JUDGMENT, "a clinician must judge this and be named; no other source can answer it"
        if not self._is_right_type(fact.value):
            return FactGap.WRONG_TYPE, f"expected {self._expected_type}"
        unit = self.definition.unit
        if fact.unit != unit and not same_unit(unit, fact.unit):
            return FactGap.WRONG_UNIT, f"in {fact.unit or 'no unit'}; expected {unit or 'no unit'}"
        if self._listed and not self._is_listed(fact.value):
            return FactGap.VALUE_NOT_LISTED, "expected one of " + ", ".join(self.definition.values)
        bounds = self.definition.plausible
        if bounds is not None and not _is_between(fact.value, *bounds):
            low, high = (f"{bound:g}" for bound in bounds)
            measured = f" {unit}" if unit else ""
            return FactGap.IMPLAUSIBLE, f"the value cannot be; expected {low} to {high}{measured}"
        return self._date_objection(fact.effective, as_of)

    def _date_objection(self, effective: date | None, as_of: date) -> tuple[FactGap, str] | None:
        if effective is None:
            if self._max_age is None:
                return None
            return FactGap.UNDATED, f"no date, so it cannot be shown to be at most {self._max_age} days old"
        if effective > as_of:
            return FactGap.FUTURE_DATED, f"dated {effective.isoformat()}, after {as_of.isoformat()}"
        if self._max_age is not None and (as_of - effective).days > self._max_age:
            age = (as_of - effective).days
            return FactGap.EXPIRED, f"expired: {age} days old on {as_of.isoformat()}, at most {self._max_age} count"
        return None

    def _is_listed(self, value: FactValue) -> bool:
        return self._listed.issuperset(value) if isinstance(value, tuple) else value in self._listed

    def _choose(self, usable: list[Fact]) -> Fact | None:
        """The value that counts among several usable ones, or None when they contradict each other."""
        if len({_comparable(fact.value) for fact in usable}) == 1:
            return max(usable, key=lambda fact: (TIER_RANK[fact.evidence], fact.effective or date.min))
        dates = [fact.effective for fact in usable if fact.effective is not None]
        if self.definition.conflict is not ConflictRule.NEWEST or len(dates) < len(usable):
            return None
        newest = [fact for fact in usable if fact.effective == max(dates)]
        return self._choose(newest) if len(newest) < len(usable) else None

    def _reading_without_value(self, aside: list[SetAsideFact]) -> FactReading:
        if not aside:
            return self.unread
        shown = max(aside, key=lambda entry: entry.seen.effective or date.min)
        others = tuple(entry for entry in aside if entry is not shown)
        return FactReading(self.definition.id, shown.seen, shown.seen.evidence, shown.gap, shown.detail, others)

    def _conflict(self, usable: list[Fact], aside: list[SetAsideFact]) -> FactReading:
        standing = [fact for fact in usable if not any(entry.seen is fact for entry in aside)]
        detail = f"{len(standing)} sources give different values"
        contradicting = (SetAsideFact(fact, FactGap.CONFLICT, detail) for fact in standing)
        return FactReading(self.definition.id, None, None, FactGap.CONFLICT, detail, (*contradicting, *aside))


def _is_yes_or_no(value: object) -> bool:
    return value is True or value is False


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBER_LIMIT


def _is_between(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and low <= value <= high


def _is_code(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_codes(value: object) -> bool:
    """An empty set says nothing: a record without entries is far more often incomplete than the patient is well."""
    return isinstance(value, tuple) and bool(value) and all(_is_code(item) for item in value)


def is_day(value: object) -> bool:
    """Whether the value is a calendar day in the form 2026-03-10."""
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


TYPE_CHECKS: dict[FactType, tuple[Callable[[object], bool], str]] = {
    FactType.BOOL: (_is_yes_or_no, "yes or no"),
    FactType.NUMBER: (_is_number, "a number"),
    FactType.CODE: (_is_code, "one code"),
    FactType.CODES: (_is_codes, "at least one code"),
    FactType.DATE: (is_day, 'a day in quotes, such as "2026-03-10"'),
}
"""For each type the test of a value and, in words, what was expected."""


def _is_judgment(source: FactSource) -> bool:
    return source.kind is SourceKind.CLINICIAN_JUDGMENT and bool((source.recorded_by or "").strip())


def _comparable(value: FactValue) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _without_replaced(usable: list[Fact], aside: list[SetAsideFact]) -> list[Fact]:
    """The values that no other corrects; values that correct each other in a circle stay, and contradict each other."""
    replaced = {reference for fact in usable for reference in fact.replaces if reference != fact.source.reference}
    standing = [fact for fact in usable if fact.source.reference not in replaced]
    if not standing:
        return usable
    for fact in usable:
        if fact.source.reference in replaced:
            aside.append(SetAsideFact(fact, FactGap.REPLACED, "corrected by another value"))
    return standing
