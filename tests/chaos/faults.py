"""A fault that a chaos run has found: a promise that was not kept."""

from __future__ import annotations

from dataclasses import dataclass

LOST, DOUBLED, MOVED, STUCK, BROKEN = "lost", "doubled", "moved", "stuck", "journal"
KINDS = (LOST, DOUBLED, MOVED, STUCK, BROKEN)


@dataclass(frozen=True)
class ChaosFault:
    """A promise that was not kept: which, where, and what is wrong. Holds numbers and ids only."""

    kind: str
    where: str
    what: str
