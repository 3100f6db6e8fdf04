"""`umpire search-attributes`: the attributes by which Temporal's own lists show cases."""

from __future__ import annotations

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from engine import search_attributes
from services.commands.listing import apply_attributes, missing_attributes

group = typer.Typer(no_args_is_help=True, help="Search attributes of cases in Temporal's own lists.")


@group.command("apply")
def apply_search_attributes(context: typer.Context, as_json: Json = False) -> None:
    """Make the Temporal server know the search attributes. Safe to repeat; cases that run already keep having none."""
    with handle_errors():
        new = cli_context(context).run_with_services(apply_attributes)
        if as_json:
            output.print_json({"created": new})
            return
        output.print_lines(f"Created: {', '.join(new)}." if new else "The server knows them all.")


@group.command("list")
def list_search_attributes(context: typer.Context, as_json: Json = False) -> None:
    """List the search attributes and whether the server knows them; exit code 1 when it lacks one."""
    with handle_errors():
        lacking = cli_context(context).run_with_services(missing_attributes)
        names = [key.name for key in search_attributes.ALL]
        if as_json:
            output.print_json({"known": [name for name in names if name not in lacking], "missing": lacking})
        else:
            rows = [
                (key.name, search_attributes.MEANINGS[key.name], "missing" if key.name in lacking else "known")
                for key in search_attributes.ALL
            ]
            output.print_table(("Attribute", "Meaning", "Server"), rows)
        if lacking:
            raise typer.Exit(ExitCode.BROKEN)
