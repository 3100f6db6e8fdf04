"""Every task that ends with a form can be completed at the edge, and its empty form answers nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from domain.authorization.forms import CompletionForm, fields_of, form_violations, missing_fields
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.decisions.determination import ApprovalBasis
from domain.errors import NotReadable
from domain.form_fields import nested_model
from domain.model import Model
from domain.vocabulary import Role
from services.commands import blank_forms, task_forms

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
    assert set(blank["form"]) == set(form.model_fields), "it prints everything that the form takes"
    assert set(blank["form"].values()) <= {None, blank_forms.UNANSWERED}
    assert set(blank["meaning"]) >= set(form.model_fields)
    assert not any(
        "AwareDatetime" in str(field.annotation) and "date and time with offset" not in blank["meaning"][name]
        for name, field in form.model_fields.items()
    )
    required = [name for name, field in form.model_fields.items() if field.is_required()]
    if required:
        nothing = {name: value for name, value in blank["form"].items() if value != blank_forms.UNANSWERED}
        with pytest.raises(ValidationError) as refused:
            form.model_validate(nothing)
        assert {error["loc"][0] for error in refused.value.errors()} >= set(required)
    if blank_forms.UNANSWERED in blank["form"].values():
        with pytest.raises(NotReadable, match="not answered yet"):
            blank_forms.read_filled_form(json.dumps(blank).encode(), task(kind), form)


def fields(form: type[Model]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in form.model_fields.items():
        yield f"{form.__name__}.{name}", field
        inner, _ = nested_model(field.annotation)
        if inner is not None:
            yield from fields(inner)


@pytest.mark.parametrize("form", [*dict.fromkeys(task_forms.FORMS.values()), CompletionForm])
def test_every_field_of_every_form_says_what_it_means(form: type[Model]) -> None:
    assert [name for name, field in fields(form) if not field.description] == []


def test_each_outcome_of_a_review_names_fields_that_the_form_has() -> None:
    for outcome in TaskOutcome:
        needed, taken = fields_of(outcome)
        assert {*needed, *taken} <= set(CompletionForm.model_fields)


def test_a_form_of_all_outcomes_is_read_as_the_one_that_was_filled_in() -> None:
    unanswered = {
        "line_id": "1",
        "outcome": None,
        "reason": {"asked": None, "records_read": [], "findings": [{"a": None}]},
    }
    decision = {"evidence_opened": [], "criteria_answered": [{"node_id": "FUS-2b", "answer": None}]}
    basis = {"rationale": "Nothing less has helped.", "criteria": ["LCD L37848"], "why_none": None}
    form = {"outcome": "approve", "lines": [unanswered], "decision": decision, "basis": basis, "note": None}
    read = blank_forms.read_completion_form(json.dumps({"form": form, "meaning": {}}).encode())
    assert read == CompletionForm(
        outcome=TaskOutcome.APPROVE,
        basis=ApprovalBasis(rationale="Nothing less has helped.", criteria=("LCD L37848",)),
    )


def test_what_an_outcome_does_not_take_is_refused_and_not_passed_over() -> None:
    form = CompletionForm(outcome=TaskOutcome.APPROVE, recommendation="Look at it.")
    (broken,) = form_violations(form)
    assert broken.rule == "task.form" and "recommendation" in broken.message
    assert missing_fields(form) == ("basis",)
