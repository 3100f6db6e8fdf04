"""Tasks for reviewers and staff: kinds, statuses, allowed outcomes, the task itself, and the minutes that a plan expects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from domain.cited_value import CitedEntry
from domain.model import Model
from domain.vocabulary import Role


class TaskKind(StrEnum):
    COVERAGE_QUESTION = "coverage_question"
    NURSE_REVIEW = "nurse_review"
    PHYSICIAN_REVIEW = "physician_review"
    BENEFIT_REVIEW = "benefit_review"
    NEED_QUESTION = "need_question"
    """Whether care is needed in spite of a limit or exclusion of the plan: a clinician's question."""
    EXPEDITE_DECISION = "expedite_decision"
    LETTER_REPAIR = "letter_repair"
    MISSED_CLOCK = "missed_clock"
    NO_CLOCK = "no_clock"
    CASE_TROUBLE = "case_trouble"
    CLAIM_COMPARISON = "claim_comparison"
    EMERGENCY_JUDGMENT = "emergency_judgment"
    DRG_REVIEW = "drg_review"
    COMPLIANCE_REFERRAL = "compliance_referral"
    CLAIM_LESSONS = "claim_lessons"
    CONCERN_TRIAGE = "concern_triage"
    CONCERN_PEER_REVIEW = "concern_peer_review"
    CONCERN_COMMITTEE = "concern_committee"
    CARE_MANAGEMENT_REFERRAL = "care_management_referral"
    CARE_MANAGEMENT_OUTCOME = "care_management_outcome"
    CONCERN_CLOSURE = "concern_closure"
    CALL_BACK = "call_back"
    CALLER_NOT_REACHED = "caller_not_reached"
    CLINICAL_UPDATE = "clinical_update"
    LEVEL_QUESTION = "level_question"
    STATUS_QUESTION = "status_question"
    LONG_STAY = "long_stay"
    DISCHARGE_HUDDLE = "discharge_huddle"
    DIRECTOR_ROUND = "director_round"
    CASE_FORWARDING = "case_forwarding"
    NEEDS_ASSESSMENT = "needs_assessment"
    TARGET_SETTING = "target_setting"
    PROVIDER_CHOICES = "provider_choices"
    NEXT_AUTHORIZATION = "next_authorization"
    REFERRAL = "referral"
    EQUIPMENT = "equipment"
    MEDICATION_RECONCILIATION = "medication_reconciliation"
    TEACH_BACK = "teach_back"
    FOLLOW_UP_BOOKING = "follow_up_booking"
    TRANSPORT = "transport"
    DETAILED_REASON = "detailed_reason"
    FORM_DELIVERY = "form_delivery"
    QIO_RECORDS = "qio_records"
    POST_DISCHARGE_CALL = "post_discharge_call"
    FOLLOW_UP_VISIT = "follow_up_visit"
    MEDICATION_CHECK_IN = "medication_check_in"
    EDUCATION = "education"
    EQUIPMENT_CHECK = "equipment_check"
    HAND_OVER = "hand_over"
    PCP_NOTICE = "pcp_notice"
    MEMBER_CONTACT = "member_contact"
    CHECKLIST_ITEM = "checklist_item"
    ORAL_NOTICE = "oral_notice"
    AFTER_DECISION = "after_decision"
    EXPEDITED_GRIEVANCE = "expedited_grievance"
    APPEAL_STANDING = "appeal_standing"
    APPEAL_LATENESS = "appeal_lateness"
    APPEAL_FILING = "appeal_filing"
    """Another filing about a determination whose appeal is under way: somebody reads what it asks."""
    APPEAL_EFFECTUATION = "appeal_effectuation"
    APPEAL_FORWARDING = "appeal_forwarding"


class TaskStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskOutcome(StrEnum):
    """The outcomes of tasks. Only a review by a physician, or by benefit staff on the plan's documents, can end adversely, and
    that decision is signed."""

    APPROVE = "approve"
    ASK = "ask"
    REFER = "refer"
    DECIDE = "decide"
    TO_BENEFITS = "to_benefits"
    """A limit or exclusion of the plan may decide: benefit staff look at it."""
    RETURN = "return"
    """No provision of the plan decides: back to clinical review."""
    COVERAGE_CONFIRMED = "coverage_confirmed"
    GRANT = "grant"
    REFUSE = "refuse"
    RETRY = "retry"
    ACKNOWLEDGE = "acknowledge"
    FORWARDED = "forwarded"
    DONE = "done"
    """Done as stated in the form of the task."""


ALLOWED_OUTCOMES: dict[TaskKind, frozenset[TaskOutcome]] = {
    TaskKind.COVERAGE_QUESTION: frozenset({TaskOutcome.COVERAGE_CONFIRMED, TaskOutcome.REFER}),
    TaskKind.NURSE_REVIEW: frozenset(
        {TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.REFER, TaskOutcome.TO_BENEFITS}
    ),
    TaskKind.PHYSICIAN_REVIEW: frozenset(
        {TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.DECIDE, TaskOutcome.TO_BENEFITS}
    ),
    TaskKind.BENEFIT_REVIEW: frozenset({TaskOutcome.DECIDE, TaskOutcome.RETURN}),
    TaskKind.NEED_QUESTION: frozenset({TaskOutcome.DONE}),
    TaskKind.EXPEDITE_DECISION: frozenset({TaskOutcome.GRANT, TaskOutcome.REFUSE}),
    TaskKind.LETTER_REPAIR: frozenset({TaskOutcome.RETRY}),
    TaskKind.MISSED_CLOCK: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.NO_CLOCK: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.CASE_TROUBLE: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.CLAIM_COMPARISON: frozenset({TaskOutcome.DONE}),
    TaskKind.EMERGENCY_JUDGMENT: frozenset({TaskOutcome.DONE}),
    TaskKind.DRG_REVIEW: frozenset({TaskOutcome.DONE}),
    TaskKind.COMPLIANCE_REFERRAL: frozenset({TaskOutcome.DONE}),
    TaskKind.CLAIM_LESSONS: frozenset({TaskOutcome.DONE}),
    TaskKind.CONCERN_TRIAGE: frozenset({TaskOutcome.DONE}),
    TaskKind.CONCERN_PEER_REVIEW: frozenset({TaskOutcome.DONE}),
    TaskKind.CONCERN_COMMITTEE: frozenset({TaskOutcome.DONE}),
    TaskKind.CARE_MANAGEMENT_REFERRAL: frozenset({TaskOutcome.DONE}),
    TaskKind.CARE_MANAGEMENT_OUTCOME: frozenset({TaskOutcome.DONE}),
    TaskKind.CONCERN_CLOSURE: frozenset({TaskOutcome.DONE}),
    TaskKind.CALL_BACK: frozenset({TaskOutcome.DONE}),
    TaskKind.CALLER_NOT_REACHED: frozenset({TaskOutcome.DONE}),
    TaskKind.CLINICAL_UPDATE: frozenset({TaskOutcome.DONE}),
    TaskKind.LEVEL_QUESTION: frozenset({TaskOutcome.DONE}),
    TaskKind.STATUS_QUESTION: frozenset({TaskOutcome.DONE}),
    TaskKind.LONG_STAY: frozenset({TaskOutcome.DONE}),
    TaskKind.DISCHARGE_HUDDLE: frozenset({TaskOutcome.DONE}),
    TaskKind.DIRECTOR_ROUND: frozenset({TaskOutcome.DONE}),
    TaskKind.CASE_FORWARDING: frozenset({TaskOutcome.FORWARDED}),
    TaskKind.NEEDS_ASSESSMENT: frozenset({TaskOutcome.DONE}),
    TaskKind.TARGET_SETTING: frozenset({TaskOutcome.DONE}),
    TaskKind.PROVIDER_CHOICES: frozenset({TaskOutcome.DONE}),
    TaskKind.NEXT_AUTHORIZATION: frozenset({TaskOutcome.DONE}),
    TaskKind.REFERRAL: frozenset({TaskOutcome.DONE}),
    TaskKind.EQUIPMENT: frozenset({TaskOutcome.DONE}),
    TaskKind.MEDICATION_RECONCILIATION: frozenset({TaskOutcome.DONE}),
    TaskKind.TEACH_BACK: frozenset({TaskOutcome.DONE}),
    TaskKind.FOLLOW_UP_BOOKING: frozenset({TaskOutcome.DONE}),
    TaskKind.TRANSPORT: frozenset({TaskOutcome.DONE}),
    TaskKind.DETAILED_REASON: frozenset({TaskOutcome.DONE}),
    TaskKind.FORM_DELIVERY: frozenset({TaskOutcome.DONE}),
    TaskKind.QIO_RECORDS: frozenset({TaskOutcome.DONE}),
    TaskKind.POST_DISCHARGE_CALL: frozenset({TaskOutcome.DONE}),
    TaskKind.FOLLOW_UP_VISIT: frozenset({TaskOutcome.DONE}),
    TaskKind.MEDICATION_CHECK_IN: frozenset({TaskOutcome.DONE}),
    TaskKind.EDUCATION: frozenset({TaskOutcome.DONE}),
    TaskKind.EQUIPMENT_CHECK: frozenset({TaskOutcome.DONE}),
    TaskKind.HAND_OVER: frozenset({TaskOutcome.DONE}),
    TaskKind.PCP_NOTICE: frozenset({TaskOutcome.DONE}),
    TaskKind.MEMBER_CONTACT: frozenset({TaskOutcome.DONE}),
    TaskKind.CHECKLIST_ITEM: frozenset({TaskOutcome.DONE}),
    TaskKind.ORAL_NOTICE: frozenset({TaskOutcome.DONE}),
    TaskKind.AFTER_DECISION: frozenset({TaskOutcome.GRANT, TaskOutcome.ACKNOWLEDGE}),
    TaskKind.EXPEDITED_GRIEVANCE: frozenset({TaskOutcome.DONE}),
    TaskKind.APPEAL_STANDING: frozenset({TaskOutcome.DONE}),
    TaskKind.APPEAL_LATENESS: frozenset({TaskOutcome.DONE}),
    TaskKind.APPEAL_FILING: frozenset({TaskOutcome.ACKNOWLEDGE}),
    TaskKind.APPEAL_EFFECTUATION: frozenset({TaskOutcome.DONE}),
    TaskKind.APPEAL_FORWARDING: frozenset({TaskOutcome.DONE}),
}
DECIDING_TASKS = (
    TaskKind.COVERAGE_QUESTION,
    TaskKind.NURSE_REVIEW,
    TaskKind.PHYSICIAN_REVIEW,
    TaskKind.BENEFIT_REVIEW,
    TaskKind.NEED_QUESTION,
    TaskKind.EXPEDITE_DECISION,
    TaskKind.NO_CLOCK,
    TaskKind.AFTER_DECISION,
)
"""Tasks that lead to a decision; they are canceled once there is one."""

OUTLASTING_TASKS = (
    TaskKind.MISSED_CLOCK,
    TaskKind.CASE_FORWARDING,
    TaskKind.CASE_TROUBLE,
    TaskKind.EXPEDITED_GRIEVANCE,
)
"""Tasks that follow from a missed clock, trouble of the case or a grievance; they stay open when the case is closed."""


class Task(Model):
    """A piece of work for a role, due at `due_at` (UTC).

    `line_ids` are the service lines it is about; `specialties` the ones that fit (empty: none demanded);
    `also_for` are further roles that may take it, from the start or since an escalation; `escalated` counts the steps of the
    ladder taken so far. `about` distinguishes tasks of one kind (a notice, an appointment, a day); `needs` are the
    communication needs of the member or caller (a language, TTY).
    """

    task_id: str
    kind: TaskKind
    role: Role
    also_for: tuple[Role, ...] = ()
    why: str
    about: str | None = None
    needs: dict[str, str] = {}
    line_ids: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    opened_at: AwareDatetime
    due_at: AwareDatetime
    status: TaskStatus = TaskStatus.OPEN
    assignee: str | None = None
    escalated: int = 0
    outcome: TaskOutcome | None = None
    completed_at: AwareDatetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in (TaskStatus.OPEN, TaskStatus.CLAIMED)


class TaskMinutes(CitedEntry):
    """Minutes of a person's work that a task of this kind takes, from `first_day` through `last_day` (None: until changed): the
    plan's own policy, for the sum of open work and for nothing else."""

    kind: TaskKind
    minutes: int = Field(gt=0, le=24 * 60)
    first_day: date
    last_day: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("last_day: lies before first_day")
        return self


def minutes_on(stated: Iterable[TaskMinutes], day: date) -> dict[TaskKind, int]:
    """The minutes of each kind on this day; of several that hold, the latest begun. A kind without one is unknown."""
    holding = [one for one in stated if one.first_day <= day and (one.last_day is None or day <= one.last_day)]
    return {one.kind: one.minutes for one in sorted(holding, key=lambda one: one.first_day)}
