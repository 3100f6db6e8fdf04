"""`umpire keys status`: which keys of the keyring the histories that Temporal keeps still need."""

from __future__ import annotations

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase

group = typer.Typer(no_args_is_help=True, help="Keys that encrypt what Temporal keeps.")


@group.callback()
def _group() -> None:
    """Make the Typer a group, though it has one command."""


@group.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Count what Temporal's histories hold under each key: which may be removed, and which is missing.

    It reads every history that the server keeps; with many cases run it when there is time. Exit code 1 when a key is missing.
    """
    from services.queries.leading.key_use import read_key_use  # loads the Temporal client

    with handle_errors():
        here = cli_context(context)
        ring = list(here.settings.keyring)
        found = here.run_with_services(lambda services: read_key_use(services.client(), ring))
        if as_json:
            output.print_json(found)
        else:
            rows = [
                (one.key_id, str(one.payloads), str(one.open_cases), str(one.ended_cases), one.example or "", one.says)
                for one in found.keys
            ]
            if rows:
                output.print_table(("Key", "Payloads", "Open", "Ended", "For example", "State"), rows)
            output.print_lines(
                f"{count_phrase(found.in_the_clear, 'payload')} in the clear, in histories of "
                f"{count_phrase(found.histories, 'run')}."
            )
        if any(not one.in_keyring for one in found.keys):
            raise typer.Exit(ExitCode.BROKEN)
