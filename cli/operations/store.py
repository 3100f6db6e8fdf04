"""`umpire journal verify`, `store rebuild`, `store load`: commands for operations teams."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.terminal import output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.errors import NotReadable, ValidationIssue
from domain.journal import ChainBreak
from services.queries import record_integrity
from store import journal as chains
from store import read_models

journal = typer.Typer(no_args_is_help=True, help="The append-only journal of every case.")
store = typer.Typer(no_args_is_help=True, help="The database.")


STARTING = timedelta(hours=1)
"""The time in which a case that was started must have its first entry."""


@journal.command()
def verify(
    context: typer.Context,
    case: str | None = typer.Argument(None, metavar="[CASE]", help="Only this case."),
    anchor: Annotated[
        Path | None, typer.Option("--anchor", metavar="FILE", help="Also check against this file of 'journal anchor'.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the hash chain of every case: no entry changed, missing or out of order.

    Letters, documents, the list of cases and the inbox must agree with it.
    """
    with handle_errors():
        here = cli_context(context)
        kept = _read_anchor(anchor) if anchor is not None else None
        with here.read_store() as s:
            names = chains.case_ids(s) if case is None else (resolve_case_number(s, case),)
            faults: list[ChainBreak] = []
            for name in names:
                broken = chains.verify(s, name)
                faults += [broken] if broken is not None else record_integrity.record_faults(s, name)
            if case is None:
                faults += record_integrity.missing_cases(s, here.clock() - STARTING)
            if kept is not None:
                faults += [fault for fault in record_integrity.anchor_faults(s, kept) if case in (None, fault.case_id)]
        if as_json:
            output.print_json({"cases": len(names), "faults": faults})
        elif not faults:
            output.print_lines(f"{len(names)} journal(s) verified: nothing changed, nothing missing.")
        for fault in faults:
            print_error(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
        if faults:
            raise typer.Exit(ExitCode.BROKEN)


@journal.command("anchor")
def export_anchor(
    context: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="A new file; keep it where this machine cannot change it."),
) -> None:
    """Write the last entry of every journal with its hash to a file, against which `journal verify` can check later."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            made = record_integrity.make_anchor(s, here.clock())
        with file.open("x", encoding="utf-8") as out:
            out.write(made.model_dump_json(indent=1) + "\n")
        output.print_lines(f"{len(made.heads)} journal(s) anchored in {file}; sha256 {made.sha256}.")


def _read_anchor(file: Path) -> record_integrity.JournalAnchor:
    try:
        kept = record_integrity.JournalAnchor.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        kept = None
    if kept is None or not kept.is_intact:
        issue = ValidationIssue(
            path=str(file), rule="journal.anchor", message="this is no intact file of 'journal anchor'"
        )
        raise NotReadable((issue,))
    return kept


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
