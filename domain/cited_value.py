"""Policy values with their source: every number in a rule cites its source and its confidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.model import Model


class Confidence(StrEnum):
    """Confidence in a rule's core number: read in a source, well known, or still to be checked."""

    CONFIRMED = "confirmed"
    KNOWN = "known"
    UNSURE = "unsure"


class CitedEntry(Model):
    """Base of rule entries that cite a source: `source` names a law, a standard, a publication or plan policy."""

    source: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""


class CitedCount(CitedEntry):
    """A whole number of days, hours or providers; its key says which. Never negative."""

    value: int = Field(ge=0)


class CitedAmount(CitedEntry):
    """A number that may have decimals, such as a variance in days."""

    value: Decimal


class SourceReading(Model):
    """One reading of a source, word for word against the rule: when, in which text, and with which result.

    `text` is the title of the document in which the source's own words were found, with its date or version; without it they
    were not found, and the mark of the rule stays as it was.
    """

    source: str = Field(min_length=1)
    read_on: date
    text: str | None = Field(default=None, min_length=1)
    result: str = Field(min_length=1)
