"""Assignment of benefits for the comparison of mental health and substance use with medical and surgical benefits."""

from __future__ import annotations

from pydantic import Field

from domain.model import Model
from domain.vocabulary import Lob


class BenefitList(Model):
    """Service groups and levels of care that belong together."""

    service_groups: tuple[str, ...] = ()
    levels_of_care: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        return name in self.service_groups or name in self.levels_of_care


class ParityLaw(Model):
    """The law by which parity binds a line of business."""

    lob: Lob
    cite: str = Field(min_length=1)


class ParityPolicy(Model):
    """The plan's assignment of benefits to sides and classifications (45 CFR 146.136(c)(2)(ii)(A)).

    What is not listed as behavioral is medical or surgical, and what is not listed as inpatient is outpatient.
    """

    cite: str = Field(min_length=1)
    applies: tuple[ParityLaw, ...]
    behavioral: BenefitList
    inpatient: BenefitList
