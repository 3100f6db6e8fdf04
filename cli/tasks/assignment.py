"""`umpire claim`, `release`, `reassign`: assignment of tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import command_results
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, TaskId, User
from services.commands import case_actions


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
    to: Annotated[str, typer.Option(metavar="USER", help="The new assignee.")],
    user: User,
    as_json: Json = False,
) -> None:
    """Reassign a task. For supervisors, medical directors and the assignee."""
    with handle_errors():
        command_results.print_result(
            cli_context(context).run_with_services(
                lambda services: case_actions.reassign_task(services, task, user, to)
            ),
            as_json,
        )
