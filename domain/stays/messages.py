"""Messages to a running stay: from people, the facility and other workflows; and the evidence of a clinical update."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask, ReassignTask, ReleaseTask, ReviewAnswered
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.remarks import ReadingRemark
from domain.requests.request import DocumentReference
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.plan_messages import DischargePlanUpdated
from domain.stays.start import AdtEventReceived

UPDATE_CONTENT_TYPE = "application/vnd.umpire.stay-update+json"


class StayEvidence(Model):
    """Clinical evidence of an update as stored: facts, statements and answers read from it, and the documents with it.

    `summary` is what the sender wrote for people; `remarks` say what of the update was not read.
    """

    facts: tuple[Fact, ...] = ()
    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()
    documents: tuple[DocumentReference, ...] = ()
    summary: str = ""
    remarks: tuple[ReadingRemark, ...] = Field(default=(), exclude_if=lambda remarks: not remarks)


class ClinicalUpdate(BaseMessage):
    """A clinical update from the facility, or from a nurse who spoke with it. Its clinical content is in the store.

    `update_id` names it there; `through` is the last day that is asked for (None: as the policy has it); `level` corrects
    the level of care as of today; `working_drg` and `expected_discharge` are the hospital's, signals only.
    `post_stabilization` means that the patient is stable after an emergency and the facility asks to continue care (42 CFR
    422.113(c)); None: unknown.
    """

    type: Literal["clinical_update"] = "clinical_update"
    update_id: str
    through: date | None = None
    level: LevelOfCare | None = None
    working_drg: str | None = Field(default=None, pattern=r"^[0-9]{3}$")
    expected_discharge: date | None = None
    post_stabilization: bool | None = None


class RequestSecondLook(BaseMessage):
    """The treating clinician's request for a second look at denied days: after a peer-to-peer, or by a reopening.

    `held_at` (UTC) is the time of the talk; `update_id` names the new information, in the store.
    """

    type: Literal["ask_second_look"] = "ask_second_look"
    first: date
    last: date
    how: Literal["peer_to_peer", "reopening"]
    held_at: AwareDatetime | None = None
    update_id: str | None = None
    note: str = ""


class ProposeReduction(BaseMessage):
    """A plan physician's proposal to end approved days early. Only a signed decision in its own review does it."""

    type: Literal["propose_reduction"] = "propose_reduction"
    reviewer_id: str
    effective_on: date
    why: str = Field(min_length=1)


class RecordAvoidableDay(BaseMessage):
    """A day to record as avoidable: somebody's better work would have saved it."""

    type: Literal["note_avoidable_day"] = "note_avoidable_day"
    reviewer_id: str
    entry: AvoidableDay


StayMessage = Annotated[
    AdtEventReceived
    | ClinicalUpdate
    | RequestSecondLook
    | ProposeReduction
    | RecordAvoidableDay
    | ReviewAnswered
    | DischargePlanUpdated
    | ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask,
    Field(discriminator="type"),
]


class LevelAnswer(Model):
    """The level of care since the hospital's last event: asked when the unit's name does not tell.

    `level` is the one that the hospital ordered; `proposed_level` a lower one that somebody holds to be enough (None: nobody).
    """

    level: LevelOfCare = Field(description="The level that the hospital ordered.")
    proposed_level: LevelOfCare | None = Field(
        default=None, description="A lower level that somebody holds to be enough; null: nobody."
    )


class UpdateFollowUp(Model):
    """A follow-up call about a missing update: with whom, and by when it is promised (None: not promised)."""

    spoke_with: str = Field(min_length=2, description="With whom you spoke at the facility.")
    title: str = Field(min_length=2, description="That person's role, such as charge nurse.")
    says: str = Field(min_length=2, description="What they said about the missing update.")
    promised_by: AwareDatetime | None = Field(
        default=None, description="When the update is promised; null: not promised."
    )


class StatusAnswer(Model):
    """The answer to a question about the ordered status."""

    answer: str = Field(min_length=2, description="What the hospital answered about the status it ordered.")
    expected_midnights: int | None = Field(
        default=None, ge=0, description="Midnights that the physician expects the stay to cross."
    )


class LongStayFindings(Model):
    """The findings of a long-stay review, a discharge huddle, or a medical director round."""

    findings: str = Field(min_length=2, description="What keeps the patient in hospital.")
    next_steps: str = Field(min_length=2, description="Who does what next, and by when.")
    expected_discharge: date | None = Field(default=None, description="The day on which the discharge is expected.")
