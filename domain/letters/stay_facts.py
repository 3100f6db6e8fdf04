"""Facts for letters about a stay, a discharge and the time after it. They come from the case; none has a default."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.clocks.consequences import Liability
from domain.model import Model
from domain.vocabulary import ServiceKind


class Appointment(Model):
    """A visit that is booked. `at` is UTC; letters show it in the case's zone. `npi` is None when the provider is not in the
    directory."""

    appointment_id: str
    with_whom: str
    purpose: str
    at: AwareDatetime
    place: str
    phone: str | None = None
    npi: str | None = None


class ProviderChoice(Model):
    """A post-acute provider, as offered to the member. `in_network` None means unknown."""

    name: str = Field(description="The provider's name.")
    npi: str = Field(description="Its NPI.")
    setting: str = Field(description="The setting that it offers.")
    in_network: bool | None = Field(description="Whether it is in the plan's network; null: not known.")
    accepts: bool | None = Field(default=None, description="Whether it accepts the patient; null: not known.")
    phone: str | None = Field(default=None, description="Its telephone number.")
    quality: str | None = Field(default=None, description="Its published quality, with the source.")
    plan_has_interest: bool | None = Field(
        default=None, description="Whether the plan has a financial interest in it; null: not known."
    )


class Medicine(Model):
    """One medicine of the reconciled list: its action (`new`, `continue`, `change`, `stop`) and how it is taken."""

    name: str = Field(description="The medicine.")
    action: str = Field(description="new, continue, change or stop.")
    how: str = Field(description="How it is taken, in words for the member.")


class StayFacts(Model):
    """Every fact that a letter about a stay may state. The notice's rule states which of them are required.

    Dates are calendar days in the case's zone. `service` names the care in words for the member ('care in the skilled
    nursing facility'). `reason` is the signed reason in the member's words, `basis` the rule it rests on. `gaps` are what was
    found missing after the discharge, one sentence each.

    Everything that the member reads is written for the member: sentences of at most 30 words, without codes.
    `facility_state` is the two-letter state of the place of care, where it is not the order's: Medicare's review organization
    is that of the place of care. `takes_no_medicines` true states that the reconciled list is empty; an empty list alone is
    unknown. `qio_ruled_before` true states that the review organization decided an earlier notice of this episode in the
    member's favor; `changed_since` then states what is different now. `plan_policy` is a policy of the plan that was
    used besides `basis`. `what_would_change` states what could change a decision to end care; `advance_exception` is the
    exception of the law, with its citation, under which less than its usual advance notice is given. `service_kind` decides
    which appeal rights are stated. `liability` states who pays for what because of a missed clock, from `liable_since`.
    """

    kind: Literal["stay"] = "stay"
    member_id: str
    facility: str | None = None
    facility_npi: str | None = None
    service: str | None = None
    admitted_on: date | None = None
    observation_began: AwareDatetime | None = None
    certified_through: date | None = None
    last_covered_day: date | None = None
    discharge_on: date | None = None
    setting: str | None = None
    respond_by: AwareDatetime | None = None
    asked: tuple[str, ...] = ()
    review_from: date | None = None
    qio_request_by: AwareDatetime | None = None
    reason: str | None = None
    basis: str | None = None
    facts_of_case: tuple[str, ...] = ()
    signed_by: str | None = None
    choices: tuple[ProviderChoice, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    appointment: Appointment | None = None
    medicines: tuple[Medicine, ...] = ()
    equipment: tuple[str, ...] = ()
    teaching: tuple[str, ...] = ()
    warning_signs: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    call_number: str | None = None
    facility_state: str | None = None
    takes_no_medicines: bool | None = None
    qio_ruled_before: bool | None = None
    changed_since: str | None = None
    plan_policy: str | None = None
    what_would_change: str | None = None
    advance_exception: str | None = None
    service_kind: ServiceKind | None = None
    liability: Liability | None = None
    liable_since: AwareDatetime | None = None


class ReviewOrganization(Model):
    """Medicare's Beneficiary and Family Centered Care Quality Improvement Organization (QIO) for a state."""

    name: str
    phone: str
    tty: str
