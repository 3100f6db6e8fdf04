"""Every task that ends with a form can be completed at the edge, and its empty form answers nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from cli.tasks import blank_forms
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.vocabulary import Role
from services.commands import task_forms

BY_WORD = {TaskKind.CHECKLIST_ITEM}
"""Done when somebody says so, perhaps with a note."""
WITH_A_FORM = sorted({kind for kind, outcomes in ALLOWED_OUTCOMES.items() if TaskOutcome.DONE in outcomes} - BY_WORD)


def task(kind: TaskKind) -> Task:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    return Task(task_id="QC-A-T1", kind=kind, role=Role.NURSE, why="x", opened_at=now, due_at=now)


@pytest.mark.parametrize("kind", WITH_A_FORM)
def test_every_kind_of_task_that_is_done_by_a_form_has_one_at_the_edge(kind: TaskKind) -> None:
    assert task_forms.form_for(kind) is not None


def test_no_two_processes_have_different_forms_for_one_kind_of_task() -> None:
    assert sum(len(forms) for forms in task_forms._BY_PROCESS) == len(task_forms.FORMS)


@pytest.mark.parametrize("kind", sorted(task_forms.FORMS))
def test_an_empty_form_is_never_an_answer(kind: TaskKind) -> None:
    form = task_forms.FORMS[kind]
    blank = blank_forms.blank_form(task(kind), form)
    assert set(blank["form"].values()) <= {None}
    assert set(blank["meaning"]) >= set(form.model_fields)
    assert not any(
        "AwareDatetime" in str(field.annotation) and "date and time with offset" not in blank["meaning"][name]
        for name, field in form.model_fields.items()
    )
    required = [name for name, field in form.model_fields.items() if field.is_required()]
    if required:
        with pytest.raises(ValidationError) as refused:
            form.model_validate(blank["form"])
        assert {error["loc"][0] for error in refused.value.errors()} >= set(required)
