"""Empty task forms, with the meaning of each field and no answers in them; and reading of completed forms.

An empty form has the fields under `form`; beside it stand `about` and `meaning`, which are ignored when it is read back. A
field that is not answered is null, and "?" where null would be an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import JsonValue, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from domain.authorization.forms import CompletionForm, DecisionForm, LineDecisionForm, ReasonForm, fields_of
from domain.cases.tasks import Task, TaskOutcome
from domain.decisions.determination import ApprovalBasis
from domain.decisions.prudent_layperson import EmergencyDenial, PresentingFacts
from domain.decisions.reasons import CriterionFinding
from domain.errors import NotReadable, ValidationIssue
from domain.form_fields import describe_type, nested_model
from domain.model import Model
from services.commands.decision_form import ReviewWorksheet

UNANSWERED = "?"
_BESIDE_THE_FORM = frozenset({"task", "kind", "about", "meaning", "form", "missing", "records", "criteria"})


def blank_form(task: Task, form: type[Model]) -> dict[str, Any]:
    """The empty form of a task that its kind's own form completes."""
    return {
        "task": task.task_id,
        "kind": task.kind.value,
        "about": _about(form),
        "form": _blank(form),
        "meaning": dict(field_meanings(form)),
    }


def blank_review_form(before: ReviewWorksheet, outcome: TaskOutcome | None) -> dict[str, Any]:
    """The empty form of a task of an authorization: the fields of this outcome, or of all with which the task may end. What is
    known to be missing before a decision stands first."""
    sheet = before.sheet
    outcomes = sheet.outcomes if outcome is None else (outcome,)
    takes = {name: [one.value for one in outcomes if name in sum(fields_of(one), ())] for name in _ORDER}
    needs = {name: [one.value for one in outcomes if name in fields_of(one).needed] for name in _ORDER}
    shown = [name for name in _ORDER if takes[name]]
    may_decide = TaskOutcome.DECIDE in outcomes
    form = {"outcome": None} | dict.fromkeys(shown)
    if "basis" in shown:
        form["basis"] = _blank(ApprovalBasis)
    if may_decide:
        form |= {"lines": _blank_lines(before), "decision": _blank_decision(before)}
    meaning = {"outcome": f"How the task ends ({' | '.join(one.value for one in outcomes)}; required)"}
    for path, text in field_meanings(CompletionForm):
        name = path.partition(".")[0].removesuffix("[]")
        if path == name and name in shown:
            meaning[path] = f"{text.rpartition(' (')[0]} ({_use(takes[name], needs[name])})"
        elif name in shown and (may_decide or name == "basis"):
            meaning[path] = text
    return {
        "task": sheet.task.task_id,
        "kind": sheet.task.kind.value,
        "about": f"{sheet.task.why}. Nothing is answered; leave out what the outcome does not take.",
        **({"missing": [str(one) for one in before.obstacles]} if may_decide and before.obstacles else {}),
        "form": form,
        "meaning": meaning,
        "records": [
            {"id": one.document_id, "title": one.title, "opened_by_you": one in before.opened} for one in before.records
        ],
        "criteria": [one.model_dump() for one in before.criteria],
    }


_ORDER = tuple(name for name in CompletionForm.model_fields if name != "outcome")


def _use(takes: list[str], needs: list[str]) -> str:
    """For which outcomes a field is required, and for which it may be given."""
    may = [one for one in takes if one not in needs]
    said = [f"required to {' or '.join(needs)}"] if needs else []
    said += [f"optional to {' or '.join(may)}"] if may else []
    return "; ".join(said).replace("_", " ")


def _blank_lines(before: ReviewWorksheet) -> list[dict[str, Any]]:
    reason = _blank(ReasonForm) | {"records_read": [], "findings": [_blank(CriterionFinding)]}
    emergency = _blank(EmergencyDenial) | {"presentation": _blank(PresentingFacts)}
    return [
        _blank(LineDecisionForm)
        | {
            "line_id": line.line_id,
            "reason": reason | ({"emergency": emergency} if line.line_id in before.emergency_lines else {}),
        }
        for line in before.sheet.lines
    ]


def _blank_decision(before: ReviewWorksheet) -> dict[str, Any]:
    answers = [{"node_id": node, "answer": None, "note": None} for node in before.sheet.open_criteria]
    return _blank(DecisionForm) | {"evidence_opened": [], "criteria_answered": answers}


def _blank(form: type[Model]) -> dict[str, Any]:
    return {name: UNANSWERED if _accepts_null(field) else None for name, field in form.model_fields.items()}


def _about(form: type[Model]) -> str:
    return " ".join((form.__doc__ or "").split())


def field_meanings(form: type[Model], path: str = "") -> Iterator[tuple[str, str]]:
    """Description and accepted values of each field, by path; nested fields under ``field.inner``."""
    for name, field in form.model_fields.items():
        needed = "required" if field.is_required() else "optional"
        if _accepts_null(field):
            needed = "required; null is an answer"
        about = f"{field.description} " if field.description else ""
        yield f"{path}{name}", f"{about}({describe_type(field.annotation)}; {needed})"
        inner, is_list = nested_model(field.annotation)
        if inner is not None:
            yield from field_meanings(inner, f"{path}{name}{'[]' if is_list else ''}.")


def read_filled_form(raw: bytes, task: Task, form: type[Model]) -> dict[str, JsonValue]:
    """Read a form from JSON, bare or under ``form`` as in the empty form. Optional fields with null are dropped.

    Raises NotReadable.
    """
    said = unwrap_form(raw, task)
    optional = {name for name, field in form.model_fields.items() if not field.is_required()}
    return {name: value for name, value in said.items() if value is not None or name not in optional}


def read_completion_form(raw: bytes) -> CompletionForm:
    """Read the form of an authorization's task from JSON, bare or as in the empty form; what is null in it is left out. Raises
    NotReadable with the path of every error."""
    said = unwrap_form(raw)
    try:
        return CompletionForm.model_validate_json(json.dumps(_without_blanks(said)))
    except ValidationError as wrong:
        raise NotReadable(tuple(_form_issue(error) for error in wrong.errors(include_url=False))) from None


def _without_blanks(said: JsonValue) -> JsonValue:
    """The form without fields that are null, and without parts of it in which nothing is answered."""
    if isinstance(said, list):
        return [_without_blanks(one) for one in said]
    if not isinstance(said, dict):
        return said
    return {name: _without_blanks(value) for name, value in said.items() if value == [] or _is_answered(value)}


def _is_answered(value: JsonValue) -> bool:
    """Whether somebody answered something in it; the numbers of lines and criteria stand in it beforehand."""
    if isinstance(value, dict):
        return any(_is_answered(one) for name, one in value.items() if name not in _STANDING)
    if isinstance(value, list):
        return any(_is_answered(one) for one in value)
    return value is not None


_STANDING = frozenset({"line_id", "node_id"})


def _form_issue(error: Any) -> ValidationIssue:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).removeprefix(".")
    return ValidationIssue(path=path or "form", rule="form", message=error["msg"])


def unwrap_form(raw: bytes, task: Task | None = None) -> dict[str, JsonValue]:
    """The answers of a completed form as JSON data, without what stands beside them. Raises NotReadable, also for a field that
    still says "?"."""
    try:
        said = json.loads(raw)
    except ValueError as wrong:
        raise _not_readable("document", f"not JSON: {wrong}", "the form as JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise _not_readable("$", "not a form", "a JSON object with the fields of the form")
    if "form" in said and set(said) <= _BESIDE_THE_FORM:
        if task is not None and said.get("kind", task.kind.value) != task.kind.value:
            raise _not_readable(
                "$.kind", f"this is the form of another kind of task than {task.task_id}", task.kind.value
            )
        said = said["form"]
        if not isinstance(said, dict):
            raise _not_readable("$.form", "not a form", "a JSON object with the fields of the form")
    open_fields = [name for name, value in said.items() if value == UNANSWERED]
    if open_fields:
        raise _not_readable(f"$.{open_fields[0]}", "not answered yet", "an answer, which may be null")
    return said


def _accepts_null(field: FieldInfo) -> bool:
    """Whether a required field accepts null as an answer."""
    return field.default is PydanticUndefined and field.is_required() and type(None) in get_args(field.annotation)


def _not_readable(path: str, message: str, expected: str) -> NotReadable:
    return NotReadable((ValidationIssue(path=path, rule="task.form", message=message, expected=expected),))
