"""`umpire cases`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import output
from cli.faults import told
from cli.office import office
from cli.options import Json
from domain.views import CaseStatus
from domain.vocabulary import Lob
from store import cases as case_lists

_MANY = 200


def cases(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only cases of this status.")] = None,
    lob: Annotated[Lob | None, typer.Option(help="Only this line of business.")] = None,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _MANY,
    as_json: Json = False,
) -> None:
    """All cases, the earliest decision instant first."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = case_lists.find(s, status=status, lob=lob, member_id=member, limit=limit + 1)
        shown = found[:limit]
        if as_json:
            output.as_json(shown)
            return
        if not shown:
            output.say("No cases. Submit a request with 'umpire submit FILE'.")
            return
        output.table(
            ("Case", "Status", "Law", "State", "Urgency", "Received", "Decision due", "Time left", "Waits for"),
            [
                (
                    view.case_id,
                    output.words(view.status.value),
                    output.words(view.law),
                    view.state,
                    view.urgency.value,
                    output.instant(view.received_at, view.zone),
                    output.instant(view.decision_due, view.zone),
                    output.left(view.decision_due, here.clock())
                    if view.status is CaseStatus.OPEN and view.decision_due
                    else "",
                    f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
                )
                for view in shown
            ],
        )
        if len(found) > limit:
            output.say(f"There are more; see them with --limit {limit * 10}.")
