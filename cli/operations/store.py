"""`umpire journal verify`, `store rebuild`, `store load`: commands for operations teams."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.terminal import output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from store import journal as chains
from store import read_models

journal = typer.Typer(no_args_is_help=True, help="The append-only journal of every case.")
store = typer.Typer(no_args_is_help=True, help="The database.")


@journal.command()
def verify(
    context: typer.Context,
    case: str | None = typer.Argument(None, metavar="[CASE]", help="Only this case."),
    as_json: Json = False,
) -> None:
    """Check the hash chain of every case: no entry changed, missing or out of order."""
    with handle_errors():
        with cli_context(context).read_store() as s:
            names = chains.case_ids(s) if case is None else (resolve_case_number(s, case),)
            faults = [fault for fault in (chains.verify(s, name) for name in names) if fault is not None]
        if as_json:
            output.print_json({"cases": len(names), "faults": faults})
        elif not faults:
            output.print_lines(f"{len(names)} journal(s) verified: nothing changed, nothing missing.")
        for fault in faults:
            print_error(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
        if faults:
            raise typer.Exit(ExitCode.BROKEN)


@store.command()
def rebuild(context: typer.Context) -> None:
    """Clear the read models (cases, tasks, lines, clocks, letters) and rebuild them from the journal."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            faults = chains.verify_all(s)
        if faults:
            for fault in faults:
                print_error(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
            print_error("Not rebuilt: a journal does not verify.")
            raise typer.Exit(ExitCode.BROKEN)
        with here.store.begin() as s:
            count = read_models.rebuild(s)
        output.print_lines(f"The read models of {count} case(s) were rebuilt from the journal.")


@store.command()
def load(
    context: typer.Context,
    file: Path = typer.Argument(
        ..., metavar="FILE", help="A plan file; samples/plan/example_health.yaml shows its shape."
    ),
) -> None:
    """Load members, coverages, providers and reviewers of a plan file into the directory.

    Entries that the file does not contain stay unchanged. Nothing is loaded from a file with an error.
    """
    from rulebook.rulebook import load_rulebook
    from store.seed import load_plan  # slow to import; other commands do not need it

    with handle_errors():
        clock_rules = frozenset(rule.rule_id for rule in load_rulebook().clocks)
        found = load_plan(cli_context(context).store, file, clock_rules)
        output.print_lines(
            f"Loaded {found.members} member(s), {found.coverages} coverage(s), {found.providers} provider(s), "
            f"{found.reviewers} reviewer(s)."
        )
