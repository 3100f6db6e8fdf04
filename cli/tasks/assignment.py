"""`umpire claim`, `release`, `reassign`: assignment of tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import command_results
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, TaskId, User
from cli.terminal.output import print_json, print_table
from services.commands import case_actions
from services.context import ServiceContext
from services.fitting_work import TaskPerson, list_people_for


def claim(context: typer.Context, task: TaskId, user: User, as_json: Json = False) -> None:
    """Claim a task. Your role, license and training must match it."""
    with handle_errors():
        command_results.print_result(
            cli_context(context).run_with_services(lambda services: case_actions.claim_task(services, task, user)),
            as_json,
        )


def release(context: typer.Context, task: TaskId, user: User, as_json: Json = False) -> None:
    """Release a claimed task."""
    with handle_errors():
        command_results.print_result(
            cli_context(context).run_with_services(lambda services: case_actions.release_task(services, task, user)),
            as_json,
        )


def reassign(
    context: typer.Context,
    task: TaskId,
    user: User,
    to: Annotated[
        str | None, typer.Option(metavar="USER", help="The new assignee. Without: list who may do it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Reassign a task. For supervisors, medical directors and the assignee."""
    with handle_errors():
        if to is None:
            _list_people(cli_context(context), task, as_json)
            return
        command_results.print_result(
            cli_context(context).run_with_services(
                lambda services: case_actions.reassign_task(services, task, user, to)
            ),
            as_json,
        )


def _list_people(program: CliContext, task: str, as_json: bool) -> None:
    """Print who may do the task, the least busy first, and for everybody else the rule against it."""
    from rulebook.rulebook import load_rulebook  # acts load no rulebook

    async def find(services: ServiceContext) -> tuple[TaskPerson, ...]:
        await case_actions.find_task(services, task)
        deciders = tuple(load_rulebook().review.deciders.values())
        return await services.read(list_people_for, [task], deciders, services.clock())

    people = program.run_with_services(find, without_temporal=True)
    if as_json:
        print_json([one.model_dump(mode="json") for one in people])
        return
    rows = [
        (one.reviewer_id, one.name, "; ".join(map(str, one.refusals)) or f"may do it, has {one.has}") for one in people
    ]
    print_table(("user", "name", "may they"), rows)
