"""Medicare's Quality Improvement Organizations (QIOs) by State, read from `rulebook/notices/qio.yaml`."""

from __future__ import annotations

from pydantic import Field

from domain.clocks.rules import Confidence
from domain.letters.stay_facts import ReviewOrganization
from domain.model import Model


class QioRegion(Model):
    """One organization with the states (two letters) that it serves."""

    name: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    tty: str = Field(min_length=1)
    states: tuple[str, ...] = Field(min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    @property
    def organization(self) -> ReviewOrganization:
        """The organization as letters print it."""
        return ReviewOrganization(name=self.name, phone=self.phone, tty=self.tty)
