"""Criteria trace as a tree: each criterion with its result and evidence (value, source, date)."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.terminal.output import spell_out
from domain.criteria.trace_wording import criterion_text, evidence_text

MARKS = {"met": ("[x]", "green"), "not_met": ("[ ]", "red"), "unknown": ("[?]", "yellow")}


def build_tree(verdict: dict[str, Any], titles: dict[str, str]) -> Tree:
    """Build the tree of a stored criteria result; `titles` are the titles of the case's documents by content hash."""
    state, color = verdict["state"], MARKS.get(verdict["state"], ("", ""))[1]
    top = Text.assemble(
        f"{verdict['title']} ({verdict['guideline_id']} {verdict['version']}): ", (spell_out(state), color)
    )
    grown = Tree(Text.assemble(top, "\n", (verdict["citation"], "dim")))
    if verdict["trace"] is not None:
        _add_node(grown, verdict["trace"], titles)
    for flag in verdict["flags"]:
        grown.add(Text(f"note: {flag}"))
    return grown


def _add_node(parent: Tree, node: dict[str, Any], titles: dict[str, str]) -> None:
    mark, color = MARKS[node["state"]]
    line = Text.assemble(
        (mark, color), f" {criterion_text(node)}", (f"  {evidence_text(node, titles)}".rstrip(), "dim")
    )
    branch = parent.add(line)
    for child in node["children"]:
        _add_node(branch, child, titles)
