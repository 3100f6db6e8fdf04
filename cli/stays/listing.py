"""`umpire stays`: list of stays with member, facility and current wait."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, Wide
from domain.cases.views import CaseStatus
from services.queries.processes.stay_lists import list_stays
from store.stays import StaySelection

_COLUMNS = ("Stay", "Time left", "Member", "Title", "Waits for", "Status", "Facility", "Due", "Opened")
_DEFAULT_LIMIT = 200


def stays(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only stays of this status.")] = None,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List stays, the latest first, including those that no worker has opened yet."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = list_stays(s, StaySelection(status=status, member_id=member), limit + 1)
        more, found = len(found) > limit, found[:limit]
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No stays. Import an admission notice with 'umpire admit FILE'.")
            return
        now = here.clock()
        rows = []
        for row in found:
            stay, view = row.stay, row.case
            zone = view.zone if view is not None else "UTC"
            waits = view.waiting if view is not None else None
            until = waits.until if waits is not None else None
            rows.append(
                (
                    stay.stay_id,
                    output.format_time_left(until, now) if until is not None else "",
                    output.format_member(row.member_name, row.birth_date, stay.member_id),
                    view.title if view is not None else "",
                    f"{waits.what} from {waits.holder}" if waits is not None else "",
                    output.spell_out(view.status.value) if view is not None else "being opened",
                    stay.facility,
                    output.format_instant(until, zone),
                    output.format_instant(stay.opened_at, zone),
                )
            )
        output.print_table(_COLUMNS, rows, wide=wide)
        if more:
            output.print_lines(f"There are more; see them with --limit {limit * 10}.")
