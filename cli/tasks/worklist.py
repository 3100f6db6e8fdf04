"""`umpire worklist`: open tasks."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from cli.terminal.output import format_needs
from domain.errors import NotOnFile
from domain.vocabulary import Role
from store import cases, directory, tasks
from store.tasks import WorkItem

_NO_CASE_ZONE = "UTC"
_DEFAULT_LIMIT = 200


def worklist(
    context: typer.Context,
    role: Annotated[Role | None, typer.Option(help="Only work of this role.")] = None,
    mine: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Only what this reviewer has claimed, or may claim by their roles."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    as_json: Json = False,
) -> None:
    """List open tasks, the least time left first. Arrivals that could not be read are tasks for intake."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = _items_for(s, mine, role) if mine else tasks.worklist(s, role)
            items = found[:limit]
            zones = {item.case_id: _case_zone(s, item.case_id) for item in items}
        if as_json:
            output.print_json(items)
            return
        if not items:
            output.print_lines(
                "No open tasks." if role is None and mine is None else "No open tasks for this selection."
            )
            return
        now = here.clock()
        # The column is shown only when a task has needs: most tasks have none.
        any_needs = any(item.needs for item in items)
        output.print_table(
            ("Time left", "Task", "Kind", "For", "Claimed by", "Due", *(("Needs",) if any_needs else ()), "Why"),
            [
                (
                    output.format_time_left(item.due_at, now),
                    item.task_id,
                    output.spell_out(item.kind),
                    _eligible_role(item),
                    item.assignee or "",
                    output.format_instant(item.due_at, zones[item.case_id]),
                    *((format_needs(item.needs),) if any_needs else ()),
                    item.why,
                )
                for item in items
            ],
        )
        if len(found) > limit:
            output.print_lines(f"{len(found) - limit} more; see them with --limit {len(found)}.")


def _items_for(s: Session, reviewer_id: str, role: Role | None) -> tuple[WorkItem, ...]:
    """Tasks that a reviewer has claimed, and unclaimed tasks for their roles."""
    who = directory.reviewer(s, reviewer_id)
    if who is None:
        raise NotOnFile(f"The directory has no reviewer {reviewer_id}.", "Check the id.")
    roles = {role} if role is not None else set(who.roles)
    return tuple(
        item
        for item in tasks.worklist(s)
        if item.assignee == reviewer_id or (item.assignee is None and roles & {item.role, *item.also_for})
    )


def _eligible_role(item: WorkItem) -> str:
    role = output.spell_out(item.role.value)
    if item.specialties:
        role += f" ({', '.join(output.spell_out(one) for one in item.specialties)})"
    return " or ".join((role, *(output.spell_out(one.value) for one in item.also_for)))


def _case_zone(s: Session, case_id: str | None) -> str:
    view = cases.get(s, case_id) if case_id is not None else None
    return view.zone if view is not None else _NO_CASE_ZONE
