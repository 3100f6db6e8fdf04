"""A figure of policy with where it comes from: no number stands in a rule without a source and how well it is known."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.model import Model


class Confidence(StrEnum):
    """How well the rule's core number is established: read in a source, well known, or still to be checked."""

    CONFIRMED = "confirmed"
    KNOWN = "known"
    UNSURE = "unsure"


class Sourced(Model):
    """What every entry of the rules on stays carries. `source` names a law, a standard, a publication or plan policy."""

    source: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""


class Figure(Sourced):
    """A whole number of days, hours or providers; its key says of what. Never negative."""

    value: int = Field(ge=0)


class Amount(Sourced):
    """A number that may have decimals, such as a variance in days."""

    value: Decimal
