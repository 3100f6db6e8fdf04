"""Three-valued logic: met, not met, unknown."""

from __future__ import annotations

from enum import StrEnum


class Tri(StrEnum):
    """Kleene's three values. Unknown is never treated as false."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
