"""What people, the facility and other processes tell a running stay."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.cases.messages import ClaimTask, CompleteTask, Message, ReassignTask, ReleaseTask, ReviewAnswered
from domain.model import Model
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.plan_messages import PlanNews
from domain.stays.start import TellStay


class ClinicalUpdate(Message):
    """How the patient is, by the facility or by a nurse who spoke with it. What it says clinically lies in the store.

    `update_id` names it there; `through` is the last day that is asked for (None: as the policy has it); `level` corrects
    the level of care as of today; `working_drg` and `expected_discharge` are the hospital's, signals only.
    `post_stabilization` says that the patient is stable after an emergency and the facility asks whether to go on (42 CFR
    422.113(c)); None: nobody said.
    """

    type: Literal["clinical_update"] = "clinical_update"
    update_id: str
    through: date | None = None
    level: LevelOfCare | None = None
    working_drg: str | None = Field(default=None, pattern=r"^[0-9]{3}$")
    expected_discharge: date | None = None
    post_stabilization: bool | None = None


class AskSecondLook(Message):
    """The treating clinician asks to look again at denied days: after a peer-to-peer, or by a reopening.

    `held_at` (UTC) is when the talk was; `update_id` names what was learned, in the store.
    """

    type: Literal["ask_second_look"] = "ask_second_look"
    first: date
    last: date
    how: Literal["peer_to_peer", "reopening"]
    held_at: AwareDatetime | None = None
    update_id: str | None = None
    note: str = ""


class ProposeReduction(Message):
    """A physician of the plan proposes that approved days end early. Only a signed decision in a review of its own does it."""

    type: Literal["propose_reduction"] = "propose_reduction"
    reviewer_id: str
    effective_on: date
    why: str = Field(min_length=1)


class NoteAvoidableDay(Message):
    """Somebody records a day that better work of somebody would have saved."""

    type: Literal["note_avoidable_day"] = "note_avoidable_day"
    reviewer_id: str
    entry: AvoidableDay


StayMessage = Annotated[
    TellStay
    | ClinicalUpdate
    | AskSecondLook
    | ProposeReduction
    | NoteAvoidableDay
    | ReviewAnswered
    | PlanNews
    | ClaimTask
    | ReleaseTask
    | ReassignTask
    | CompleteTask,
    Field(discriminator="type"),
]


class LevelAnswer(Model):
    """At which level of care the patient is since the hospital's last word: asked where a unit's name does not tell."""

    level: LevelOfCare


class UpdateChased(Model):
    """A call after an update that did not come: with whom, and until when it is promised (None: not promised)."""

    spoke_with: str = Field(min_length=2)
    title: str = Field(min_length=2)
    says: str = Field(min_length=2)
    promised_by: AwareDatetime | None = None


class StatusAnswer(Model):
    """What came of a question about the status that the hospital ordered."""

    answer: str = Field(min_length=2)
    expected_midnights: int | None = Field(default=None, ge=0)


class LookedInto(Model):
    """What came of a look at a long stay, a huddle, or a round of the medical director."""

    findings: str = Field(min_length=2)
    next_steps: str = Field(min_length=2)
    expected_discharge: date | None = None
