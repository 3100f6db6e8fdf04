"""`umpire complete` for tasks with their own form, and for all tasks of cases that are no authorization."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic.fields import FieldInfo

from cli.tasks import blank_forms
from cli.terminal import field_shapes, output
from cli.terminal.context import CliContext
from cli.terminal.errors import print_error
from cli.terminal.files import read_content
from cli.terminal.prompts import ask_choice, ask_yes_no
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskOutcome
from domain.model import Model
from domain.vocabulary import ProcessKind
from services.commands import case_actions
from services.commands.decision_form import read_form
from services.commands.task_forms import form_for
from services.context import CommandResult, CommandStatus
from store import cases, tasks


def process_specific_task(here: CliContext, task_id: str) -> Task | None:
    """The task, when it is completed here: it has its own form, or its case is no authorization."""
    with here.reading() as s:
        found = tasks.get(s, task_id)
        if found is None:
            return None
        view = cases.get(s, found.case_id)
    is_elsewhere = view is not None and view.process is not ProcessKind.REQUEST
    return found.task if is_elsewhere or form_for(found.task.kind) is not None else None


def complete_with_form(
    here: CliContext,
    task: Task,
    user: str,
    outcome: TaskOutcome | None,
    note: str | None,
    file: str | None,
    blank: bool,
) -> CommandResult:
    """Complete the task, with its form from a file or from prompts. With `blank` print its empty form instead."""
    form = form_for(task.kind)
    if blank:
        content = {"outcome": "one of: " + ", ".join(sorted(ALLOWED_OUTCOMES[task.kind]))}
        output.print_lines(
            json.dumps(blank_forms.blank_form(task, form) if form else content, indent=2, ensure_ascii=False)
        )
        raise typer.Exit
    if form is None:
        if file is not None:
            simple = read_form(read_content(file))
            outcome, note = simple.outcome, simple.note
        ends = outcome or _choose_outcome(task)
        return here.desk(lambda desk: case_actions.complete_task(desk, task.task_id, user, ends, note=note))
    kept: Path | None = None
    if file is not None:
        filled = blank_forms.read_filled_form(read_content(file), task, form)
    else:
        filled = ask_form(task, form)
        kept = _save_answers(filled, here.settings.home / "forms" / f"{task.task_id}.json")
    return _send_form(here, task, user, outcome or TaskOutcome.DONE, note, filled, kept)


def ask_form(task: Task, form: type[Model]) -> dict[str, Any]:
    """Prompt for the form of a task."""
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
    kind = field_shapes.base_type(field.annotation)
    choices = field_shapes.choices(kind)
    inner, is_list = field_shapes.nested_model(field.annotation)
    if inner is not None:
        file = "print a form with --form, and send it filled in with --json FILE"
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
    if is_list or field_shapes.is_list(kind):
        return _ask_list(question, field_shapes.choices(get_args(kind)[0]), required=field.is_required())
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


def _choose_outcome(task: Task) -> TaskOutcome:
    outcomes = tuple(sorted(ALLOWED_OUTCOMES[task.kind]))
    return outcomes[0] if len(outcomes) == 1 else ask_choice("Outcome", outcomes)


def _send_form(
    here: CliContext,
    task: Task,
    user: str,
    outcome: TaskOutcome,
    note: str | None,
    filled: dict[str, Any],
    kept: Path | None,
) -> CommandResult:
    """Send the form. `kept` is the file with prompted answers; it is deleted when no longer needed."""
    done = False
    try:
        reply = here.desk(
            lambda desk: case_actions.complete_task(desk, task.task_id, user, outcome, note=note, form=filled)
        )
        done = reply.kind is not CommandStatus.REFUSED
    finally:
        if kept is not None and done:
            kept.unlink()
        elif kept is not None:
            print_error(f"Your answers are saved in {kept}: correct them there and send them with --json {kept}")
    return reply


def _save_answers(filled: dict[str, Any], path: Path) -> Path:
    """Save prompted answers, so that they survive a rejection. Only the owner may read the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(filled, indent=2, ensure_ascii=False))
    return path
