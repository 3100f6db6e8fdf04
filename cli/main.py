"""The command line: `umpire`. One file for each group of commands; this one only puts them together."""

from __future__ import annotations

import sys

import typer

from cli.cases import actions as acting
from cli.cases import clock_reasons, listing
from cli.cases import retrospective as looking_back
from cli.cases import show_authorization as showing
from cli.cases import submit as submitting
from cli.contacts import callbacks as calling
from cli.contacts import concerns as raising
from cli.operations import demo as demonstrating
from cli.operations import inbox as arrivals
from cli.operations import store as upkeep
from cli.operations import up
from cli.rulebook import changes as rulebook_changes
from cli.rulebook import check as rulebooks
from cli.rulebook import import_gmlos as gmlos_import
from cli.stays import actions as staying
from cli.stays import admit as admitting
from cli.stays import listing as stays
from cli.stays import mllp_listener as listening
from cli.tasks import complete as completing
from cli.tasks import worklist
from cli.terminal.errors import EXIT_CODES, surprise

app = typer.Typer(
    name="umpire",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Utilization management as durable processes: provable clocks, signed decisions, nothing lost, nothing done twice.",
    epilog=EXIT_CODES,
)
_CASES, _WORK, _RUN, _KEEP = "Cases", "Work", "Running it", "Upkeep"

app.command(rich_help_panel=_RUN)(up.up)
app.command(rich_help_panel=_RUN)(demonstrating.demo)
app.command(rich_help_panel=_RUN)(listening.listen)
app.command(rich_help_panel=_CASES)(submitting.submit)
app.command(rich_help_panel=_CASES)(admitting.admit)
app.command(rich_help_panel=_CASES)(listing.cases)
app.command(rich_help_panel=_CASES)(stays.stays)
app.command(rich_help_panel=_CASES)(showing.show)
app.command(rich_help_panel=_CASES)(clock_reasons.clocks)
app.command(rich_help_panel=_CASES)(showing.letter)
app.command("add-document", rich_help_panel=_CASES)(acting.add_document)
app.command(rich_help_panel=_CASES)(acting.withdraw)
app.command(rich_help_panel=_CASES)(acting.expedite)
app.command(rich_help_panel=_WORK)(worklist.worklist)
app.command(rich_help_panel=_WORK)(worklist.claim)
app.command(rich_help_panel=_WORK)(worklist.release)
app.command(rich_help_panel=_WORK)(worklist.reassign)
app.command(rich_help_panel=_WORK)(completing.complete)
app.command(rich_help_panel=_WORK)(acting.extend)
app.command("peer-to-peer", rich_help_panel=_WORK)(acting.peer_to_peer)
app.add_typer(looking_back.group, name="retro", rich_help_panel=_CASES)
app.add_typer(raising.group, name="concern", rich_help_panel=_WORK)
app.add_typer(calling.group, name="callback", rich_help_panel=_WORK)
app.add_typer(staying.group, name="stay", rich_help_panel=_WORK)
app.add_typer(arrivals.group, name="inbox", rich_help_panel=_WORK)
app.add_typer(upkeep.journal, name="journal", rich_help_panel=_KEEP)
upkeep.rulebook.command()(rulebooks.test)
upkeep.rulebook.command()(rulebook_changes.diff)
upkeep.rulebook.command()(rulebook_changes.touches)
upkeep.rulebook.command()(rulebook_changes.schema)
upkeep.rulebook.command("import-gmlos")(gmlos_import.import_gmlos)
app.command(rich_help_panel=_KEEP)(rulebooks.clock)
app.add_typer(upkeep.rulebook, name="rulebook", rich_help_panel=_KEEP)
app.add_typer(upkeep.store, name="store", rich_help_panel=_KEEP)


def main(arguments: list[str] | None = None) -> None:
    """The console script: runs a command and leaves with its exit code."""
    try:
        app(args=arguments, prog_name="umpire")
    except Exception as error:  # the last line of defence: no traceback reaches a user
        sys.exit(surprise(error))


if __name__ == "__main__":
    main()
