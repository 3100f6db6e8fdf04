"""Completion of tasks with their own form, and of tasks that need a mere outcome, from a form or from prompts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, get_args

import typer
from pydantic.fields import FieldInfo

from cli.tasks.answers import Answers, GivenOptions
from cli.terminal import output
from cli.terminal.errors import print_error
from cli.terminal.files import read_content
from cli.terminal.prompts import ask_choice, ask_yes_no
from domain import form_fields
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskOutcome
from domain.model import Model
from services.commands import blank_forms, case_actions


class ProcessForm:
    """The form of a kind of task that has its own."""

    def __init__(self, task: Task, form: type[Model], given: GivenOptions) -> None:
        self._task, self._form, self._given = task, form, given

    def blank(self) -> dict[str, Any]:
        return blank_forms.blank_form(self._task, self._form)

    def read(self) -> Answers | None:
        file = self._given.file
        if file is None:
            return None
        return self._answers(blank_forms.read_filled_form(read_content(file), self._task, self._form))

    def ask(self) -> Answers:
        return self._answers(_ask_form(self._task, self._form))

    def _answers(self, filled: dict[str, Any]) -> Answers:
        given, outcome = self._given, self._given.outcome or TaskOutcome.DONE
        return Answers(
            lambda services: case_actions.complete_task(
                services, given.task_id, given.user, outcome, note=given.note, form=filled
            ),
            json.dumps(filled, indent=2, ensure_ascii=False),
        )


class OutcomeForm:
    """The outcome of a task that has no form, in a case that is no authorization."""

    def __init__(self, task: Task, given: GivenOptions) -> None:
        self._task, self._given = task, given

    def blank(self) -> dict[str, Any]:
        return {"outcome": "one of: " + ", ".join(self._outcomes())}

    def read(self) -> Answers | None:
        given = self._given
        if given.file is not None:
            filled = blank_forms.read_completion_form(read_content(given.file))
            return self._answers(filled.outcome, filled.note)
        return self._answers(given.outcome, given.note) if given.outcome is not None else None

    def ask(self) -> Answers:
        outcomes = self._outcomes()
        only = outcomes[0] if len(outcomes) == 1 else ask_choice("Outcome", outcomes)
        return self._answers(only, self._given.note)

    def _outcomes(self) -> tuple[TaskOutcome, ...]:
        return tuple(sorted(ALLOWED_OUTCOMES[self._task.kind]))

    def _answers(self, outcome: TaskOutcome, note: str | None) -> Answers:
        given = self._given
        return Answers(
            lambda services: case_actions.complete_task(services, given.task_id, given.user, outcome, note=note)
        )


def _ask_form(task: Task, form: type[Model]) -> dict[str, Any]:
    """Prompt for the form. An empty answer leaves out an optional field."""
    output.print_lines(f"{task.task_id}: {task.why}")
    return ask_fields(form)


def ask_fields(form: type[Model], but: Collection[str] = ()) -> dict[str, Any]:
    """Prompt for each field `but` some. An empty answer leaves out an optional field."""
    filled: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        if name in but:
            continue
        value = _ask_field(name, field)
        if value is not None or field.is_required():
            filled[name] = value
    return filled


def _ask_field(name: str, field: FieldInfo) -> Any:
    question = field.description or output.spell_out(name)
    kind = form_fields.base_type(field.annotation)
    choices = form_fields.choices(kind)
    inner, is_list = form_fields.nested_model(field.annotation)
    if inner is not None:
        file = "print a form with --form, and send it filled in with --file FILE"
        if field.is_required():
            print_error(f"{output.spell_out(name)}: this has too many parts for a prompt: {file}.")
            raise typer.Abort
        output.print_lines(f"{output.spell_out(name)}: skipped; to give it, {file}.")
        return None
    if choices == (True,):
        return ask_yes_no(question)
    if choices and field.is_required():
        return ask_choice(question, choices)
    if kind is bool:
        return ask_yes_no(question) if field.is_required() else _ask_yes_no_or_unknown(question)
    if is_list or form_fields.is_list(kind):
        return _ask_list(question, form_fields.choices(get_args(kind)[0]), required=field.is_required())
    return (typer.prompt(question) if field.is_required() else _ask_optional(question)) or None


def _ask_optional(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False)).strip()


def _ask_yes_no_or_unknown(question: str) -> bool | None:
    """Ask for yes, no, or nothing where the answer is not known."""
    answers = {"y": True, "yes": True, "n": False, "no": False, "": None}
    while (said := _ask_optional(f"{question} (yes, no, or nothing)").lower()) not in answers:
        output.print_lines("Answer yes, no, or nothing if not known.")
    return answers[said]


def _ask_list(question: str, choices: tuple[Any, ...], *, required: bool) -> list[Any] | None:
    """Ask for a list, one entry a line, until an empty line."""
    named = {str(one): one for one in choices}
    more = f" ({', '.join(named)})" if named else ""
    found: list[Any] = []
    while True:
        said = _ask_optional(f"{question}{more} One entry at a time; press Enter to finish")
        if not said:
            return found if found or required else None
        found.append(named.get(said.lower().replace(" ", "_"), said))
