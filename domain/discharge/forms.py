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

    domain: AssessmentDomain = Field(description="The domain of need that this answers.")
    needs: bool | None = Field(default=None, description="Whether there is a need; null: nobody knew.")
    note: str = Field(default="", description="What is needed, in a sentence.")


class StatedFact(Model):
    """A clinical fact stated by the planner, by its id in the dictionary; `on` is the day on which it was true.

    `read_in` names the record in which the planner read it; without one it is a statement, and counts as no more.
    """

    fact: str = Field(
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$",
        description="The fact's id in the dictionary ('umpire rulebook try' lists them).",
    )
    value: StrictBool | Number | StrictStr = Field(description="Its value: yes or no, a number, or a word.")
    unit: str | None = Field(default=None, description="The unit of a number.")
    on: date | None = Field(default=None, description="The day on which it was true.")
    read_in: str | None = Field(
        default=None, description="The record in which you read it; without one it is a statement."
    )


class NeedsAssessment(Model):
    """The needs in each domain, the values of the two risk scores, and facts that the next setting's criteria ask for."""

    answers: tuple[AnsweredNeed, ...] = Field(min_length=1, description="Each domain of need once, with its answer.")
    lace: LaceValues = Field(
        default=LaceValues(), description="Values of the LACE score; what is left out is not known."
    )
    hospital: HospitalValues = Field(
        default=HospitalValues(), description="Values of the HOSPITAL score; what is left out is not known."
    )
    facts: tuple[StatedFact, ...] = Field(
        default=(), description="Facts that the criteria of the next setting ask for."
    )

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

    setting: LevelOfCare = Field(description="Where the patient goes from the hospital.")
    target_date: date | None = Field(default=None, description="The planned day of discharge; null: not known yet.")
    complexity: Complexity | None = Field(
        default=None, description="How complex the medical decisions after the discharge are."
    )
    days: Decimal | None = Field(default=None, gt=0, description="Days of care to request from the next setting.")
    agreed_with_member: bool | None = Field(default=None, description="Whether the member agrees; null: not asked.")
    agreed_with_physician: bool | None = Field(
        default=None, description="Whether the attending physician agrees; null: not asked."
    )


class ChoicesOffered(Model):
    """The providers offered to the member. `why_fewer` is needed when there are fewer than the policy requires."""

    choices: tuple[ProviderChoice, ...] = Field(description="Each provider offered to the member.")
    chosen_npi: str | None = Field(default=None, description="The NPI of the one that the member chose.")
    why_fewer: str | None = Field(default=None, description="Why there are fewer choices than the policy asks for.")

    @model_validator(mode="after")
    def _chosen_from_these(self) -> Self:
        if self.chosen_npi is not None and self.chosen_npi not in {choice.npi for choice in self.choices}:
            raise ValueError("chosen_npi is none of the choices")
        return self


class NextSettingRequest(Model):
    """The details still needed to request the next setting's authorization.

    `requesting_npi` is needed where the stay does not say which hospital it is in.
    """

    provider_npi: str = Field(pattern=r"^\d{10}$", description="The NPI of the provider of the next setting.")
    requesting_npi: str | None = Field(
        default=None, pattern=r"^\d{10}$", description="The NPI of the hospital, where the stay does not say it."
    )
    days: Decimal = Field(gt=0, description="Days of care to request.")
    facts: tuple[StatedFact, ...] = Field(
        default=(), description="Facts that the criteria of the next setting ask for."
    )


class ReferralAnswer(Model):
    """A provider's answer to a referral; None: no answer yet. `reason` is the provider's reason for declining."""

    provider_npi: str = Field(pattern=r"^\d{10}$", description="The NPI of the provider that was asked.")
    accepted: bool | None = Field(default=None, description="Whether it takes the patient; null: no answer yet.")
    reason: str | None = Field(default=None, description="Its reason for declining.")


class EquipmentOrdered(Model):
    """The equipment ordered; an empty list means that none is needed. `delivery_on` None: no day is confirmed."""

    items: tuple[str, ...] = Field(description="Each piece of equipment; an empty list: none is needed.")
    supplier_npi: str | None = Field(default=None, description="The NPI of the supplier.")
    delivery_on: date | None = Field(default=None, description="The confirmed day of delivery; null: none yet.")


class MedicationReconciliation(Model):
    """The reconciled medication list: what is taken now, what stopped, and the discrepancies found."""

    medicines: tuple[Medicine, ...] = Field(description="Each medicine of the reconciled list.")
    discrepancies: tuple[str, ...] = Field(default=(), description="Differences between the lists, a sentence each.")


class TeachBack(Model):
    """The topics taught, and whether patient or caregiver could repeat them in their own words; None: not tried."""

    topics: tuple[str, ...] = Field(min_length=1, description="What was taught, for the member's letter.")
    understood: bool | None = Field(default=None, description="Whether it was repeated in own words; null: not tried.")
    warning_signs: tuple[str, ...] = Field(default=(), description="Signs to call about, in the member's words.")
    with_whom: str | None = Field(default=None, description="Who was taught: the patient, or which caregiver.")


class BookedVisit(Model):
    """A booked visit. `at` may be in any zone. `behavioral`: with a behavioral health provider."""

    with_whom: str = Field(min_length=1, description="The practitioner of the visit.")
    purpose: str = Field(min_length=1, description="What the visit is for.")
    at: AwareDatetime = Field(description="The date and time of the visit.")
    place: str = Field(description="The address or room.")
    phone: str | None = Field(default=None, description="The office's telephone number.")
    npi: str | None = Field(default=None, description="The practitioner's NPI.")
    behavioral: bool = Field(default=False, description="Whether it is with a behavioral health provider.")


class FollowUpBooked(Model):
    visits: tuple[BookedVisit, ...] = Field(min_length=1, description="Each visit that was booked.")


class TransportArranged(Model):
    """The transport of the member; `arranged` None: not known."""

    arranged: bool | None = Field(default=None, description="Whether transport is arranged; null: not known.")
    how: str = Field(default="", description="By whom and how the member travels.")


class DetailedReason(Model):
    """The reason why care or coverage ends, or why a patient is an outpatient: in words for the member.

    A detailed notice needs the rule, facts of the case, and `decided_by`: who signed the decision or the order that it
    explains; after a decision of the QIO for the member also `changed_since`. The notice explains; it decides nothing.
    """

    reason: str = Field(min_length=1, description="Why the care or coverage ends, in words for the member.")
    basis: str | None = Field(default=None, description="The rule that it rests on.")
    facts_of_case: tuple[str, ...] = Field(default=(), description="Facts of this case, a sentence each.")
    decided_by: str | None = Field(default=None, description="Who signed the decision or order that this explains.")
    changed_since: str | None = Field(
        default=None, description="What has changed since the reviewer decided for the member."
    )
    what_would_change: str | None = Field(default=None, description="What would change it.")


class Signature(StrEnum):
    SIGNED = "signed"
    REFUSED = "refused_to_sign"
    """A refusal is written on the form with its date, and the form counts as delivered then."""


class FormDelivered(Model):
    """Delivery of a form: by whom, when, to whom, and whether it was signed. `explained`: also in person."""

    delivered_by: str = Field(min_length=1, description="Who handed the form over: name and role.")
    delivered_at: AwareDatetime = Field(description="When it was handed over.")
    to: Literal["member", "representative"] = Field(description="To whom: the member or the representative.")
    signature: Signature = Field(description="Whether it was signed, or signing was refused.")
    explained: bool | None = Field(default=None, description="Whether it was explained in person too; null: not known.")


class RecordsSent(Model):
    """The records sent to the QIO."""

    sent_at: AwareDatetime = Field(description="When the records were sent.")
    what: tuple[str, ...] = Field(min_length=1, description="Each record that was sent.")


class PostDischargeCall(Model):
    """One attempt to reach the member. Questions not asked are None; `gaps` are one sentence each.

    `booked` are visits that were booked on the occasion.
    """

    reached: bool = Field(description="Whether the member was reached.")
    called_at: AwareDatetime = Field(description="When the call was made.")
    taking_medicines: bool | None = Field(
        default=None, description="Whether medicines are taken as planned; null: not asked."
    )
    equipment_arrived: bool | None = Field(default=None, description="Whether the equipment has come; null: not asked.")
    knows_warning_signs: bool | None = Field(
        default=None, description="Whether warning signs are known; null: not asked."
    )
    knows_appointment: bool | None = Field(
        default=None, description="Whether the next visit is known; null: not asked."
    )
    booked: tuple[BookedVisit, ...] = Field(default=(), description="Visits that were booked on the call.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


class VisitStatus(Model):
    """Whether the visit took place; None: not known yet. `on` is its day; `booked` are the next or replacement visits."""

    happened: bool | None = Field(default=None, description="Whether the visit took place; null: not known yet.")
    on: date | None = Field(default=None, description="The day of the visit.")
    booked: tuple[BookedVisit, ...] = Field(default=(), description="The next or replacement visits.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")

    @model_validator(mode="after")
    def _a_visit_has_a_day(self) -> Self:
        if self.happened and self.on is None:
            raise ValueError("on is needed: the day of the visit")
        return self


class MedicationCheckIn(Model):
    taking_medicines: bool | None = Field(
        default=None, description="Whether medicines are taken as planned; null: not known."
    )
    trouble: tuple[str, ...] = Field(default=(), description="Each trouble with a medicine.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


class Education(Model):
    topics: tuple[str, ...] = Field(min_length=1, description="What was taught.")
    understood: bool | None = Field(default=None, description="Whether it was repeated in own words; null: not tried.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


class EquipmentCheck(Model):
    arrived: bool | None = Field(default=None, description="Whether the equipment has come; null: not known.")
    works: bool | None = Field(default=None, description="Whether it works; null: not known.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


class HandoffConfirmed(Model):
    """The next provider's confirmation that it has the member and the summary; None: no answer yet."""

    has_member: bool | None = Field(
        default=None, description="Whether the next provider has the member; null: no answer."
    )
    has_summary: bool | None = Field(default=None, description="Whether it has the summary; null: no answer.")
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


class PcpNotified(Model):
    """The notice to the primary care practitioner; `told_at` None: no practitioner could be found."""

    told_at: AwareDatetime | None = Field(
        default=None, description="When the practitioner was told; null: none could be found."
    )
    whom: str | None = Field(default=None, description="Who was told.")


class MemberContact(Model):
    """A contact with the member after the discharge, by call or visit."""

    contacted_at: AwareDatetime | None = Field(
        default=None, description="When the member was reached; null: not reached."
    )
    gaps: tuple[str, ...] = Field(default=(), description="What is missing, a sentence each.")


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
