"""Steps that every process has: looking up, delivering letters, closing, waiting, finishing."""

from __future__ import annotations

from dataclasses import dataclass

from domain.cases.views import CaseStatus


@dataclass(frozen=True)
class LookUpContext:
    """Look up the member, the plan's rules and whatever else the process starts from."""


@dataclass(frozen=True)
class ComputeClocks:
    """Compute the clocks anew after a clock event."""


@dataclass(frozen=True)
class DeliverLetters:
    """Letters are written, and the carrier can be asked to take them."""

    letter_ids: tuple[str, ...]


@dataclass(frozen=True)
class CloseCase:
    """Everything that belongs to the case is done: close it with this status."""

    status: CaseStatus


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The case is closed and has no open work."""
