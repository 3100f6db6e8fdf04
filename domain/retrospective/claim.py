"""A claim for care that was provided: billed lines, providers, and days of service. It holds no decisions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from domain.decisions.prudent_layperson import PresentingSymptoms
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.request import DocumentReference, MemberReference, ProviderReference
from domain.retrospective.drg_check import BilledDiagnosis, Sex
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, CodeSystem, ServiceKind

EMERGENCY_ROOM = "23"
"""Place of service of an emergency department."""
_EMERGENCY_VISITS = frozenset({"G0380", "G0381", "G0382", "G0383", "G0384"})
"""HCPCS codes of visits to an emergency department; others are the operator's (place of service 23 also identifies them)."""
_EMERGENCY_REVENUE = "045"
"""Prefix of the revenue codes of an emergency department."""


class ClaimLine(Model):
    """One billed line. `units` are in `unit`; `start` and `end` are days of service, both included. None is not stated.

    `charge` is in US dollars; nothing here uses it.
    """

    line_id: str = Field(min_length=1)
    code: str
    code_system: CodeSystem
    modifiers: tuple[str, ...] = ()
    description: str | None = None
    units: Decimal = Field(gt=0)
    unit: str | None = None
    start: date
    end: date
    level_of_care: LevelOfCare | None = None
    place_of_service: str | None = None
    service_group: str | None = None
    diagnoses: tuple[str, ...] = ()
    charge: Decimal | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError("end lies before start")
        return self

    @property
    def days(self) -> int:
        """The number of calendar days that the line covers, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def is_emergency_care(self) -> bool:
        """Whether the line itself was billed by an emergency department."""
        return (
            self.place_of_service == EMERGENCY_ROOM
            or self.level_of_care is LevelOfCare.EMERGENCY
            or self.code in _EMERGENCY_VISITS
            or (self.code_system is CodeSystem.OTHER and self.code.startswith(_EMERGENCY_REVENUE))
        )


class Claim(Model):
    """A claim as received. Instants are UTC, days are calendar days of the place of care; None is not stated.

    `claim_number` is the billing provider's own. `clean`: whether it arrived complete and proper (42 CFR 422.500(b));
    `emergency` is as stated on the bill, and neither value decides anything. `authorization_number` is the one it names.
    """

    claim_number: str = Field(min_length=1)
    received_at: AwareDatetime
    channel: Channel
    service_kind: ServiceKind
    member: MemberReference
    billing_provider: ProviderReference
    servicing_provider: ProviderReference | None = None
    clean: bool | None = None
    emergency: bool | None = None
    presentation: PresentingSymptoms = PresentingSymptoms()
    admitted: date | None = None
    discharged: date | None = None
    discharge_status: str | None = Field(default=None, pattern=r"^[0-9]{2}$")
    patient_sex: Sex | None = None
    billed_drg: str | None = Field(default=None, pattern=r"^[0-9]{3}$")
    diagnoses: tuple[BilledDiagnosis, ...] = Field(min_length=1)
    procedures: tuple[str, ...] = ()
    authorization_number: str | None = None
    lines: tuple[ClaimLine, ...] = Field(min_length=1)
    documents: tuple[DocumentReference, ...] = ()
    facts: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _leaves_after_arriving(self) -> Self:
        if self.admitted is not None and self.discharged is not None and self.discharged < self.admitted:
            raise ValueError("discharged lies before admitted")
        return self

    @property
    def first_day(self) -> date:
        """The first day of service: coverage, authorization requirement and criteria apply as of this day."""
        return min(line.start for line in self.lines)

    @property
    def providers(self) -> frozenset[str]:
        """The NPIs of the billing and the servicing provider."""
        return frozenset(one.npi for one in (self.billing_provider, self.servicing_provider) if one is not None)

    @property
    def emergency_lines(self) -> tuple[str, ...]:
        """The lines that emergency care law may protect: those of an emergency department, and, where the bill or the
        symptoms indicate an emergency, every line that is not part of an inpatient stay."""
        told = self.emergency is True or bool(self.presentation.symptoms)
        every = told and self.admitted is None
        return tuple(line.line_id for line in self.lines if every or line.is_emergency_care)

    def line(self, line_id: str) -> ClaimLine:
        """The line with this id. Raises KeyError when the claim has none."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)


def is_clean_noncontract(clean: bool | None, noncontract: bool | None) -> bool | None:
    """Whether a claim is clean and of a provider without a contract (42 CFR 422.520(a)(1)); None while that is unknown."""
    if clean is False or noncontract is False:
        return False
    return None if clean is None or noncontract is None else True
