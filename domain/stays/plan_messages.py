"""Messages between a stay, its discharge plan, and the QIO."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import BaseMessage
from domain.model import Model
from domain.plain_language.phrases import instant_phrase
from domain.stays.adt import AdmissionType
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus


class StaySnapshot(Model):
    """A snapshot of a stay. Instants are UTC, days are of the stay's zone; None is unknown, or not yet.

    `care_began_at` is the arrival (emergency care included), `admitted_at` the inpatient order. `certified_through` is the last
    approved day; `covered_through` is set when a signed decision ended coverage while care went on: its last covered day.
    `expected_discharge` is a plan, not a fact. `emergent` tells whether the stay began in the emergency department, and
    `admission_type` how the hospital calls the admission. `voided`: the hospital canceled the admission.
    """

    stay_id: str
    member_id: str
    facility: str
    facility_npi: str | None = None
    attending_npi: str | None = None
    status: OrderedStatus | None = None
    level: LevelOfCare | None = None
    care_began_at: AwareDatetime | None = None
    observation_began_at: AwareDatetime | None = None
    admitted_at: AwareDatetime | None = None
    discharged_at: AwareDatetime | None = None
    disposition: str | None = None
    certified_through: date | None = None
    covered_through: date | None = None
    expected_discharge: date | None = None
    emergent: bool | None = None
    admission_type: AdmissionType | None = Field(default=None, exclude_if=lambda stated: stated is None)
    behavioral: bool = False
    diagnoses: tuple[str, ...] = ()
    working_drg: str | None = None
    voided: bool = False


class StayChanged(BaseMessage):
    """A change of the stay, for its discharge plan; `what` describes it in a few words for the journal."""

    type: Literal["tell_plan"] = "tell_plan"
    picture: StaySnapshot
    what: str


class DischargePlanUpdated(BaseMessage):
    """An update of the discharge plan, for its stay: target setting and target date. None is not planned yet.

    `waits_for_qio`: the QIO was asked in time and has not decided, so nothing ends. `goes_on` is True when the QIO decided
    against ending coverage or against the discharge. `owes_nothing_before` (UTC) protects the member of a hospital discharge;
    `ends_not_before` is the first day on which coverage may end after a valid notice of non-coverage.
    """

    type: Literal["plan_news"] = "plan_news"
    target_setting: LevelOfCare | None = None
    target_date: date | None = None
    waits_for_qio: bool = False
    goes_on: bool | None = None
    owes_nothing_before: AwareDatetime | None = None
    ends_not_before: date | None = None

    def describe_qio_status(self, zone: str) -> str:
        """The meaning of the QIO review for the stay, in words; instants in the zone."""
        found = []
        if self.waits_for_qio:
            found.append("The QIO was asked in time and has not decided: coverage does not end before it has.")
        if self.goes_on is True:
            found.append("The QIO decided that coverage goes on.")
        if self.goes_on is False:
            found.append("The QIO agrees with the end.")
        if self.owes_nothing_before is not None:
            until = instant_phrase(self.owes_nothing_before, zone, year=True)
            found.append(f"The member owes nothing for days before {until}.")
        if self.ends_not_before is not None:
            found.append(f"Coverage ends not before {self.ends_not_before}.")
        return " ".join(found)


class QioUpdate(BaseMessage):
    """An update from the quality improvement organization (QIO): a review requested (`asked`), records received, a decision.

    `upheld` is True when the QIO agrees with ending coverage or with the discharge.
    """

    type: Literal["qio_news"] = "qio_news"
    about: Literal["end_of_services", "discharge"]
    what: Literal["asked", "has_information", "decided"]
    upheld: bool | None = None
    timely: bool | None = None
