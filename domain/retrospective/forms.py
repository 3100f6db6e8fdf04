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

    units: Decimal | None = Field(default=None, gt=0)
    start: date
    end: date

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

    line_id: str
    answer: ComparisonAnswer
    beyond: BeyondForm | None = None
    authorization: str | None = None
    note: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_is_beyond(self) -> Self:
        if (self.answer == "beyond") is not (self.beyond is not None):
            raise ValueError("beyond is filled in when the answer is beyond, and only then")
        return self


class ConcernForm(Model):
    kind: ConcernKind
    what: str = Field(min_length=1)


class SuspicionForm(Model):
    suspicion: Suspicion
    what: str = Field(min_length=1)


class LessonForm(Model):
    stage: ProcessStage
    what_went_wrong: str = Field(min_length=1)
    suggestion: str = Field(min_length=1)


class ComparisonForm(Model):
    """Every doubtful line with its answer; a concern or a suspicion that was found is handled separately."""

    lines: tuple[ComparisonLineForm, ...] = Field(min_length=1)
    concerns: tuple[ConcernForm, ...] = ()
    suspicions: tuple[SuspicionForm, ...] = ()


class EmergencyForm(Model):
    """A clinician's findings in the record of the arrival. Null means that the record does not show it.

    There is no field for the final diagnosis: the standard is what a prudent layperson could fear.
    """

    symptoms: tuple[str, ...]
    onset: str | None
    plan_sent_patient: bool | None
    acute_and_severe: bool | None
    serious_harm_to_be_expected: bool | None
    note: str = Field(min_length=1)

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

    answer: DrgAnswer
    coder_drg: str | None = Field(pattern=r"^[0-9]{3}$")
    note: str = Field(min_length=1)


class ComplianceForm(Model):
    """Compliance's record of the action taken on the question, or of its referral to somebody else."""

    what_was_done: str = Field(min_length=1)


class LessonsLearnedForm(Model):
    """Lessons learned and concerns; empty lists record that the review found none."""

    lessons: tuple[LessonForm, ...]
    concerns: tuple[ConcernForm, ...]


FORMS: dict[TaskKind, type[Model]] = {
    TaskKind.CLAIM_COMPARISON: ComparisonForm,
    TaskKind.EMERGENCY_JUDGMENT: EmergencyForm,
    TaskKind.DRG_REVIEW: DrgForm,
    TaskKind.COMPLIANCE_REFERRAL: ComplianceForm,
    TaskKind.CLAIM_LESSONS: LessonsLearnedForm,
}
