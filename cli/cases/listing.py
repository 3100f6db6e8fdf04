"""`umpire cases`: lists of cases."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from domain.cases.views import CaseStatus, CaseView
from domain.vocabulary import Lob, ProcessKind
from store import cases as case_lists

_DEFAULT_LIMIT = 200


def cases(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only cases of this status.")] = None,
    lob: Annotated[Lob | None, typer.Option(help="Only this line of business.")] = None,
    process: Annotated[
        ProcessKind, typer.Option(help="The kind of case; authorizations unless given.")
    ] = ProcessKind.REQUEST,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    as_json: Json = False,
) -> None:
    """List authorizations, the earliest decision deadline first; with --process the cases of another process."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = case_lists.find(s, status=status, lob=lob, member_id=member, process=process, limit=limit + 1)
        shown = found[:limit]
        if as_json:
            output.print_json(shown)
            return
        if not shown:
            is_request = process is ProcessKind.REQUEST
            output.print_lines("No cases. Submit a request with 'umpire submit FILE'." if is_request else "None.")
            return
        if process is not ProcessKind.REQUEST:
            _print_other_cases(shown, here)
        else:
            _print_requests(shown, here)
        if len(found) > limit:
            output.print_lines(f"There are more; see them with --limit {limit * 10}.")


def _print_requests(shown: tuple[CaseView, ...], here: CliContext) -> None:
    output.print_table(
        (
            "Case",
            "Status",
            "Line of business",
            "State",
            "Urgency",
            "Received",
            "Decision due",
            "Time left",
            "Waits for",
        ),
        [
            (
                view.case_id,
                output.spell_out(view.status.value),
                output.spell_out(view.line_of_business),
                view.state,
                view.urgency.value if view.urgency is not None else "",
                output.format_instant(view.received_at, view.zone),
                output.format_instant(view.decision_due, view.zone),
                output.format_time_left(view.decision_due, here.clock())
                if view.status is CaseStatus.OPEN and view.decision_due
                else "",
                f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
            )
            for view in shown
        ],
    )


def _print_other_cases(shown: tuple[CaseView, ...], here: CliContext) -> None:
    """Print cases without a decision; the due date is that of the current wait."""
    now = here.clock()
    rows = [
        (
            view.case_id,
            output.spell_out(view.status.value),
            view.title,
            output.spell_out(view.line_of_business),
            view.state,
            view.member_id,
            output.format_instant(view.received_at, view.zone),
            output.format_instant(view.waiting.until, view.zone) if view.waiting else "",
            output.format_time_left(view.waiting.until, now) if view.waiting and view.waiting.until else "",
            f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
        )
        for view in shown
    ]
    columns = (
        "Case",
        "Status",
        "Title",
        "Line of business",
        "State",
        "Member",
        "Received",
        "Due",
        "Time left",
        "Waits for",
    )
    output.print_table(columns, rows)
