"""`umpire stays`: list of stays with member, facility and current wait."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from domain.cases.views import CaseStatus
from domain.vocabulary import ProcessKind
from store import cases
from store import stays as known_stays


def stays(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only stays of this status.")] = None,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    as_json: Json = False,
) -> None:
    """List stays, the latest first, including those that no worker has opened yet."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            views = {view.case_id: view for view in cases.find(s, process=ProcessKind.STAY, member_id=member)}
            known = [stay for stay in known_stays.all_stays(s) if stay.merged_into is None]
        found = [(stay, views.get(stay.stay_id)) for stay in known if member is None or stay.member_id == member]
        if status is not None:
            found = [(stay, view) for stay, view in found if view is not None and view.status is status]
        if as_json:
            output.print_json([{"stay": stay, "case": view} for stay, view in found])
            return
        if not found:
            output.print_lines("No stays. Import an admission notice with 'umpire admit FILE'.")
            return
        rows = []
        for stay, view in found:
            zone = view.zone if view is not None else "UTC"
            rows.append(
                (
                    stay.stay_id,
                    output.spell_out(view.status.value) if view is not None else "being opened",
                    stay.member_id,
                    stay.facility,
                    output.format_instant(stay.opened_at, zone),
                    view.title if view is not None else "",
                    output.format_instant(view.waiting.until, zone) if view is not None and view.waiting else "",
                    f"{view.waiting.what} from {view.waiting.owner}" if view is not None and view.waiting else "",
                )
            )
        output.print_table(("Stay", "Status", "Member", "Facility", "Opened", "Title", "Due", "Waits for"), rows)
