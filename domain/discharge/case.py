"""The discharge case: a discharge plan from the first day of a stay to the thirtieth day after it.

Only its own workflow changes it, through the modules of this folder: each changes the fields of its own subject, and what
more than one of them changes has a method here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.cases.member_case import MemberCase
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import ClockEvent
from domain.discharge.forms import (
    DetailedReason,
    EquipmentOrdered,
    MedicationReconciliation,
    PostDischargeCall,
    StatedFact,
    TeachBack,
)
from domain.discharge.parts import (
    CareManagementReferral,
    DischargeEnding,
    DischargePolicy,
    DischargeTarget,
    LinkedReadmission,
    NextSettingReview,
    NoticeDelivery,
    PendingLetter,
    QioReview,
    TransitionGap,
    ending_for,
)
from domain.discharge.policy import AssessmentDomain, Complexity, NeedAnswer
from domain.discharge.risk_scores import HospitalValues, LaceValues, RiskBand, lace
from domain.errors import ImpossibleState
from domain.letters.stay_facts import Appointment, ProviderChoice
from domain.stays.adt import AdmissionType
from domain.stays.day_counts import midnights_crossed
from domain.stays.plan_messages import DischargePlanUpdated, StaySnapshot
from domain.vocabulary import NoticeKind


class DischargeCase(MemberCase):
    """The discharge plan of one stay. `done` holds, by name, when a checklist item or a task after the discharge was done."""

    picture: StaySnapshot
    policy: DischargePolicy | None = None
    status: CaseStatus = CaseStatus.OPEN

    done: dict[str, AwareDatetime] = {}
    needs: dict[AssessmentDomain, NeedAnswer] = {}
    lace_values: LaceValues = LaceValues()
    hospital_values: HospitalValues = HospitalValues()
    facts: tuple[StatedFact, ...] = ()
    stated_by: dict[str, str] = {}
    target: DischargeTarget | None = None
    replan: str | None = None
    choices: tuple[ProviderChoice, ...] = ()
    choices_unknown: bool = False
    chosen_npi: str | None = None
    equipment: EquipmentOrdered | None = None
    medicines: MedicationReconciliation | None = None
    teaching: TeachBack | None = None
    appointments: tuple[Appointment, ...] = ()
    behavioral_visits: tuple[str, ...] = ()
    reviews: list[NextSettingReview] = []

    duties_of: tuple[ClockEvent, ...] | None = None
    duty_keys: dict[str, str] = {}
    deliveries: list[NoticeDelivery] = []
    files_sent: dict[str, AwareDatetime] = {}
    explanations: dict[str, DetailedReason] = {}
    qio: list[QioReview] = []
    reversed_ends: tuple[date, ...] = ()

    left_at: AwareDatetime | None = None
    left_undone: tuple[str, ...] = ()
    summarized: bool = False
    retold: bool = False
    calls: list[PostDischargeCall] = []
    gaps: list[TransitionGap] = []
    referrals: list[CareManagementReferral] = []
    reminded: list[str] = []
    looked_on: list[int] = []
    readmissions: list[LinkedReadmission] = []

    owed: list[PendingLetter] = []
    blocked: list[PendingLetter] = []
    told: DischargePlanUpdated | None = None
    shown: str = ""

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def rules(self) -> DischargePolicy:
        """The policy of this plan. Raises ImpossibleState before it was looked up."""
        if self.policy is None:
            raise ImpossibleState(f"{self.case_id}: the policy was not looked up")
        return self.policy

    @property
    def member_died(self) -> bool:
        return self.picture.discharged_at is not None and ending_for(self.picture.disposition) is DischargeEnding.DIED

    @property
    def is_over(self) -> bool:
        """Whether nothing is planned any more: the admission was canceled, or the member died."""
        return self.picture.voided or self.member_died

    def planned_discharge_day(self, now: datetime) -> date | None:
        """The planned day of discharge: the plan's, else the hospital's. A day that has passed is no plan."""
        days = (self.target.on if self.target is not None else None, self.picture.expected_discharge)
        return next((day for day in days if day is not None and day >= self.day(now)), None)

    @property
    def complexity(self) -> Complexity:
        """Complexity of the follow-up. Unknown counts as high, which means the earlier visit."""
        if self.target is not None and self.target.complexity is not None:
            return self.target.complexity
        score = lace(self.lace_inputs)
        known_low = score.is_complete and score.band is not RiskBand.HIGH
        return Complexity.MODERATE if known_low else Complexity.HIGH

    @property
    def lace_inputs(self) -> LaceValues:
        """The LACE inputs: the answers of the assessment, else the values that the stay itself shows."""
        days, emergent = self._days_in_hospital, self._is_emergency_admission
        shown = LaceValues(length_of_stay_days=days, emergent_admission=emergent)
        return shown.model_copy(update=self.lace_values.model_dump(exclude_none=True))

    @property
    def hospital_inputs(self) -> HospitalValues:
        """The HOSPITAL inputs: the answers of the assessment, else the values that the stay itself shows."""
        shown = HospitalValues(length_of_stay_days=self._days_in_hospital, urgent_admission=self._is_urgent_admission)
        return shown.model_copy(update=self.hospital_values.model_dump(exclude_none=True))

    @property
    def _is_emergency_admission(self) -> bool | None:
        """True after an admission through the emergency department or one that the hospital calls an emergency, False after an
        elective one. Whether an urgent one was an emergency, and any other, is unknown."""
        told = self.picture.admission_type
        if self.picture.emergent or told is AdmissionType.EMERGENCY:
            return True
        return False if told is AdmissionType.ELECTIVE else None

    @property
    def _is_urgent_admission(self) -> bool | None:
        """Whether the admission was an emergency or urgent; None is unknown."""
        return True if self.picture.admission_type is AdmissionType.URGENT else self._is_emergency_admission

    @property
    def _days_in_hospital(self) -> int | None:
        """Midnights from the inpatient order to the discharge; unknown until both are."""
        admitted, left = self.picture.admitted_at, self.picture.discharged_at
        if admitted is None or left is None or left < admitted:
            return None
        return midnights_crossed(admitted, left, self.tz)

    def review(self) -> NextSettingReview | None:
        """The latest next-setting authorization that was requested."""
        return self.reviews[-1] if self.reviews else None

    def task_about(self, kind: TaskKind, about: str | None) -> Task | None:
        """The open task of a kind about this, or None."""
        return next((task for task in self.open_tasks(kind) if task.about == about), None)

    # -- writing -------------------------------------------------------------------------------------------------------

    def queue_letter(self, notice: NoticeKind, about: str = "") -> None:
        """Queue a letter, once for each subject."""
        letter = PendingLetter(notice=notice, about=about)
        if letter not in self.owed and letter not in self.blocked:
            self.owed.append(letter)

    def begin_letter(self, letter: PendingLetter) -> None:
        """Take a letter from the queue, to be written now."""
        self.owed.remove(letter)

    def block_letter(self, letter: PendingLetter) -> None:
        """Keep a letter that could not be written until its cause is mended."""
        self.blocked.append(letter)

    def offer_choices(self, choices: tuple[ProviderChoice, ...], chosen_npi: str | None) -> None:
        """Record the providers offered to the member; whether they are in the network is looked up where it is not known."""
        self.choices, self.chosen_npi = choices, chosen_npi or self.chosen_npi
        self.choices_unknown = any(choice.in_network is None for choice in choices)

    def record_networks(self, in_network: Mapping[str, bool]) -> None:
        """Record a lookup of the choices' networks, by NPI; what the directory does not know stays unknown."""
        self.choices = tuple(
            choice.model_copy(update={"in_network": in_network.get(choice.npi, choice.in_network)})
            for choice in self.choices
        )
        self.choices_unknown = False

    def choose_setting(self, target: DischargeTarget) -> None:
        """Set the target. Providers that were offered for another setting are no choices any more."""
        if self.target is not None and self.target.setting is not target.setting:
            self.choices, self.chosen_npi, self.choices_unknown = (), None, False
        self.target, self.replan = target, None

    def leave_undone(self, *names: str) -> None:
        """Add what was not done in time, each once."""
        self.left_undone = tuple(dict.fromkeys((*self.left_undone, *names)))

    def add_stated_facts(self, facts: tuple[StatedFact, ...], by: str) -> None:
        """Add stated facts; a later statement of a fact replaces an earlier one."""
        self.facts = tuple({fact.fact: fact for fact in (*self.facts, *facts)}.values())
        self.stated_by.update({fact.fact: by for fact in facts})

    def finish(self, name: str, at: datetime) -> None:
        """Mark a checklist item, or a task after the discharge, as done; the first time counts."""
        self.done.setdefault(name, at)

    def reopen(self, *names: str) -> None:
        """Mark checklist items as not done: they no longer hold."""
        for name in names:
            self.done.pop(name, None)

    def close(self, status: CaseStatus, at: datetime) -> None:
        self.status, self.closed_at = status, at
