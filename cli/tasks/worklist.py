"""`umpire worklist`, `claim`, `release`, `reassign`: who does what next."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from cli.terminal import output, replies
from cli.terminal.context import office
from cli.terminal.errors import told
from cli.terminal.options import Json, TaskId, User
from cli.terminal.output import needs
from domain.vocabulary import Role
from services.commands import case_actions as actions
from services.context import NotFound
from store import cases, directory, tasks
from store.tasks import WorkItem

_NO_CASE_ZONE = "UTC"
_MANY = 200


def worklist(
    context: typer.Context,
    role: Annotated[Role | None, typer.Option(help="Only work of this role.")] = None,
    mine: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Only what this reviewer has claimed, or may claim by their roles."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _MANY,
    as_json: Json = False,
) -> None:
    """Open work, the least time left first. Arrivals that could not be read are intake's."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = _of(s, mine, role) if mine else tasks.worklist(s, role)
            items = found[:limit]
            zones = {item.case_id: _zone(s, item.case_id) for item in items}
        if as_json:
            output.as_json(items)
            return
        if not items:
            output.say("Nothing is open." if role is None and mine is None else "Nothing is open here.")
            return
        now = here.clock()
        # A column of its own only where somebody needs something: it is empty for most work.
        any_needs = any(item.needs for item in items)
        output.table(
            ("Time left", "Task", "Kind", "For", "Taken by", "Due", *(("Needs",) if any_needs else ()), "Why"),
            [
                (
                    output.left(item.due_at, now),
                    item.task_id,
                    output.words(item.kind),
                    _whom(item),
                    item.assignee or "",
                    output.instant(item.due_at, zones[item.case_id]),
                    *((needs(item.needs),) if any_needs else ()),
                    item.why,
                )
                for item in items
            ],
        )
        if len(found) > limit:
            output.say(f"{len(found) - limit} more; see them with --limit {len(found)}.")


def claim(context: typer.Context, task: TaskId, user: User, as_json: Json = False) -> None:
    """Take a task. The role, the licence and the training have to fit."""
    with told():
        replies.show(office(context).desk(lambda desk: actions.claim(desk, task, user)), as_json)


def release(context: typer.Context, task: TaskId, user: User, as_json: Json = False) -> None:
    """Give a claimed task back."""
    with told():
        replies.show(office(context).desk(lambda desk: actions.release(desk, task, user)), as_json)


def reassign(
    context: typer.Context,
    task: TaskId,
    to: Annotated[str, typer.Option(metavar="USER", help="Who gets it.")],
    user: User,
    as_json: Json = False,
) -> None:
    """Give a task to somebody else. For supervisors, medical directors and the assignee."""
    with told():
        replies.show(office(context).desk(lambda desk: actions.reassign(desk, task, user, to)), as_json)


def _of(s: Session, reviewer_id: str, role: Role | None) -> tuple[WorkItem, ...]:
    """What somebody has claimed, and what is free for their roles."""
    who = directory.reviewer(s, reviewer_id)
    if who is None:
        raise NotFound(f"The directory has no reviewer {reviewer_id}.", "Check the id.")
    roles = {role} if role is not None else set(who.roles)
    return tuple(
        item
        for item in tasks.worklist(s)
        if item.assignee == reviewer_id or (item.assignee is None and item.role in roles)
    )


def _whom(item: WorkItem) -> str:
    role = output.words(item.role.value)
    return f"{role} ({', '.join(output.words(one) for one in item.specialties)})" if item.specialties else role


def _zone(s: Session, case_id: str | None) -> str:
    view = cases.get(s, case_id) if case_id is not None else None
    return view.zone if view is not None else _NO_CASE_ZONE
