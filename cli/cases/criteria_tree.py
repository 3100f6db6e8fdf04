"""Criteria trace as a tree: each criterion with its result and evidence (value, source, date)."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.terminal.output import spell_out
from domain.evidence.units import clinic_unit

MARKS = {"met": ("[x]", "green"), "not_met": ("[ ]", "red"), "unknown": ("[?]", "yellow")}
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


def build_tree(verdict: dict[str, Any], titles: dict[str, str]) -> Tree:
    """Build the tree of a stored criteria result; `titles` are the titles of the case's documents by content hash."""
    state, colour = verdict["state"], MARKS.get(verdict["state"], ("", ""))[1]
    top = Text.assemble(
        f"{verdict['title']} ({verdict['guideline_id']} {verdict['version']}): ", (spell_out(state), colour)
    )
    grown = Tree(Text.assemble(top, "\n", (verdict["citation"], "dim")))
    if verdict["trace"] is not None:
        _add_node(grown, verdict["trace"], titles)
    for flag in verdict["flags"]:
        grown.add(Text(f"note: {flag}"))
    return grown


def _add_node(parent: Tree, node: dict[str, Any], titles: dict[str, str]) -> None:
    mark, colour = MARKS[node["state"]]
    line = Text.assemble(
        (mark, colour), f" {_criterion_text(node)}", (f"  {_evidence_text(node, titles)}".rstrip(), "dim")
    )
    branch = parent.add(line)
    for child in node["children"]:
        _add_node(branch, child, titles)


def _criterion_text(node: dict[str, Any]) -> str:
    criterion = node["criterion"]
    if criterion["kind"] == "ref":
        return f"{criterion['id']} (the criterion of this number in this tree)"
    text = criterion["text"] or criterion.get("label") or criterion["fact"] or ""
    how = _COMPOUND.get(criterion["kind"], "").format(n=criterion["n"])
    cite = f" ({criterion['cite']})" if criterion["cite"] else ""
    said = f"{text} ({how})" if text and how else text or how or spell_out(criterion["kind"])
    return f"{criterion['id']}: {said}{_comparison_text(criterion)}{cite}"


def _comparison_text(criterion: dict[str, Any]) -> str:
    """The comparison itself, where the criterion's text does not state it."""
    if criterion["text"] or criterion["op"] is None or criterion["value"] is None:
        return ""
    value, unit = criterion["value"], criterion["unit"]
    if criterion["op"] == "between":
        return f" from {value[0]} to {_value_text(value[1], unit)}"
    return f" {_OPERATORS[criterion['op']]} {_value_text(value, unit)}"


def _evidence_text(node: dict[str, Any], titles: dict[str, str]) -> str:
    reading = node["reading"]
    if reading is None:
        return ""
    gap = f"{spell_out(node['gap'])}" if node["gap"] else ""
    detail = f" ({reading['detail']})" if reading["detail"] else ""
    if reading["seen"] is None:
        return f"= {gap or 'nothing seen'}{detail}"
    seen = reading["seen"]
    dated = f" on {seen['effective']}" if seen["effective"] else ""
    value = f"= {_value_text(seen['value'], seen['unit'])}{dated}, {_source_text(seen['source'], titles)}"
    return f"{value}; {gap}{detail}" if gap else value


def _value_text(value: Any, unit: str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    written = clinic_unit(unit)
    return f"{text} {written}" if written else text


def _source_text(source: dict[str, Any], titles: dict[str, str]) -> str:
    reference = source["reference"]
    if source["kind"] == "document":
        where = f"document '{titles[reference]}'" if reference in titles else f"document {reference[:_DOCUMENT_SHOWN]}"
    else:
        where = f"{spell_out(source['kind'])} {reference}"
    return f"{where}, read by {source['recorded_by']}" if source["recorded_by"] else where
