"""The parts of a discharge plan: target, deliveries, QIO reviews, next-setting reviews, gaps and referrals."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from domain.calendars import Calendar
from domain.cases.views import CaseStatus
from domain.discharge.forms import FormDelivered, StatedFact
from domain.discharge.policy import Complexity, TransitionPolicy
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import NoticeKind


class DischargePolicyInput(Model):
    """The policy lookup for a discharge plan received at `received_at` (UTC), with days in `zone`."""

    received_at: AwareDatetime
    zone: str


class DischargePolicy(Model):
    """The rulebook's policy for a plan, as of the day the plan was opened.

    `assess_by` (UTC) is when the first assessment is due; reminders go out at `reminders_at`, local time.
    """

    transitions: TransitionPolicy
    calendar: Calendar
    assess_by: AwareDatetime
    reminders_at: time


class DischargeTarget(Model):
    """The target setting and date. `days` is how much of the next setting to request. None is unknown. `told_by_hospital`:
    nobody planned it; the discharge itself told where the member went."""

    setting: LevelOfCare
    on: date | None = None
    complexity: Complexity | None = None
    days: Decimal | None = None
    agreed_with_member: bool | None = None
    agreed_with_physician: bool | None = None
    told_by_hospital: bool = Field(default=False, exclude_if=lambda told: not told)


class NoticeDelivery(Model):
    """A form delivered under a rule; `about` is its subject (the day coverage ends, the QIO review)."""

    rule_id: str
    about: str
    form: FormDelivered


class PendingLetter(Model):
    """A letter to be written. `about` distinguishes letters of one notice (an appointment, a rule, a set of gaps)."""

    notice: NoticeKind
    about: str = ""


class QioReview(BaseModel):
    """One QIO review, from the request to the decision. `timely` None: unknown, and then the member is protected.

    `ends_on` is the end of coverage that it is about.
    """

    number: int
    about: Literal["end_of_services", "discharge"]
    asked_at: AwareDatetime
    timely: bool | None = None
    ends_on: date | None = None
    has_information_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None
    upheld: bool | None = None

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    @property
    def protects_member(self) -> bool:
        """Whether the request was not too late: then the member owes nothing until the QIO has decided."""
        return self.timely is not False


class NextSettingReview(BaseModel):
    """One authorization request for the next setting."""

    round: int
    case_id: str
    setting: LevelOfCare
    provider_npi: str
    start: date
    days: Decimal
    facts: tuple[StatedFact, ...] = ()
    requesting_npi: str
    opened_at: AwareDatetime | None = None
    status: CaseStatus | None = None

    @property
    def is_granted(self) -> bool | None:
        """Whether the care was approved or needs no approval; None before the determination."""
        return None if self.status is None else self.status in (CaseStatus.APPROVED, CaseStatus.NOT_REQUIRED)


class TransitionGap(Model):
    """A gap found after the discharge. `found_by` is the person who found it, `found_in` the task."""

    what: str
    found_by: str
    found_in: str
    at: AwareDatetime


class CareManagementReferral(BaseModel):
    """Gaps referred to care management."""

    case_id: str
    raised_by: str
    what: str
    at: AwareDatetime
    started: bool = False


class LinkedReadmission(Model):
    """An admission after this discharge; it is shown and has no other effect."""

    stay_id: str
    admitted_at: AwareDatetime
    days_since: int


class DischargeEnding(StrEnum):
    """The kind of ending of a stay, as far as it changes the follow-up."""

    LEFT = "left"
    DIED = "died"


_DEATH_DISPOSITIONS = frozenset({"20", "40", "41", "42", "expired", "died", "deceased", "death"})


def ending_for(disposition: str | None) -> DischargeEnding:
    """The ending for a disposition: the discharge status codes 20 and 40 to 42 of the uniform bill, or the word."""
    said = (disposition or "").strip().casefold()
    return DischargeEnding.DIED if said in _DEATH_DISPOSITIONS else DischargeEnding.LEFT
