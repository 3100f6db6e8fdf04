"""`umpire cases`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import Office, office
from cli.terminal.errors import told
from cli.terminal.options import Json
from domain.cases.views import CaseStatus, CaseView, ProcessKind
from domain.vocabulary import Lob
from store import cases as case_lists

_MANY = 200


def cases(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only cases of this status.")] = None,
    lob: Annotated[Lob | None, typer.Option(help="Only this line of business.")] = None,
    process: Annotated[ProcessKind, typer.Option(help="Whose dossiers: requests unless given.")] = ProcessKind.REQUEST,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Only this member's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _MANY,
    as_json: Json = False,
) -> None:
    """All cases, the earliest decision instant first; with --process the dossiers of another process."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = case_lists.find(s, status=status, lob=lob, member_id=member, process=process, limit=limit + 1)
        shown = found[:limit]
        if as_json:
            output.as_json(shown)
            return
        if not shown:
            is_request = process is ProcessKind.REQUEST
            output.say("No cases. Submit a request with 'umpire submit FILE'." if is_request else "None.")
            return
        if process is not ProcessKind.REQUEST:
            _of_another_process(shown, here)
        else:
            _of_requests(shown, here)
        if len(found) > limit:
            output.say(f"There are more; see them with --limit {limit * 10}.")


def _of_requests(shown: tuple[CaseView, ...], here: Office) -> None:
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


def _of_another_process(shown: tuple[CaseView, ...], here: Office) -> None:
    """No decision is owed in them; what they wait for is due instead."""
    now = here.clock()
    rows = [
        (
            view.case_id,
            output.words(view.status.value),
            view.title,
            output.words(view.law),
            view.state,
            view.member_id,
            output.instant(view.received_at, view.zone),
            output.instant(view.waiting.until, view.zone) if view.waiting else "",
            output.left(view.waiting.until, now) if view.waiting and view.waiting.until else "",
            f"{view.waiting.what} from {view.waiting.owner}" if view.waiting else "",
        )
        for view in shown
    ]
    columns = ("Case", "Status", "What", "Law", "State", "Member", "Received", "Due", "Time left", "Waits for")
    output.table(columns, rows)
