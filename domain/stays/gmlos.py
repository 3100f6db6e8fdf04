"""The geometric mean length of stay (GMLOS) of each DRG: the usual length of such stays. A signal, never a limit."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from domain.cited_value import CitedEntry
from domain.model import Model


class DrgKind(StrEnum):
    MEDICAL = "MED"
    SURGICAL = "SURG"


class GmlosEntry(Model):
    """One MS-DRG of one fiscal year. Lengths are days; `relative_weight` is the weight that the payment uses.

    `same_meaning_now` is False when the number has another title in the current version of the grouper or is gone from
    it: the figure may then be about other patients. None is unknown.
    """

    ms_drg: str = Field(pattern=r"^[0-9]{3}$")
    fiscal_year: int = Field(ge=2008, le=2100)
    title: str = Field(min_length=1)
    kind: DrgKind | None
    mdc: str | None = Field(default=None, pattern=r"^[0-9]{2}$")
    relative_weight: Decimal = Field(ge=0)
    gmlos: Decimal = Field(gt=0)
    amlos: Decimal = Field(gt=0)
    post_acute_transfer: bool
    special_pay: bool
    same_meaning_now: bool | None = None


class GmlosSource(CitedEntry):
    """The source of a rulebook's table, and its federal fiscal year (October to September)."""

    fiscal_year: int = Field(ge=2008, le=2100)
    title: str = Field(min_length=1)
    columns: dict[str, str] = Field(min_length=1)


class GmlosTable(Model):
    """All entries. A DRG without a usual length (invalid, ungroupable) has none."""

    about: GmlosSource
    entries: tuple[GmlosEntry, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(self._by_drg) != len(self.entries):
            raise ValueError("a DRG is there twice")
        return self

    @cached_property
    def _by_drg(self) -> dict[str, GmlosEntry]:
        return {entry.ms_drg: entry for entry in self.entries}

    def gmlos(self, drg: str) -> GmlosEntry | None:
        """The entry of a DRG, written with or without leading zeros; None when there is no usual length for it."""
        return self._by_drg.get(drg.strip().zfill(3))
