"""`umpire appeal`: files an appeal of a determination, as it was said; `umpire appeals` lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.cases.party_statements import AskedThrough, Asker, AskingParty, ShownBy, make_statement
from cli.terminal import command_results, output
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, User, Wide
from domain.appeals.filing import AppealFiling
from domain.cases.views import CaseStatus
from domain.vocabulary import Channel, ProcessKind
from store import cases


def appeal(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case in which something was denied.")],
    user: User,
    by: AskingParty,
    person: Asker,
    said: Annotated[str, typer.Option(help="What the appeal says, in the words of whoever appeals.")],
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    line: Annotated[
        list[str] | None, typer.Option(help="A line that is appealed; without it all that were denied.")
    ] = None,
    expedited: Annotated[bool, typer.Option(help="A fast decision is asked for.")] = False,
    clinician_supports: Annotated[
        bool | None,
        typer.Option(help="Whether a clinician says that waiting could harm the member; leave it out if nobody asked."),
    ] = None,
    late_because: Annotated[str | None, typer.Option(help="What is said of the lateness of the appeal.")] = None,
    as_json: Json = False,
) -> None:
    """File an appeal of a determination; a second joins the first."""
    with handle_errors():
        from intake.appeals import file_appeal  # loads the Temporal client

        here = cli_context(context)
        with here.read_store() as s:
            case_id = resolve_request_number(s, case)
        filing = AppealFiling(
            case_id=case_id,
            by=by,
            asked=make_statement(context, person, channel, None, document, said),
            said=said,
            entered_by=user,
            line_ids=tuple(line or ()),
            expedited=expedited,
            clinician_supports=clinician_supports,
            late_because=late_because,
        )
        result = here.run_with_services(lambda services: file_appeal(services, filing), without_temporal=True)
        command_results.print_submission(result, as_json)


def list_appeals(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only appeals of this status.")] = None,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List appeals, and what each waits for."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = cases.find(s, status=status, process=ProcessKind.APPEAL)
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No appeals.")
            return
        rows = [
            (
                view.case_id,
                output.spell_out(view.status.value),
                view.follows or "",
                f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
                output.format_instant(view.waiting.until, view.zone) if view.waiting else "",
                output.format_instant(view.received_at, view.zone),
            )
            for view in found
        ]
        output.print_table(("Appeal", "Status", "Appealed", "Waits for", "Due", "Received"), rows, wide=wide)
