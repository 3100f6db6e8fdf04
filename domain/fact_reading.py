"""Reading one fact for the criteria: which of the values seen counts on a given day, and why none does.

Nothing here raises and nothing turns a doubt into an answer: a value of the wrong type, in another unit, too old,
dated in the future or contradicted leaves the fact unknown, with the reason in words. Values that do not count are
set aside and shown; they never outvote one that does. Values that count but differ are a conflict: the newest wins
only where the dictionary says so (`conflict: newest`, for what changes by nature, like weight), and only when it is
alone on its day. A value that says it replaces another ends the conflict, if it counts itself. Values that agree are
one: the best supported is shown, among equals the newest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.facts import (
    ConflictRule,
    EvidenceTier,
    Fact,
    FactDefinition,
    FactSource,
    FactType,
    FactValue,
    SourceKind,
)

TIER_RANK = {EvidenceTier.JUDGMENT: 1, EvidenceTier.ATTEST: 1, EvidenceTier.DOCUMENT: 2, EvidenceTier.STRUCTURED: 3}


class Gap(StrEnum):
    """Why a criterion is unknown."""

    MISSING = "missing"
    EXPIRED = "expired"
    UNDATED = "undated"
    FUTURE_DATED = "future_dated"
    WRONG_TYPE = "wrong_type"
    WRONG_UNIT = "wrong_unit"
    VALUE_NOT_LISTED = "value_not_listed"
    CONFLICT = "conflict"
    NOT_A_JUDGMENT = "not_a_judgment"
    GRAY_ZONE = "gray_zone"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A value that was seen and did not count, and why."""

    value: FactValue
    unit: str | None
    effective: date | None
    evidence: EvidenceTier
    source: FactSource
    gap: Gap
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen for one fact. `gap` is None when the value counts; otherwise the value is only shown."""

    fact: str
    value: FactValue | None = None
    unit: str | None = None
    effective: date | None = None
    evidence: EvidenceTier | None = None
    source: FactSource | None = None
    gap: Gap | None = None
    detail: str | None = None
    set_aside: tuple[SetAside, ...] = ()


def read_fact(definition: FactDefinition, seen: Sequence[Fact], as_of: date) -> Reading:
    """The reading of one fact from every value seen for it, on the calendar day `as_of`."""
    usable: list[Fact] = []
    refused: list[tuple[Fact, Gap, str]] = []
    for fact in seen:
        doubt = _doubt(definition, fact, as_of)
        if doubt is None:
            usable.append(fact)
        else:
            refused.append((fact, *doubt))
    if not usable:
        return _unusable(definition, refused)
    if len(usable) > 1:
        usable = _without_replaced(usable, refused)
    chosen = usable[0] if len(usable) == 1 else _choose(definition, usable)
    if chosen is None:
        return _conflict(definition, usable, refused)
    aside = tuple(_set_aside(*entry) for entry in refused) if refused else ()
    return Reading(
        definition.id, chosen.value, chosen.unit, chosen.effective, chosen.evidence, chosen.source, None, None, aside
    )


def _doubt(definition: FactDefinition, fact: Fact, as_of: date) -> tuple[Gap, str] | None:
    """Why this value does not count, or None when it does."""
    if definition.evidence is EvidenceTier.JUDGMENT and not _is_judgment(fact.source):
        return Gap.NOT_A_JUDGMENT, "a clinician must judge this and be named; no other source can answer it"
    expected = type_expected(definition, fact.value)
    if expected is not None:
        return Gap.WRONG_TYPE, f"expected {expected}"
    if definition.type is FactType.NUMBER and not _same_unit(definition.unit, fact.unit):
        return Gap.WRONG_UNIT, f"in {fact.unit or 'no unit'}; expected {definition.unit or 'no unit'}"
    if definition.values and not _all_listed(definition, fact.value):
        return Gap.VALUE_NOT_LISTED, "expected one of " + ", ".join(definition.values)
    return _untimely(definition, fact, as_of)


def _without_replaced(usable: list[Fact], refused: list[tuple[Fact, Gap, str]]) -> list[Fact]:
    """The values that no other corrects; values that correct each other in a circle stay, and contradict each other."""
    replaced = {reference for fact in usable for reference in fact.replaces if reference != fact.source.reference}
    standing = [fact for fact in usable if fact.source.reference not in replaced]
    if not standing:
        return usable
    refused.extend(
        (fact, Gap.REPLACED, "corrected by a later value") for fact in usable if fact.source.reference in replaced
    )
    return standing


def _untimely(definition: FactDefinition, fact: Fact, as_of: date) -> tuple[Gap, str] | None:
    if fact.effective is None:
        if definition.max_age_days is None:
            return None
        return Gap.UNDATED, f"no date, so it cannot be shown to be at most {definition.max_age_days} days old"
    if fact.effective > as_of:
        return Gap.FUTURE_DATED, f"dated {fact.effective.isoformat()}, after {as_of.isoformat()}"
    age = (as_of - fact.effective).days
    if definition.max_age_days is not None and age > definition.max_age_days:
        return Gap.EXPIRED, f"expired: {age} days old on {as_of.isoformat()}, at most {definition.max_age_days} count"
    return None


def _is_judgment(source: FactSource) -> bool:
    return source.kind is SourceKind.CLINICIAN_JUDGMENT and bool((source.recorded_by or "").strip())


def type_expected(definition: FactDefinition, value: object) -> str | None:
    """What was expected instead, or None when the value has the right type.

    An empty set of codes says nothing: a record without entries is far more often incomplete than the patient is well.
    """
    match definition.type:
        case FactType.BOOL:
            return None if isinstance(value, bool) else "yes or no"
        case FactType.NUMBER:
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            return None if is_number else "a number"
        case FactType.CODE:
            return None if isinstance(value, str) and value.strip() else "one code"
        case FactType.CODES:
            is_codes = isinstance(value, tuple) and bool(value) and all(isinstance(item, str) for item in value)
            return None if is_codes else "at least one code"


def _same_unit(expected: str | None, got: str | None) -> bool:
    return expected == got or (_is_plain_count(expected) and _is_plain_count(got))


def _is_plain_count(unit: str | None) -> bool:
    """UCUM: no unit, the unit one, and annotations in braces ("{events}") all mean a plain count."""
    return unit is None or unit == "1" or (unit.startswith("{") and unit.endswith("}"))


def _all_listed(definition: FactDefinition, value: FactValue) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return all(item in definition.values for item in items)


def _choose(definition: FactDefinition, usable: list[Fact]) -> Fact | None:
    """The value that counts among several usable ones, or None when they contradict each other."""
    if len({_comparable(fact.value) for fact in usable}) == 1:
        return max(usable, key=lambda fact: (TIER_RANK[fact.evidence], fact.effective or date.min))
    if definition.conflict is not ConflictRule.NEWEST or any(fact.effective is None for fact in usable):
        return None
    newest_day = max(fact.effective for fact in usable if fact.effective is not None)
    newest = [fact for fact in usable if fact.effective == newest_day]
    return _choose(definition, newest) if len(newest) < len(usable) else None


def _comparable(value: FactValue) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _unusable(definition: FactDefinition, refused: list[tuple[Fact, Gap, str]]) -> Reading:
    if not refused:
        return Reading(definition.id, gap=Gap.MISSING)
    shown, gap, detail = max(refused, key=lambda entry: entry[0].effective or date.min)
    others = tuple(_set_aside(*entry) for entry in refused if entry[0] is not shown)
    return Reading(
        definition.id, shown.value, shown.unit, shown.effective, shown.evidence, shown.source, gap, detail, others
    )


def _conflict(definition: FactDefinition, usable: list[Fact], refused: list[tuple[Fact, Gap, str]]) -> Reading:
    detail = f"{len(usable)} sources give different values"
    contradicting = [_set_aside(fact, Gap.CONFLICT, detail) for fact in usable]
    aside = (*contradicting, *(_set_aside(*entry) for entry in refused))
    return Reading(definition.id, gap=Gap.CONFLICT, detail=detail, set_aside=aside)


def _set_aside(fact: Fact, gap: Gap, detail: str) -> SetAside:
    return SetAside(fact.value, fact.unit, fact.effective, fact.evidence, fact.source, gap, detail)
