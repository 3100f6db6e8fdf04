"""The plan's directory: members, coverages with benefit limits, and providers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.clocks.facts import ContractLength
from domain.coverage.validity_windows import PlanWindow
from domain.drug_limits.rules import DrugHistory
from domain.evidence.facts import HeldFact
from domain.model import Model
from domain.vocabulary import Accreditor, Circumstance, Lob

_STATE_AND_ZIP = re.compile(r"\b([A-Z]{2})\s+\d{5}(?:-\d{4})?$")


class RecordedSex(StrEnum):
    """The sex of a member as the plan's record has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Member(Model):
    """A person covered by the plan. `needs_tty` None means unknown; `pcp_npi` is their primary care practitioner.
    `sex` is as the plan's record has it; None means unknown, and the name tells nothing of it."""

    member_id: str
    family_name: str
    given_name: str
    birth_date: date
    address: tuple[str, ...]
    language: str = "en"
    representative: str | None = None
    phone: str | None = None
    needs_tty: bool | None = None
    pcp_npi: str | None = None
    sex: RecordedSex | None = Field(default=None, exclude_if=lambda recorded: recorded is None)


class BenefitLimit(Model):
    """At most `limit` of `unit` of a service (code or service group) per calendar year; `used` counts what was approved."""

    benefit_id: str
    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()
    limit: Decimal
    unit: str
    used: Decimal


class Coverage(Model):
    """One coverage of a member. `end` is the last covered day; None means open. `zone` is the case's one IANA zone.

    `accreditations` None means unknown; `circumstances` are those of every case under this coverage
    (fee for service, an integrated plan for people with both Medicare and Medicaid, two levels of appeal). `contract_times`
    are times that the State's contract sets for single clocks. `rating_period_start` is the first day of the newest rating
    period (Medicaid and CHIP). `drug_history` are the drugs in the plan's own claims. `facts` are those that the benefit plan
    and the eligibility system hold for the criteria (a waived hospital stay, Part A). `medical_coverage_id` names, on a Part D
    coverage, the Medicare Advantage coverage of the same plan that pays for Part B (an MA-PD plan); None where there is none.
    `validity_windows` are the plan's own, which go before those of the rulebook.
    """

    coverage_id: str
    member_id: str
    plan_id: str
    plan_name: str
    lob: Lob
    state: str
    zone: str
    effective: date
    end: date | None = None
    self_funded: bool | None = None
    rating_period_start: date | None = None
    accreditations: tuple[Accreditor, ...] | None = None
    circumstances: tuple[Circumstance, ...] = ()
    contract_times: tuple[ContractLength, ...] = ()
    drug_history: DrugHistory | None = None
    benefits: tuple[BenefitLimit, ...] = ()
    facts: tuple[HeldFact, ...] = ()
    medical_coverage_id: str | None = Field(default=None, exclude_if=lambda named: named is None)
    validity_windows: tuple[PlanWindow, ...] = Field(default=(), exclude_if=lambda windows: not windows)

    def covers(self, day: date) -> bool:
        return self.effective <= day and (self.end is None or day <= self.end)


class NetworkStatus(StrEnum):
    IN_NETWORK = "in_network"
    OUT_OF_NETWORK = "out_of_network"


class GoldCard(Model):
    """A provider's exemption from authorization under a program, for `codes` (a trailing ``*`` makes a prefix) and
    `service_groups`. Both days count; `last_day` None means until it is rescinded."""

    programme: str
    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()
    first_day: date
    last_day: date | None = None

    def is_in_force(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


class Provider(Model):
    """A practitioner or facility of the directory. `facts` are verified here once (volumes, programs, registries).

    `zone` is the IANA zone in which a facility writes its times, for those that come without an offset. `state` (two letters)
    is where it stands, for an address that does not end with State and ZIP code.
    """

    npi: str
    name: str
    specialties: tuple[str, ...]
    network: dict[str, NetworkStatus]
    phone: str | None = None
    fax: str | None = None
    address: tuple[str, ...] = ()
    zone: str | None = None
    facts: tuple[HeldFact, ...] = ()
    gold_cards: tuple[GoldCard, ...] = ()
    state: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", exclude_if=lambda named: named is None)

    @property
    def in_state(self) -> str | None:
        """The State of the provider, as stated or as its address ends; None where neither tells it."""
        written = _STATE_AND_ZIP.search(self.address[-1].strip()) if self.address else None
        return self.state or (written[1] if written else None)
