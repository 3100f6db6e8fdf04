"""The `umpire` command line. Each group of commands has its own file; this one only assembles them."""

from __future__ import annotations

import sys

import typer

from cli.cases import actions, clock_reasons, listing, retrospective, show_authorization, submit
from cli.contacts import callbacks, concerns
from cli.operations import demo, inbox, store, up
from cli.rulebook import changes, check, import_gmlos
from cli.stays import actions as staying
from cli.stays import admit, mllp_listener
from cli.stays import listing as stays
from cli.tasks import complete, worklist
from cli.terminal.errors import EXIT_CODES_HELP, report_unexpected_error

app = typer.Typer(
    name="umpire",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Utilization management on Temporal: verifiable clocks, signed decisions, nothing lost, nothing done twice.",
    epilog=EXIT_CODES_HELP,
)
_CASES, _WORK, _RUN, _KEEP = "Cases", "Work", "Running Umpire", "Maintenance"

app.command(rich_help_panel=_RUN)(up.up)
app.command(rich_help_panel=_RUN)(demo.demo)
app.command(rich_help_panel=_RUN)(mllp_listener.listen)
app.command(rich_help_panel=_CASES)(submit.submit)
app.command(rich_help_panel=_CASES)(admit.admit)
app.command(rich_help_panel=_CASES)(listing.cases)
app.command(rich_help_panel=_CASES)(stays.stays)
app.command(rich_help_panel=_CASES)(show_authorization.show)
app.command(rich_help_panel=_CASES)(clock_reasons.clocks)
app.command(rich_help_panel=_CASES)(show_authorization.letter)
app.command("add-document", rich_help_panel=_CASES)(actions.add_document)
app.command(rich_help_panel=_CASES)(actions.withdraw)
app.command(rich_help_panel=_CASES)(actions.expedite)
app.command(rich_help_panel=_WORK)(worklist.worklist)
app.command(rich_help_panel=_WORK)(worklist.claim)
app.command(rich_help_panel=_WORK)(worklist.release)
app.command(rich_help_panel=_WORK)(worklist.reassign)
app.command(rich_help_panel=_WORK)(complete.complete)
app.command(rich_help_panel=_WORK)(actions.extend)
app.command("peer-to-peer", rich_help_panel=_WORK)(actions.peer_to_peer)
app.add_typer(retrospective.group, name="retro", rich_help_panel=_CASES)
app.add_typer(concerns.group, name="concern", rich_help_panel=_WORK)
app.add_typer(callbacks.group, name="callback", rich_help_panel=_WORK)
app.add_typer(staying.group, name="stay", rich_help_panel=_WORK)
app.add_typer(inbox.group, name="inbox", rich_help_panel=_WORK)
app.add_typer(store.journal, name="journal", rich_help_panel=_KEEP)
store.rulebook.command()(check.test)
store.rulebook.command()(changes.diff)
store.rulebook.command()(changes.touches)
store.rulebook.command()(changes.schema)
store.rulebook.command("import-gmlos")(import_gmlos.import_gmlos)
app.command(rich_help_panel=_KEEP)(check.clock)
app.add_typer(store.rulebook, name="rulebook", rich_help_panel=_KEEP)
app.add_typer(store.store, name="store", rich_help_panel=_KEEP)


def main(arguments: list[str] | None = None) -> None:
    """Console script: runs a command and exits with its exit code."""
    try:
        app(args=arguments, prog_name="umpire")
    except Exception as error:  # last resort: no traceback reaches a user
        sys.exit(report_unexpected_error(error))


if __name__ == "__main__":
    main()
