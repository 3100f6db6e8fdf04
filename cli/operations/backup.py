"""`umpire backup` and `umpire restore`: an installation on one machine, copied while it runs, and put into another home."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from services.commands import backups
from services.commands.backups import TEMPORAL_FILE


def backup(
    context: typer.Context,
    folder: Path = typer.Argument(..., metavar="FOLDER", help="A new folder; keep it on another machine."),
    as_json: Json = False,
) -> None:
    """Copy the store, and the embedded Temporal, into a new folder. Everything may run meanwhile.

    Keys are not copied: keep UMPIRE_KEYRING and the journal's signing key elsewhere. A store on PostgreSQL is backed up with
    pg_dump.
    """
    with handle_errors():
        here = cli_context(context)
        made = backups.make_backup(here.settings, folder, here.clock())
        if as_json:
            output.print_json(made.model_dump(mode="json", exclude={"heads"}) | {"cases": len(made.heads)})
            return
        names = " and ".join(file.name for file in made.files)
        output.print_lines(f"{names} are in {folder}; {count_phrase(len(made.heads), 'journal')} verified in the copy.")


def restore(
    context: typer.Context,
    folder: Path = typer.Argument(..., metavar="FOLDER", help="A folder that 'umpire backup' made."),
    store_only: bool = typer.Option(
        False, "--store-only", help="Leave Temporal's state out: cases are started again by 'umpire reconcile'."
    ),
    as_json: Json = False,
) -> None:
    """Put a backup into the home folder (UMPIRE_HOME), in which there must be no store. Every journal is verified."""
    with handle_errors():
        here = cli_context(context)
        made = backups.restore_backup(here.settings, folder, store_only=store_only)
        if as_json:
            output.print_json(made.model_dump(mode="json", exclude={"heads"}) | {"cases": len(made.heads)})
            return
        output.print_lines(
            f"The store of {output.format_instant(made.made_at, 'UTC')} is in {here.settings.home}; "
            f"{count_phrase(len(made.heads), 'journal')} verified."
        )
        has_temporal = not store_only and any(file.name == TEMPORAL_FILE for file in made.files)
        lost = "" if has_temporal else " --server-lost"
        output.print_lines(
            "Stop whatever ran on what this replaces: two installations must not work on the same cases.",
            f"Then start it ('umpire up') and run 'umpire reconcile{lost}': every open case has its workflow again.",
            "Letters that were mailed after the backup are written again under the same names: keep the outbox.",
        )
