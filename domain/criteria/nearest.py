"""The part of a criteria trace that is nearest to met: how many criteria still stand against each part, and which.

A trace is read as it is stored, as JSON. It says what is missing and leans to no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MET, _NOT_MET = "met", "not_met"


@dataclass(frozen=True)
class NearestPart:
    """A node of the trace with how many of its parts hold, and the leaves that stand against it."""

    node: Mapping[str, Any]
    held: int
    needed: int
    missing: tuple[Mapping[str, Any], ...]


def missing_leaves(node: Mapping[str, Any], wanted: str = _MET) -> tuple[Mapping[str, Any], ...]:
    """The fewest leaves that would have to change for the node to be as wanted (met or not_met); none where it is."""
    if node["state"] == wanted:
        return ()
    kind, children = node["criterion"]["kind"], node["children"]
    if not children:
        return (node,)
    if kind == "none":
        each = [missing_leaves(child, _NOT_MET if wanted == _MET else _MET) for child in children]
        return _every(each) if wanted == _MET else _fewest(each, 1)
    each = [missing_leaves(child, wanted) for child in children]
    needed = needed_parts(node)
    return _fewest(each, needed if wanted == _MET else len(children) - needed + 1)


def needed_parts(node: Mapping[str, Any]) -> int:
    """The number of its parts that have to hold."""
    kind, count = node["criterion"]["kind"], len(node["children"])
    if kind in ("any", "prefer"):
        return min(1, count)
    return min(int(node["criterion"]["n"] or count), count) if kind == "at_least" else count


def find_nearest(root: Mapping[str, Any]) -> NearestPart | None:
    """The part that is nearest to met: the root's own, or of its alternatives the one that lacks the fewest criteria, down to
    where parts have to hold together. None where the root is met, or has no parts."""
    node = root
    while node["state"] != _MET and node["children"] and needed_parts(node) == 1 and len(node["children"]) > 1:
        if node["criterion"]["kind"] == "none":
            break
        node = min(node["children"], key=lambda child: len(missing_leaves(child)))
    if root["state"] == _MET or not root["children"]:
        return None
    missing = missing_leaves(node)
    if not node["children"]:
        return NearestPart(node, 0, 1, missing)
    wanted = _NOT_MET if node["criterion"]["kind"] == "none" else _MET
    held = sum(child["state"] == wanted for child in node["children"])
    return NearestPart(node, held, needed_parts(node), missing)


def _every(each: Sequence[tuple[Mapping[str, Any], ...]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(leaf for leaves in each for leaf in leaves)


def _fewest(each: Sequence[tuple[Mapping[str, Any], ...]], count: int) -> tuple[Mapping[str, Any], ...]:
    return _every(sorted(each, key=len)[:count])
