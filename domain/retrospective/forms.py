"""Task forms of a retrospective review. No form holds an adverse answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from domain.cases.tasks import TaskKind
from domain.decisions.prudent_layperson import PresentingFacts
from domain.model import Model
from domain.retrospective.parts import ComparisonAnswer, DrgAnswer, ProcessStage, Suspicion
from domain.vocabulary import ConcernKind


class BeyondForm(Model):
    """The part of a line that exceeds its authorization."""

    units: Decimal | None = Field(default=None, gt=0, description="Units beyond the authorization.")
    start: date = Field(description="The first day beyond it.")
    end: date = Field(description="The last day beyond it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("end lies before start")
        return self


class ComparisonLineForm(Model):
    """One compared line. `authorized`: it matches the authorization, and its necessity is no longer in question. `beyond`: a
    part exceeds the authorization, and `beyond` says which. `not_authorized`: no authorization is for this care.

    `authorization` names the approval where the finding names none, or another one.
    """

    line_id: str = Field(description="The line of the claim.")
    answer: ComparisonAnswer = Field(
        description="authorized: it matches; beyond: a part exceeds it; not_authorized: none is for it."
    )
    beyond: BeyondForm | None = Field(default=None, description="The part that exceeds, where the answer is beyond.")
    authorization: str | None = Field(
        default=None, description="The authorization, where the finding names none or another."
    )
    note: str = Field(min_length=1, description="Why, in a sentence.")

    @model_validator(mode="after")
    def _says_what_is_beyond(self) -> Self:
        if (self.answer == "beyond") is not (self.beyond is not None):
            raise ValueError("beyond is filled in when the answer is beyond, and only then")
        return self


class ConcernForm(Model):
    kind: ConcernKind = Field(description="The kind of concern.")
    what: str = Field(min_length=1, description="What was observed.")


class SuspicionForm(Model):
    suspicion: Suspicion = Field(description="What is suspected.")
    what: str = Field(min_length=1, description="What was observed.")


class LessonForm(Model):
    stage: ProcessStage = Field(description="The stage of the process.")
    what_went_wrong: str = Field(min_length=1, description="What went wrong there.")
    suggestion: str = Field(min_length=1, description="What would avoid it.")


class ComparisonForm(Model):
    """Every doubtful line with its answer; a concern or a suspicion that was found is handled separately."""

    lines: tuple[ComparisonLineForm, ...] = Field(min_length=1, description="Each doubtful line once.")
    concerns: tuple[ConcernForm, ...] = Field(default=(), description="Concerns found on the way.")
    suspicions: tuple[SuspicionForm, ...] = Field(default=(), description="Suspicions found on the way.")


class EmergencyForm(Model):
    """A clinician's findings in the record of the arrival. Null means that the record does not show it.

    There is no field for the final diagnosis: the standard is what a prudent layperson could fear.
    """

    symptoms: tuple[str, ...] = Field(description="Each symptom on arrival; an empty list: the record shows none.")
    onset: str | None = Field(description="When and how it began; null: the record does not show it.")
    plan_sent_patient: bool | None = Field(description="Whether the plan sent the patient; null: not shown.")
    acute_and_severe: bool | None = Field(description="Whether it was acute and severe; null: not shown.")
    serious_harm_to_be_expected: bool | None = Field(
        description="Whether a layperson could fear serious harm; null: not shown."
    )
    note: str = Field(min_length=1, description="Your judgment, in a sentence.")

    def facts(self, age_years: int | None) -> PresentingFacts:
        return PresentingFacts(
            symptoms=self.symptoms,
            onset=self.onset,
            age_years=age_years,
            plan_sent_patient=self.plan_sent_patient,
            acute_and_severe=self.acute_and_severe,
            serious_harm_to_be_expected=self.serious_harm_to_be_expected,
        )


class DrgForm(Model):
    """A coder's opinion on the billed DRG: a signal, which changes no payment."""

    answer: DrgAnswer = Field(description="Your opinion on the billed DRG.")
    coder_drg: str | None = Field(pattern=r"^[0-9]{3}$", description="The DRG that you would code; null: none.")
    note: str = Field(min_length=1, description="Why, in a sentence.")


class ComplianceForm(Model):
    """Compliance's record of the action taken on the question, or of its referral to somebody else."""

    what_was_done: str = Field(min_length=1, description="What was done, or to whom it was handed.")


class LessonsLearnedForm(Model):
    """Lessons learned and concerns; empty lists record that the review found none."""

    lessons: tuple[LessonForm, ...] = Field(description="Each lesson; an empty list: none.")
    concerns: tuple[ConcernForm, ...] = Field(description="Each concern; an empty list: none.")


FORMS: dict[TaskKind, type[Model]] = {
    TaskKind.CLAIM_COMPARISON: ComparisonForm,
    TaskKind.EMERGENCY_JUDGMENT: EmergencyForm,
    TaskKind.DRG_REVIEW: DrgForm,
    TaskKind.COMPLIANCE_REFERRAL: ComplianceForm,
    TaskKind.CLAIM_LESSONS: LessonsLearnedForm,
}
