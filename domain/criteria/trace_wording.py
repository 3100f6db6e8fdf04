"""Criteria traces in words: each criterion as the guideline says it, and what was seen of it, where and when.

A trace is read as it is stored, as JSON, so that one of an older release reads as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from domain.evidence.units import clinic_unit

_COMPOUND = {"all": "all of", "any": "any one of", "none": "none of", "at_least": "at least {n} of"}
_OPERATORS = {
    "eq": "is",
    "ne": "is not",
    "lt": "below",
    "le": "at most",
    "gt": "above",
    "ge": "at least",
    "in": "one of",
    "not_in": "none of",
    "prefix_any": "beginning with",
}
_DOCUMENT_SHOWN = 12
_REFERENCE = "the criterion of this number in this tree"


def walk_nodes(result: Any) -> Iterator[Mapping[str, Any]]:
    """The nodes of a stored criteria result, from its root in the order of the guideline; none where nothing was traced."""
    waiting = [result["trace"]] if isinstance(result, Mapping) and result.get("trace") is not None else []
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node["children"]))


def criterion_text(node: Mapping[str, Any]) -> str:
    """The criterion with its number, in words: ``FUS-2b: At least 12 months of treatment``."""
    criterion = node["criterion"]
    if criterion["kind"] == "ref":
        return f"{criterion['id']} ({_REFERENCE})"
    text, how = criterion_words(node)
    cite = f" ({criterion['cite']})" if criterion["cite"] else ""
    said = f"{text} ({how})" if text and how else text or how
    return f"{criterion['id']}: {said}{cite}"


def criterion_words(node: Mapping[str, Any]) -> tuple[str, str]:
    """The criterion in words without its number, and how its parts count (``any one of``; empty for one without parts)."""
    criterion = node["criterion"]
    if criterion["kind"] == "ref":
        return _REFERENCE, ""
    text = criterion["text"] or criterion.get("label") or criterion["fact"] or ""
    how = _COMPOUND.get(criterion["kind"], "").format(n=criterion["n"])
    said = text if text or how else _spell_out(criterion["kind"])
    return f"{said}{_comparison_text(criterion)}", how


def _comparison_text(criterion: Mapping[str, Any]) -> str:
    """The comparison itself, where the criterion's text does not state it."""
    if criterion["text"] or criterion["op"] is None or criterion["value"] is None:
        return ""
    value, unit = criterion["value"], criterion["unit"]
    if criterion["op"] == "between":
        return f" from {value[0]} to {_value_text(value[1], unit)}"
    return f" {_OPERATORS[criterion['op']]} {_value_text(value, unit)}"


class SeenEvidence(NamedTuple):
    """The value that was seen of a criterion. `value` is empty where nothing was; `gap` says why it does not count, with its
    detail. `effective` is the calendar day (ISO) on which it was true, `source` the stored source."""

    value: str
    effective: str
    source: Mapping[str, Any] | None
    gap: str


def seen_evidence(node: Mapping[str, Any]) -> SeenEvidence | None:
    """The evidence of a criterion in parts; None for one that rests on others."""
    reading = node["reading"]
    if reading is None:
        return None
    gap = _spell_out(node["gap"]) if node["gap"] else ""
    detail = f" ({reading['detail']})" if reading["detail"] else ""
    seen = reading["seen"]
    if seen is None:
        return SeenEvidence("", "", None, f"{gap or 'nothing seen'}{detail}")
    value = _value_text(seen["value"], seen["unit"])
    return SeenEvidence(value, seen["effective"] or "", seen["source"], f"{gap}{detail}" if gap else "")


def evidence_text(node: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The value that was seen of a criterion, with its source and date; empty for one that rests on others. `titles` are those
    of the case's documents by content hash."""
    seen = seen_evidence(node)
    if seen is None:
        return ""
    if seen.source is None:
        return f"= {seen.gap}"
    dated = f" on {seen.effective}" if seen.effective else ""
    value = f"= {seen.value}{dated}, {source_text(seen.source, titles)}"
    return f"{value}; {seen.gap}" if seen.gap else value


def _value_text(value: Any, unit: str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    written = clinic_unit(unit)
    return f"{text} {written}" if written else text


def source_text(source: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The source of a value in words, with the page where it names one and who took it over."""
    reference = source["reference"]
    if source["kind"] == "document":
        where = f"document '{titles[reference]}'" if reference in titles else f"document {reference[:_DOCUMENT_SHOWN]}"
        where += f", page {source['page']}" if source.get("page") else ""
    else:
        where = f"{_spell_out(source['kind'])} {reference}"
    return f"{where}, read by {source['recorded_by']}" if source["recorded_by"] else where


def _spell_out(name: str) -> str:
    return name.replace("_", " ")
