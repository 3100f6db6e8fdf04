"""`umpire complete` for tasks with a form of their own, and for everything of a dossier that is no request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic.fields import FieldInfo

from cli.tasks import blank_forms
from cli.terminal import field_shapes as terminal_field_shapes
from cli.terminal import output
from cli.terminal.context import Office
from cli.terminal.errors import complain
from cli.terminal.files import content_of
from cli.terminal.prompts import choice, yes
from domain.cases.tasks import ALLOWED, Task, TaskOutcome
from domain.cases.views import ProcessKind
from domain.model import Model
from services.commands import case_actions as actions
from services.commands.decision_form import read_form
from services.commands.task_forms import form_of
from services.context import Reply, ReplyKind
from store import cases, tasks


def own_way(here: Office, task_id: str) -> Task | None:
    """The task, when it is completed here: it has a form of its own, or belongs to another process than a request's."""
    with here.reading() as s:
        found = tasks.get(s, task_id)
        if found is None:
            return None
        view = cases.get(s, found.case_id)
    is_elsewhere = view is not None and view.process is not ProcessKind.REQUEST
    return found.task if is_elsewhere or form_of(found.task.kind) is not None else None


def complete(
    here: Office,
    task: Task,
    user: str,
    outcome: TaskOutcome | None,
    note: str | None,
    file: str | None,
    blank: bool,
) -> Reply:
    """Complete the task, with its form from a file or from questions. With `blank` its empty form is printed instead."""
    form = form_of(task.kind)
    if blank:
        content = {"outcome": "one of: " + ", ".join(sorted(ALLOWED[task.kind]))}
        output.say(json.dumps(blank_forms.blank(task, form) if form else content, indent=2, ensure_ascii=False))
        raise typer.Exit
    if form is None:
        if file is not None:
            simple = read_form(content_of(file))
            outcome, note = simple.outcome, simple.note
        ends = outcome or _only_outcome(task)
        return here.desk(lambda desk: actions.complete(desk, task.task_id, user, ends, note=note))
    kept: Path | None = None
    if file is not None:
        filled = blank_forms.read(content_of(file), task, form)
    else:
        filled = asked(task, form)
        kept = _keep(filled, here.settings.home / "forms" / f"{task.task_id}.json")
    return _send(here, task, user, outcome or TaskOutcome.DONE, note, filled, kept)


def asked(task: Task, form: type[Model]) -> dict[str, Any]:
    """The form from questions and answers. What may be left out is left out by an empty answer."""
    output.say(f"{task.task_id}: {task.why}")
    filled: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        value = _answer(name, field)
        if value is not None or field.is_required():
            filled[name] = value
    return filled


def _answer(name: str, field: FieldInfo) -> Any:
    question = field.description or output.words(name)
    kind = terminal_field_shapes.plain(field.annotation)
    choices = terminal_field_shapes.choices(kind)
    inner, is_list = terminal_field_shapes.inside(field.annotation)
    if inner is not None:
        file = "print a form with --form, and send it filled in with --json FILE"
        if field.is_required():
            complain(f"{output.words(name)}: this has too many parts to be asked for: {file}.")
            raise typer.Abort
        output.say(f"{output.words(name)}: left out here; to give it, {file}.")
        return None
    if choices == (True,):
        return yes(question)
    if choices and field.is_required():
        return choice(question, choices)
    if kind is bool:
        return yes(question) if field.is_required() else _maybe(question)
    if is_list or terminal_field_shapes.is_list(kind):
        return _several(question, terminal_field_shapes.choices(get_args(kind)[0]), required=field.is_required())
    return (typer.prompt(question) if field.is_required() else _optional(question)) or None


def _optional(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False)).strip()


def _maybe(question: str) -> bool | None:
    """Yes, no, or nothing where nobody knows."""
    answers = {"y": True, "yes": True, "n": False, "no": False, "": None}
    while (said := _optional(f"{question} (yes, no, or nothing)").lower()) not in answers:
        output.say("Answer with yes, with no, or with nothing where nobody knows.")
    return answers[said]


def _several(question: str, choices: tuple[Any, ...], *, required: bool) -> list[Any] | None:
    """One answer for each line, until an empty one."""
    named = {str(one): one for one in choices}
    more = f" ({', '.join(named)})" if named else ""
    found: list[Any] = []
    while True:
        said = _optional(f"{question}{more} One at a time; nothing to end")
        if not said:
            return found if found or required else None
        found.append(named.get(said.lower().replace(" ", "_"), said))


def _only_outcome(task: Task) -> TaskOutcome:
    outcomes = tuple(sorted(ALLOWED[task.kind]))
    return outcomes[0] if len(outcomes) == 1 else choice("How does it end", outcomes)


def _send(
    here: Office,
    task: Task,
    user: str,
    outcome: TaskOutcome,
    note: str | None,
    filled: dict[str, Any],
    kept: Path | None,
) -> Reply:
    """Send the form. `kept` is the file with what was answered by hand; it goes once it is not needed any more."""
    done = False
    try:
        reply = here.desk(lambda desk: actions.complete(desk, task.task_id, user, outcome, note=note, form=filled))
        done = reply.kind is not ReplyKind.REFUSED
    finally:
        if kept is not None and done:
            kept.unlink()
        elif kept is not None:
            complain(f"Your answers are kept in {kept}: correct them there and send them with --json {kept}")
    return reply


def _keep(filled: dict[str, Any], path: Path) -> Path:
    """Nobody answers twenty questions twice: what was answered outlives a refusal. Only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(filled, indent=2, ensure_ascii=False))
    return path
