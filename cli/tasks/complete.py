"""`umpire complete`: completes a task from options, a form, or prompts, and asks only for required input."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.tasks.answers import Answers, GivenOptions, TaskForm
from cli.tasks.benefit_prompts import BenefitForm
from cli.tasks.form_prompts import OutcomeForm, ProcessForm
from cli.tasks.worksheet_prompts import WorksheetForm
from cli.terminal import command_results, output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.options import Json, TaskId, User
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.vocabulary import ProcessKind
from services.commands.task_forms import form_for
from services.context import CommandResult, CommandStatus
from store import cases, tasks


def complete(
    context: typer.Context,
    task: TaskId,
    user: User,
    outcome: Annotated[TaskOutcome | None, typer.Option(help="Outcome of the task. Prompted for unless given.")] = None,
    decide: Annotated[bool, typer.Option("--decide", help="The same as --outcome decide.")] = False,
    recommendation: Annotated[
        str | None, typer.Option(help="To refer or send to benefit staff: findings, recommendation.")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT", help="To ask: a fact to request from the provider; may be repeated."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="A note; when refusing to expedite, the reason.")] = None,
    rationale: Annotated[str | None, typer.Option(help="To approve: why the care is necessary.")] = None,
    criteria: Annotated[
        list[str] | None,
        typer.Option(metavar="CITATION", help="To approve: criteria that you used; may be repeated."),
    ] = None,
    no_criteria: Annotated[
        str | None, typer.Option("--no-criteria", metavar="WHY", help="To approve: why no criteria were used.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="Everything from a JSON form; '-' is standard input.")
    ] = None,
    blank: Annotated[
        bool, typer.Option("--form", help="Print an empty form for this task, with a description of each field.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Complete a task. Prompts only for the input that the task and the outcome require.

    Scripts use a form with --file, or options; --form prints the empty form of the task. A decision that is not a full
    approval is signed under your own license, one on the plan's documents under your credential.
    """
    with handle_errors():
        here = cli_context(context)
        ends = TaskOutcome.DECIDE if decide else outcome
        given = GivenOptions(
            task,
            user,
            ends,
            recommendation,
            tuple(fact or ()),
            note,
            file,
            rationale,
            tuple(criteria or ()),
            no_criteria,
        )
        form = _form_of(here, given)
        if blank:
            output.print_json(form.blank())
            return
        answers, saved = form.read(), None
        if answers is None:
            answers = form.ask()
            saved = _save_answers(answers, here.settings.home / "forms" / f"{task}.json")
        command_results.print_result(_send(here, answers, saved), as_json)


def _form_of(here: CliContext, given: GivenOptions) -> TaskForm:
    """The form that completes the task: its kind's own, else the worksheet of an authorization, else a mere outcome."""
    with here.read_store() as s:
        found = tasks.get(s, given.task_id)
        view = cases.get(s, found.case_id) if found is not None else None
    if found is not None and found.task.kind is TaskKind.BENEFIT_REVIEW:
        return BenefitForm(here, found.task, given)
    if found is not None and (own := form_for(found.task.kind)) is not None:
        return ProcessForm(found.task, own, given)
    if found is not None and view is not None and view.process is not ProcessKind.REQUEST:
        return OutcomeForm(found.task, given)
    return WorksheetForm(here, given)


def _send(here: CliContext, answers: Answers, saved: Path | None) -> CommandResult:
    """Send the answers. `saved` is the file with prompted ones; it is deleted when no longer needed."""
    done = False
    try:
        reply = here.run_with_services(answers.send)
        done = reply.kind is not CommandStatus.REFUSED
    finally:
        if saved is not None and done:
            saved.unlink()
        elif saved is not None:
            print_error(f"Your answers are saved in {saved}: correct them there and send them with --file {saved}")
    return reply


def _save_answers(answers: Answers, path: Path) -> Path | None:
    """Save prompted answers, so that they survive a rejection. Only the owner may read the file."""
    if not answers.text:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(answers.text)
    return path
