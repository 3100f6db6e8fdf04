"""A criteria trace as a tree that people can follow: each criterion, how it came out, what was seen, where and when."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.terminal.output import words

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


def tree(verdict: dict[str, Any], titles: dict[str, str]) -> Tree:
    """The trace of a stored verdict; `titles` are the titles of the case's documents by content hash."""
    state, colour = verdict["state"], MARKS.get(verdict["state"], ("", ""))[1]
    top = Text.assemble(
        f"{verdict['title']} ({verdict['guideline_id']} {verdict['version']}): ", (words(state), colour)
    )
    grown = Tree(Text.assemble(top, "\n", (verdict["citation"], "dim")))
    if verdict["trace"] is not None:
        _grow(grown, verdict["trace"], titles)
    for flag in verdict["flags"]:
        grown.add(Text(f"note: {flag}"))
    return grown


def _grow(parent: Tree, node: dict[str, Any], titles: dict[str, str]) -> None:
    mark, colour = MARKS[node["state"]]
    line = Text.assemble((mark, colour), f" {_says(node)}", (f"  {_seen(node, titles)}".rstrip(), "dim"))
    branch = parent.add(line)
    for child in node["children"]:
        _grow(branch, child, titles)


def _says(node: dict[str, Any]) -> str:
    criterion = node["criterion"]
    if criterion["kind"] == "ref":
        return f"{criterion['id']} (the criterion of this number in this tree)"
    text = criterion["text"] or criterion.get("label") or criterion["fact"] or ""
    how = _COMPOUND.get(criterion["kind"], "").format(n=criterion["n"])
    cite = f" ({criterion['cite']})" if criterion["cite"] else ""
    said = f"{text} ({how})" if text and how else text or how or words(criterion["kind"])
    return f"{criterion['id']}: {said}{_wanted(criterion)}{cite}"


def _wanted(criterion: dict[str, Any]) -> str:
    """The comparison itself, where the text of the criterion does not tell it."""
    if criterion["text"] or criterion["op"] is None or criterion["value"] is None:
        return ""
    value, unit = criterion["value"], criterion["unit"]
    if criterion["op"] == "between":
        return f" from {value[0]} to {_value(value[1], unit)}"
    return f" {_OPERATORS[criterion['op']]} {_value(value, unit)}"


def _seen(node: dict[str, Any], titles: dict[str, str]) -> str:
    reading = node["reading"]
    if reading is None:
        return ""
    gap = f"{words(node['gap'])}" if node["gap"] else ""
    detail = f" ({reading['detail']})" if reading["detail"] else ""
    if reading["seen"] is None:
        return f"= {gap or 'nothing seen'}{detail}"
    seen = reading["seen"]
    dated = f" on {seen['effective']}" if seen["effective"] else ""
    value = f"= {_value(seen['value'], seen['unit'])}{dated}, {_source(seen['source'], titles)}"
    return f"{value}; {gap}{detail}" if gap else value


def _value(value: Any, unit: str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return f"{text} {unit}" if unit else text


def _source(source: dict[str, Any], titles: dict[str, str]) -> str:
    reference = source["reference"]
    if source["kind"] == "document":
        where = f"document '{titles[reference]}'" if reference in titles else f"document {reference[:_DOCUMENT_SHOWN]}"
    else:
        where = f"{words(source['kind'])} {reference}"
    return f"{where}, read by {source['recorded_by']}" if source["recorded_by"] else where
