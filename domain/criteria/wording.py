"""Plain-language wording of criteria: the requirement of a leaf and the record. English; no codes, no abbreviations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from domain.criteria.model import Op
from domain.criteria.trace import Criterion
from domain.evidence.fact_reading import FactReading
from domain.evidence.facts import FactSource, SourceKind

_OPPOSITE = {
    Op.IS_TRUE: Op.IS_FALSE,
    Op.IS_FALSE: Op.IS_TRUE,
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GE,
    Op.GE: Op.LT,
    Op.GT: Op.LE,
    Op.LE: Op.GT,
    Op.IN: Op.NOT_IN,
    Op.NOT_IN: Op.IN,
}
_COMPARED = {
    Op.EQ: "",
    Op.NE: "other than ",
    Op.LT: "below ",
    Op.LE: "at most ",
    Op.GT: "above ",
    Op.GE: "at least ",
    Op.IN: "one of ",
    Op.NOT_IN: "none of ",
}
_UNITS = {
    "%": "%",
    "mm[Hg]": "mm of mercury",
    "/h": "per hour",
    "d": "days",
    "mo": "months",
    "min": "minutes",
    "cm": "cm",
    "deg": "degrees",
    "kg/m2": "kg per square meter",
    "lb": "pounds",
    "[lb_av]": "pounds",
    "h": "hours",
    "[IU]/mL": "units per milliliter",
    "a": "years",
}
_SOURCES = {
    SourceKind.STRUCTURED_RESOURCE: "record entry",
    SourceKind.DOCUMENT: "document",
    SourceKind.ATTESTATION: "provider's statement",
    SourceKind.CLINICIAN_JUDGMENT: "clinician's judgment",
}


def requirement_words(
    criterion: Criterion, label: str, wants_met: bool, say_value: Callable[[str], str] | None = None
) -> str:
    """The requirement, to follow "the rule asks"; with `wants_met` false, the opposite of what the rule excludes. `say_value`
    says a listed value in words; without it values stand as they are."""
    op, unit = criterion.op, criterion.unit
    if op in (Op.IS_TRUE, Op.IS_FALSE):
        return f"that {label}" if (op is Op.IS_TRUE) == wants_met else f"that this is not so: {label}"
    if op is Op.BETWEEN and isinstance(criterion.value, tuple):
        low, high = criterion.value
        return f"for {label} to be {'from' if wants_met else 'outside'} {_plain(low)} to {_measured(high, unit)}"
    if op is Op.DAYS_AFTER and isinstance(criterion.value, tuple):
        low, high = criterion.value
        return (
            f"for {label} to be {'' if wants_met else 'not '}{_plain(low)} to {_plain(high)} days after {criterion.of}"
        )
    if op is Op.PREFIX_ANY:
        return f"for {label} to be {'in' if wants_met else 'outside'} the groups {_plain(criterion.value)}"
    effective = op if wants_met or op is None else _OPPOSITE[op]
    assert effective is not None
    value = criterion.value if say_value is None else _said(criterion.value, say_value)
    return f"for {label} to be {_COMPARED[effective]}{_measured(value, unit)}"


def record_words(criterion: Criterion, reading: FactReading) -> str:
    """The recorded value, to follow "the record says that"."""
    value = reading.value
    if criterion.op is Op.DAYS_AFTER:
        return f"it is {_plain(value)} days after"
    if isinstance(value, bool):
        return "this is so" if value else "this is not so"
    return f"it is {_measured(value, criterion.unit)}"


def source_words(source: FactSource, effective: date | None) -> str:
    """The source as a reviewer cites it: kind, reference and date."""
    words = f"{_SOURCES[source.kind]} {source.reference}"
    return f"{words} of {date_words(effective)}" if effective is not None else words


def date_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _said(value: object, say_value: Callable[[str], str]) -> object:
    if isinstance(value, tuple):
        return tuple(_said(item, say_value) for item in value)
    return say_value(value) if isinstance(value, str) else value


def _measured(value: object, unit: str | None) -> str:
    words = "" if unit is None or unit.startswith("{") else _UNITS.get(unit, unit)
    return f"{_plain(value)} {words}".rstrip()


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
