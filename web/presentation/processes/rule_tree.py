"""The lines of a rule as a tree, for lists within lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.criteria.statements import RuleLine


@dataclass
class RuleBranch:
    """A line with the lines below it."""

    line: RuleLine
    below: list[RuleBranch] = field(default_factory=list)


def grow(lines: Sequence[RuleLine]) -> list[RuleBranch]:
    """The lines, each within the one that it belongs to, in order."""
    top: list[RuleBranch] = []
    path: list[RuleBranch] = []
    for line in lines:
        branch = RuleBranch(line)
        del path[line.depth :]
        (path[-1].below if path else top).append(branch)
        path.append(branch)
    return top
