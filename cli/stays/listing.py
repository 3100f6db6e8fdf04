"""`umpire stays`: who is in a hospital, where, and what each stay waits for."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import office
from cli.terminal.errors import told
from cli.terminal.options import Json
from domain.cases.views import CaseStatus, ProcessKind
from store import cases
from store import stays as known_stays


def stays(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only stays of this status.")] = None,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    as_json: Json = False,
) -> None:
    """All stays, the latest first; also those that no worker has opened yet."""
    with told():
        here = office(context)
        with here.reading() as s:
            views = {view.case_id: view for view in cases.find(s, process=ProcessKind.STAY, member_id=member)}
            known = [stay for stay in known_stays.all_of(s) if stay.merged_into is None]
        found = [(stay, views.get(stay.stay_id)) for stay in known if member is None or stay.member_id == member]
        if status is not None:
            found = [(stay, view) for stay, view in found if view is not None and view.status is status]
        if as_json:
            output.as_json([{"stay": stay, "case": view} for stay, view in found])
            return
        if not found:
            output.say("No stays. Take in a notice of an admission with 'umpire admit FILE'.")
            return
        rows = []
        for stay, view in found:
            zone = view.zone if view is not None else "UTC"
            rows.append(
                (
                    stay.stay_id,
                    output.words(view.status.value) if view is not None else "being opened",
                    stay.member_id,
                    stay.facility,
                    output.instant(stay.opened_at, zone),
                    view.title if view is not None else "",
                    output.instant(view.waiting.until, zone) if view is not None and view.waiting else "",
                    f"{view.waiting.what} from {view.waiting.owner}" if view is not None and view.waiting else "",
                )
            )
        output.table(("Stay", "Status", "Member", "Facility", "Known since", "What", "Due", "Waits for"), rows)
