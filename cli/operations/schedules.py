"""`umpire schedules`: the schedules of upkeep in Temporal."""

from __future__ import annotations

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from services.upkeep import runs
from services.upkeep.runs import UpkeepStatus

group = typer.Typer(no_args_is_help=True, help="Schedules of the upkeep that happens without anybody asking.")
_ZONE = "UTC"


@group.command("apply")
def apply_schedules(context: typer.Context, as_json: Json = False) -> None:
    """Create and update the schedules of this release, and remove those of tasks that it no longer has. Safe to repeat."""
    with handle_errors():
        created, removed = cli_context(context).run_with_services(runs.apply_schedules)
        if as_json:
            output.print_json({"created": created, "removed": removed})
            return
        for word, names in (("Created", created), ("Removed", removed)):
            if names:
                output.print_lines(f"{word}: {', '.join(names)}.")
        output.print_lines("Every task of this release is scheduled. A schedule that was paused stays so.")


@group.command("list")
def list_schedules(context: typer.Context, as_json: Json = False) -> None:
    """List the tasks with their schedule and last run; exit code 1 when a task has no schedule, or a paused one."""
    with handle_errors():
        found = cli_context(context).run_with_services(runs.read_schedules)
        if as_json:
            output.print_json(found)
        else:
            rows = [
                (one.name, one.title, _standing(one), _last(one), one.last.found if one.last else "") for one in found
            ]
            output.print_table(("Task", "What it does", "Next", "Last run", "Found"), rows)
        if any(not one.is_scheduled or one.is_paused for one in found):
            raise typer.Exit(ExitCode.BROKEN)


def _standing(task: UpkeepStatus) -> str:
    if not task.is_scheduled:
        return "no schedule: umpire schedules apply"
    return "paused" if task.is_paused else output.format_instant(task.next_at, _ZONE)


def _last(task: UpkeepStatus) -> str:
    if task.last is None:
        return "never"
    if task.last.ended_at is None:
        return f"began {output.format_instant(task.last.started_at, _ZONE)}, not ended"
    return output.format_instant(task.last.ended_at, _ZONE)
