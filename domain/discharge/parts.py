"""What a discharge plan is made of beside its tasks and letters."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from domain.calendars import Calendar
from domain.cases.views import CaseStatus
from domain.discharge.forms import FormDelivered, StatedFact
from domain.discharge.policy import Complexity, TransitionPolicy
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import NoticeKind


class PolicyOrder(Model):
    """The policy for a discharge plan begun at `received_at` (UTC), its days counted in `zone`."""

    received_at: AwareDatetime
    zone: str


class DischargePolicy(Model):
    """The rulebook's part of a plan, as it was when the plan began.

    `assess_by` (UTC) is when the first assessment is due; reminders go out at `reminders_at`, local time.
    """

    transitions: TransitionPolicy
    calendar: Calendar
    assess_by: AwareDatetime
    reminders_at: time


class Target(Model):
    """Where the member is to go. `days` is how much of the next setting is asked for. None is not known."""

    setting: LevelOfCare
    on: date | None = None
    complexity: Complexity | None = None
    days: Decimal | None = None
    agreed_with_member: bool | None = None
    agreed_with_physician: bool | None = None


class Delivery(Model):
    """A form that was handed over for a rule; `about` is what it was about (the day coverage ends, the call of the QIO)."""

    rule_id: str
    about: str
    form: FormDelivered


class OwedLetter(Model):
    """A letter to be written. `about` tells letters of one notice apart (an appointment, a rule, a round of feedback)."""

    notice: NoticeKind
    about: str = ""


class QioReview(BaseModel):
    """One call of the QIO, from asking to its decision. `timely` None: nobody said, and then the member is protected.

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
    def protects(self) -> bool:
        """Whether the request was not too late: then the member owes nothing until the QIO has decided."""
        return self.timely is not False


class NextSettingReview(BaseModel):
    """The authorization that was asked for the next setting, round by round."""

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
        """Whether the care was approved or needs no approval; None while nobody has answered."""
        return None if self.status is None else self.status in (CaseStatus.APPROVED, CaseStatus.NOT_REQUIRED)


class Gap(Model):
    """Something that was found missing after the discharge. `found_by` is who saw it, `found_in` the task."""

    what: str
    found_by: str
    found_in: str
    at: AwareDatetime


class Referral(BaseModel):
    """Gaps that went to care management."""

    case_id: str
    raised_by: str
    what: str
    at: AwareDatetime
    started: bool = False


class LinkedReadmission(Model):
    """An admission after this discharge; nothing follows from it but that it is shown."""

    stay_id: str
    admitted_at: AwareDatetime
    days_since: int


class Ending(StrEnum):
    """How a discharge ended the stay, as far as it changes what is done afterwards."""

    LEFT = "left"
    DIED = "died"


_DIED = frozenset({"20", "40", "41", "42", "expired", "died", "deceased", "death"})


def ending(disposition: str | None) -> Ending:
    """What a disposition says: the discharge status codes of the uniform bill 20 and 40 to 42, or the word."""
    said = (disposition or "").strip().casefold()
    return Ending.DIED if said in _DIED else Ending.LEFT
