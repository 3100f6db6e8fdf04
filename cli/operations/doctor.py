"""`umpire doctor`: everything that is wrong with the settings, the servers and this machine, each with its way out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from engine.settings import Settings
from engine.settings_reader import SettingsError
from engine.web_settings import read_settings
from services.context import ServiceContext
from services.diagnosis import machine_checks
from services.diagnosis.findings import Finding, FindingLevel, fault, ok
from services.diagnosis.temporal_checks import check_server
from store.session import Store, open_store

_WORDS = {FindingLevel.OK: "ok", FindingLevel.WARNING: "warning", FindingLevel.FAULT: "FAULT"}


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check settings, both servers, TLS, migrations, keys, folders, rules, clocks, workers and releases.

    Nothing is changed. Exit code 0 when nothing is broken, also with warnings; else 1.
    """
    with handle_errors():
        found = list(_findings(context))
        if as_json:
            output.print_json(found)
        else:
            rows = [(_WORDS[one.level], one.place, one.message, one.way_out, one.rule) for one in found]
            output.print_table(("", "Place", "Found", "Way out", "Rule"), rows)
            broken = sum(one.level is FindingLevel.FAULT for one in found)
            warned = sum(one.level is FindingLevel.WARNING for one in found)
            output.print_lines(f"{len(found)} checks: {broken} broken, {warned} to look at.")
        if any(one.level is FindingLevel.FAULT for one in found):
            raise typer.Exit(ExitCode.BROKEN)


def _findings(context: typer.Context) -> Iterator[Finding]:
    try:
        read_settings()
        here = cli_context(context)
    except SettingsError as error:
        for problem in error.problems:
            place, _, what = problem.partition(": ")
            yield fault(place, "settings.readable", what, "Correct the variable; docs/operations.md lists them.")
        yield from _check_rulebook()
        return
    yield from machine_checks.check_settings(here.settings, here.clock())
    yield from machine_checks.check_folders(here.settings)
    yield from _check_rulebook()
    if not here.has_store:
        yield fault(str(here.settings.home), "store.reachable", "There is no store yet.", "Run 'umpire up' first.")
        return
    store = open_store(here.settings.database_url)
    try:
        yield from machine_checks.check_store(here.settings, store, here.clock())
        yield from asyncio.run(_check_temporal(here.settings, store))
    finally:
        store.close()


async def _check_temporal(settings: Settings, store: Store) -> list[Finding]:
    from engine.client import connect  # slow to import

    try:
        client = await connect(settings, patience_seconds=3)
    except ConnectionError as error:
        message, _, way_out = str(error).partition(". ")
        return [fault(settings.temporal_address, "temporal.reachable", f"{message}.", way_out)]
    try:
        return [one async for one in check_server(settings, ServiceContext(store, client, settings.task_queue))]
    finally:
        await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends


def _check_rulebook() -> Iterator[Finding]:
    from rulebook.errors import RulebookErrors
    from rulebook.rulebook import load_rulebook

    try:
        load_rulebook()
    except RulebookErrors as errors:
        for one in errors.errors:
            yield fault("UMPIRE_RULEBOOK", "rulebook.loads", str(one), "Correct it: 'umpire rulebook check'.")
        return
    yield ok("rulebook", "rulebook.loads", "Every rule loads.")
