"""`umpire concern`: reports and lists quality and safety concerns, and referrals to care management."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.contacts.submission_results import print_results
from cli.terminal import output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, User, Wide
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile, Refused, RuleViolation
from domain.vocabulary import ConcernKind, ProcessKind
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CONCERN, ConcernReport
from services import access
from store import case_summaries, cases, tasks
from store.tasks import inbox_id_of

group = typer.Typer(no_args_is_help=True, help="Concerns about quality and safety, and referrals to care management.")


@group.command("raise")
def raise_concern(
    context: typer.Context,
    user: User,
    kind: Annotated[ConcernKind, typer.Option(help="Kind of concern.")],
    what: Annotated[str, typer.Option(help="What was observed. It is stored with the concern and shown nowhere else.")],
    case: Annotated[
        str | None, typer.Option(metavar="CASE", help="The case, stay, plan, review, callback or concern it is about.")
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="TASK", help="The task during which it was observed.")] = None,
    as_json: Json = False,
) -> None:
    """Report a concern. The same text of the same person about the same case joins the earlier concern."""

    if (case is None) == (task is None):
        raise typer.BadParameter("give either --case or --task")
    if not what.strip():
        raise typer.BadParameter("describe what was observed", param_hint="--what")
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            access.require_on_file(s, user)
            if task is not None:
                found = tasks.get(s, task.strip())
                if found is None:
                    raise _task_not_on_file(task)
                about = found.case_id
            else:
                about = resolve_case_number(s, case or "")
        concern = ConcernReport(
            format=CONCERN,
            kind=kind,
            what=what.strip(),
            raised_by=user,
            about_case=about,
            about_task=task.strip() if task is not None else None,
        )
        print_results(
            {
                "": here.run_with_services(
                    lambda services: contacts.raise_concern(services, concern), without_temporal=True
                )
            },
            as_json,
        )


@group.command("list")
def list_concerns(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only concerns of this status.")] = None,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List concerns with subject, status and open work, without their text."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = cases.find(s, status=status, process=ProcessKind.CONCERN)
            about = {key: sheet.content for key, sheet in case_summaries.of_process(s, ProcessKind.CONCERN).items()}
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No concerns.")
            return
        rows = [
            (
                view.case_id,
                output.spell_out(view.status.value),
                view.title,
                str(about.get(view.case_id, {}).get("about_dossier", "")),
                f"{view.waiting.what} from {view.waiting.holder}" if view.waiting else "",
                output.format_instant(view.waiting.until, view.zone) if view.waiting else "",
                str(about.get(view.case_id, {}).get("raised_by", "")),
                output.format_instant(view.received_at, view.zone),
            )
            for view in found
        ]
        columns = ("Concern", "Status", "Title", "About", "Waits for", "Due", "Reported by", "Reported")
        output.print_table(columns, rows, wide=wide)


def _task_not_on_file(said: str) -> NotOnFile | Refused:
    if inbox_id_of(said) is None:
        return NotOnFile(f"There is no task {said}.", "List the open ones with 'umpire worklist'.")
    message, way_out = f"{said} is an arrival that has no case yet.", "Resolve it first with 'umpire inbox resolve'."
    return Refused((RuleViolation(rule="task.inbox", message=message, way_out=way_out),))
