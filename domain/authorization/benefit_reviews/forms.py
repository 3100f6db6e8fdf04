"""Forms of the review of a benefit limit or exclusion: the clinician's answer that comes first where the law asks for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.model import Model

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]


class NeedForm(Model):
    """Whether the care is needed although the plan limits or excludes it.

    Under 21 in Medicaid a limit is soft: what is needed to correct or ameliorate a condition is covered (42 USC 1396d(r)(5)).
    """

    necessary: bool = Field(
        description="Is the care needed to correct or ameliorate a defect, an illness or a condition of this member?"
    )
    rationale: Words = Field(description="What in the record shows it: name the record and what it says.")


FORMS: Forms = {TaskKind.NEED_QUESTION: NeedForm}
