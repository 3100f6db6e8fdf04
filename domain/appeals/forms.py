"""Task forms of an appeal. None of them can end an appeal against the member."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.model import Model

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]


class StandingForm(Model):
    """The proof that the party may appeal for the member, once it is there."""

    document_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)] = Field(
        description="The document that shows it, by its id on the case."
    )
    arrived_at: AwareDatetime = Field(description="When it arrived.")
    efforts: Words = Field(description="What was done to get it: calls, letters, dates.")


class LatenessForm(Model):
    """Whether there is good cause for a late appeal. Looking further is the only other answer: software dismisses nothing."""

    cause: Literal["illness", "death_in_family", "records_destroyed", "wrong_information", "language", "other"] = Field(
        description="The cause that was found."
    )
    why: Words = Field(description="What happened, and what shows it.")


class EffectuationForm(Model):
    """The proof that what was granted was carried out."""

    proof: Words = Field(description="What shows it: the authorization's number in the claims system, or the payment.")
    done_at: AwareDatetime = Field(description="When it was done.")


class CaseFileForm(Model):
    """The proof that the case file arrived at the outside reviewer."""

    arrived_at: AwareDatetime = Field(description="When it arrived there.")
    proof: Words = Field(description="The receipt, or the confirmation of the transmission.")


FORMS: Forms = {
    TaskKind.APPEAL_STANDING: StandingForm,
    TaskKind.APPEAL_LATENESS: LatenessForm,
    TaskKind.APPEAL_EFFECTUATION: EffectuationForm,
    TaskKind.APPEAL_FORWARDING: CaseFileForm,
}
