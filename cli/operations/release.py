"""`umpire releases`: which build of the worker gets the cases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from engine.release import build_id
from engine.settings import Settings
from services.commands import releases
from services.commands.releases import ReleaseChange, ReleaseStatus
from services.context import ServiceContext

group = typer.Typer(no_args_is_help=True, help="Releases of the worker: which build gets the cases.")
_ZONE = "UTC"
Build = Annotated[str | None, typer.Argument(metavar="[BUILD]", help="A build; this release's own, unless given.")]


@group.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """List the builds that ask for work, which of them get it, and how many open cases each has."""
    with handle_errors():
        here = cli_context(context)
        found = here.run_with_services(lambda services: _status(here.settings, services))
        if as_json:
            output.print_json(found)
            return
        _print_status(found)


@group.command()
def promote(context: typer.Context, build: Build = None, as_json: Json = False) -> None:
    """Make a build the current one: new cases begin under it, and open ones go on under it at their next task."""
    wanted = build or build_id()
    _change(
        context, as_json, lambda s, services: releases.promote(services.client(), s.deployment, s.task_queue, wanted)
    )


@group.command()
def ramp(
    context: typer.Context,
    percentage: Annotated[
        float, typer.Argument(metavar="PERCENT", min=0, max=100, help="The part of the cases; 0 ends the ramp.")
    ],
    build: Build = None,
    as_json: Json = False,
) -> None:
    """Let a build have a part of the cases, chosen by their numbers, beside the current build."""
    wanted = build or build_id()
    _change(
        context,
        as_json,
        lambda s, services: releases.ramp(services.client(), s.deployment, s.task_queue, wanted, percentage),
    )


@group.command()
def rollback(
    context: typer.Context,
    build: Annotated[
        str | None, typer.Option(metavar="BUILD", help="The build to go back to, if not the one before.")
    ] = None,
    as_json: Json = False,
) -> None:
    """End a ramp, or make the build current again that was before. Cases that it cannot go on with stay where they are."""
    _change(
        context, as_json, lambda s, services: releases.roll_back(services.client(), s.deployment, s.task_queue, build)
    )


@group.command()
def drain(
    context: typer.Context,
    build: Annotated[str, typer.Argument(metavar="BUILD", help="The build whose workers are to be stopped.")],
    minutes: Annotated[float, typer.Option("--wait", min=0, help="Minutes to wait until no case needs it.")] = 0,
    as_json: Json = False,
) -> None:
    """Say whether the workers of a build may be stopped; exit code 0 when no case needs them any more."""
    with handle_errors():
        here = cli_context(context)

        async def wait(services: ServiceContext) -> ReleaseStatus:
            end = asyncio.get_running_loop().time() + 60 * minutes
            while True:
                found = await _status(here.settings, services)
                if not found.build(build).is_needed or asyncio.get_running_loop().time() >= end:
                    return found
                await asyncio.sleep(min(10, max(end - asyncio.get_running_loop().time(), 0)))

        found = here.run_with_services(wait).build(build)
        if as_json:
            output.print_json(found)
        elif not found.is_needed:
            output.print_lines(f"No case needs build {build}: its workers may be stopped.")
        elif found.pinned:
            output.print_lines(
                f"Leave the workers of build {build} running: {count_phrase(found.pinned, 'open case')} can go on only "
                f"there ({found.held} held until a release that knows their steps is promoted)."
            )
        else:
            output.print_lines(f"Leave the workers of build {build} running: it is {found.status}.")
        if found.is_needed:
            raise typer.Exit(ExitCode.BROKEN)


async def _status(settings: Settings, services: ServiceContext) -> ReleaseStatus:
    return await releases.release_status(services.client(), settings.deployment, settings.task_queue)


def _change(
    context: typer.Context, as_json: bool, act: Callable[[Settings, ServiceContext], Awaitable[ReleaseChange]]
) -> None:
    with handle_errors():
        here = cli_context(context)
        done = here.run_with_services(lambda services: act(here.settings, services))
        if as_json:
            output.print_json(done)
            return
        _print_status(done.status)
        if done.held:
            output.print_lines(
                f"{count_phrase(done.held, 'case')} took steps that only their own build knows, and stay with it: leave its "
                "workers running until 'umpire releases drain BUILD' says that none is left."
            )
        if done.let_go:
            output.print_lines(f"{count_phrase(done.let_go, 'held case')} let go.")


def _print_status(found: ReleaseStatus) -> None:
    rows = [
        (
            one.build_id + (" (this release)" if one.build_id == found.this_build else ""),
            f"{one.status} {found.percentage:g} %" if one.build_id == found.ramping else one.status,
            output.format_instant(one.created_at, _ZONE),
            str(one.open_cases),
            str(one.pinned),
            str(one.held),
        )
        for one in sorted(found.builds, key=lambda one: one.created_at, reverse=True)
    ]
    output.print_table(("Build", "Status", "First seen", "Open cases", "Pinned", "Held"), rows)
    if found.current is None:
        output.print_lines("No build is current, so workers of this deployment get no work: 'umpire releases promote'.")
    if found.unversioned:
        output.print_lines(
            f"{count_phrase(found.unversioned, 'open case')} had no task under a worker of this deployment yet: each moves "
            "over with its next task."
        )
