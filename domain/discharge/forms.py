"""The forms of discharge planning tasks. A field left out is unknown, and is never assumed to be fine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime, Field, StrictBool, StrictStr, model_validator

from domain.cases.tasks import TaskKind
from domain.discharge.policy import AssessmentDomain, Complexity
from domain.discharge.risk_scores import HospitalValues, LaceValues
from domain.evidence.facts import Number
from domain.letters.stay_facts import Medicine, ProviderChoice
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare


class AnsweredNeed(Model):
    """The answer for one assessment domain; `needs` None: nobody knew."""

    domain: AssessmentDomain
    needs: bool | None = None
    note: str = ""


class StatedFact(Model):
    """A clinical fact stated by the planner, by its id in the dictionary; `on` is the day on which it was true.

    `read_in` names the record in which the planner read it; without one it is a statement, and counts as no more.
    """

    fact: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
    value: StrictBool | Number | StrictStr
    unit: str | None = None
    on: date | None = None
    read_in: str | None = None


class NeedsAssessment(Model):
    """The needs in each domain, the values of the two risk scores, and facts that the next setting's criteria ask for."""

    answers: tuple[AnsweredNeed, ...] = Field(min_length=1)
    lace: LaceValues = LaceValues()
    hospital: HospitalValues = HospitalValues()
    facts: tuple[StatedFact, ...] = ()

    @model_validator(mode="after")
    def _each_domain_once(self) -> Self:
        named = [answer.domain for answer in self.answers]
        if len(named) != len(set(named)):
            raise ValueError("answers names a domain twice")
        return self


class TargetPlan(Model):
    """The target setting and the target date. `days` are the days of care to request from the next setting.

    `target_date` None: the setting is known and the day is not. `agreed_with_member`, `agreed_with_physician` None: not asked.
    """

    setting: LevelOfCare
    target_date: date | None = None
    complexity: Complexity | None = None
    days: Decimal | None = Field(default=None, gt=0)
    agreed_with_member: bool | None = None
    agreed_with_physician: bool | None = None


class ChoicesOffered(Model):
    """The providers offered to the member. `why_fewer` is needed when there are fewer than the policy requires."""

    choices: tuple[ProviderChoice, ...]
    chosen_npi: str | None = None
    why_fewer: str | None = None

    @model_validator(mode="after")
    def _chosen_from_these(self) -> Self:
        if self.chosen_npi is not None and self.chosen_npi not in {choice.npi for choice in self.choices}:
            raise ValueError("chosen_npi is none of the choices")
        return self


class NextSettingRequest(Model):
    """The details still needed to request the next setting's authorization.

    `requesting_npi` is needed where the stay does not say which hospital it is in.
    """

    provider_npi: str = Field(pattern=r"^\d{10}$")
    requesting_npi: str | None = Field(default=None, pattern=r"^\d{10}$")
    days: Decimal = Field(gt=0)
    facts: tuple[StatedFact, ...] = ()


class ReferralAnswer(Model):
    """A provider's answer to a referral; None: no answer yet. `reason` is the provider's reason for declining."""

    provider_npi: str = Field(pattern=r"^\d{10}$")
    accepted: bool | None = None
    reason: str | None = None


class EquipmentOrdered(Model):
    """The equipment ordered; an empty list means that none is needed. `delivery_on` None: no day is confirmed."""

    items: tuple[str, ...]
    supplier_npi: str | None = None
    delivery_on: date | None = None


class MedicationReconciliation(Model):
    """The reconciled medication list: what is taken now, what stopped, and the discrepancies found."""

    medicines: tuple[Medicine, ...]
    discrepancies: tuple[str, ...] = ()


class TeachBack(Model):
    """The topics taught, and whether patient or caregiver could repeat them in their own words; None: not tried."""

    topics: tuple[str, ...] = Field(min_length=1)
    understood: bool | None = None
    warning_signs: tuple[str, ...] = ()
    with_whom: str | None = None


class BookedVisit(Model):
    """A booked visit. `at` may be in any zone. `behavioral`: with a behavioral health provider."""

    with_whom: str = Field(min_length=1)
    purpose: str = Field(min_length=1)
    at: AwareDatetime
    place: str
    phone: str | None = None
    npi: str | None = None
    behavioral: bool = False


class FollowUpBooked(Model):
    visits: tuple[BookedVisit, ...] = Field(min_length=1)


class TransportArranged(Model):
    """The transport of the member; `arranged` None: not known."""

    arranged: bool | None = None
    how: str = ""


class DetailedReason(Model):
    """The reason why care or coverage ends, or why a patient is an outpatient: in words for the member.

    A detailed notice needs the rule, facts of the case, and `decided_by`: who signed the decision or the order that it
    explains; after a decision of the QIO for the member also `changed_since`. The notice explains; it decides nothing.
    """

    reason: str = Field(min_length=1)
    basis: str | None = None
    facts_of_case: tuple[str, ...] = ()
    decided_by: str | None = None
    changed_since: str | None = None
    what_would_change: str | None = None


class Signature(StrEnum):
    SIGNED = "signed"
    REFUSED = "refused_to_sign"
    """A refusal is written on the form with its date, and the form counts as delivered then."""


class FormDelivered(Model):
    """Delivery of a form: by whom, when, to whom, and whether it was signed. `explained`: also in person."""

    delivered_by: str = Field(min_length=1)
    delivered_at: AwareDatetime
    to: Literal["member", "representative"]
    signature: Signature
    explained: bool | None = None


class RecordsSent(Model):
    """The records sent to the QIO."""

    sent_at: AwareDatetime
    what: tuple[str, ...] = Field(min_length=1)


class PostDischargeCall(Model):
    """One attempt to reach the member. Questions not asked are None; `gaps` are one sentence each.

    `booked` are visits that were booked on the occasion.
    """

    reached: bool
    called_at: AwareDatetime
    taking_medicines: bool | None = None
    equipment_arrived: bool | None = None
    knows_warning_signs: bool | None = None
    knows_appointment: bool | None = None
    booked: tuple[BookedVisit, ...] = ()
    gaps: tuple[str, ...] = ()


class VisitStatus(Model):
    """Whether the visit took place; None: not known yet. `on` is its day; `booked` are the next or replacement visits."""

    happened: bool | None = None
    on: date | None = None
    booked: tuple[BookedVisit, ...] = ()
    gaps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _a_visit_has_a_day(self) -> Self:
        if self.happened and self.on is None:
            raise ValueError("on is needed: the day of the visit")
        return self


class MedicationCheckIn(Model):
    taking_medicines: bool | None = None
    trouble: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


class Education(Model):
    topics: tuple[str, ...] = Field(min_length=1)
    understood: bool | None = None
    gaps: tuple[str, ...] = ()


class EquipmentCheck(Model):
    arrived: bool | None = None
    works: bool | None = None
    gaps: tuple[str, ...] = ()


class HandoffConfirmed(Model):
    """The next provider's confirmation that it has the member and the summary; None: no answer yet."""

    has_member: bool | None = None
    has_summary: bool | None = None
    gaps: tuple[str, ...] = ()


class PcpNotified(Model):
    """The notice to the primary care practitioner; `told_at` None: no practitioner could be found."""

    told_at: AwareDatetime | None = None
    whom: str | None = None


class MemberContact(Model):
    """A contact with the member after the discharge, by call or visit."""

    contacted_at: AwareDatetime | None = None
    gaps: tuple[str, ...] = ()


FORMS: dict[TaskKind, type[Model]] = {
    TaskKind.NEEDS_ASSESSMENT: NeedsAssessment,
    TaskKind.TARGET_SETTING: TargetPlan,
    TaskKind.PROVIDER_CHOICES: ChoicesOffered,
    TaskKind.NEXT_AUTHORIZATION: NextSettingRequest,
    TaskKind.REFERRAL: ReferralAnswer,
    TaskKind.EQUIPMENT: EquipmentOrdered,
    TaskKind.MEDICATION_RECONCILIATION: MedicationReconciliation,
    TaskKind.TEACH_BACK: TeachBack,
    TaskKind.FOLLOW_UP_BOOKING: FollowUpBooked,
    TaskKind.TRANSPORT: TransportArranged,
    TaskKind.DETAILED_REASON: DetailedReason,
    TaskKind.FORM_DELIVERY: FormDelivered,
    TaskKind.QIO_RECORDS: RecordsSent,
    TaskKind.POST_DISCHARGE_CALL: PostDischargeCall,
    TaskKind.FOLLOW_UP_VISIT: VisitStatus,
    TaskKind.MEDICATION_CHECK_IN: MedicationCheckIn,
    TaskKind.EDUCATION: Education,
    TaskKind.EQUIPMENT_CHECK: EquipmentCheck,
    TaskKind.HAND_OVER: HandoffConfirmed,
    TaskKind.PCP_NOTICE: PcpNotified,
    TaskKind.MEMBER_CONTACT: MemberContact,
}
