"""`umpire journal verify`, `rulebook check`, `store rebuild`: what operations and policy teams run."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.terminal import output
from cli.terminal.context import known_case, office
from cli.terminal.errors import Exit, complain, told
from cli.terminal.options import Json
from rulebook.yamlfile import RulebookErrors
from store import journal as chains
from store import read_models as projection

journal = typer.Typer(no_args_is_help=True, help="The append-only journal of every case.")
rulebook = typer.Typer(no_args_is_help=True, help="The rules as data.")
store = typer.Typer(no_args_is_help=True, help="The database.")


@journal.command()
def verify(
    context: typer.Context,
    case: str | None = typer.Argument(None, metavar="[CASE]", help="Only this case."),
    as_json: Json = False,
) -> None:
    """Check the hash chain of every case: no entry changed, missing or out of order."""
    with told():
        with office(context).reading() as s:
            names = chains.case_ids(s) if case is None else (known_case(s, case),)
            faults = [fault for fault in (chains.verify(s, name) for name in names) if fault is not None]
        if as_json:
            output.as_json({"cases": len(names), "faults": faults})
        elif not faults:
            output.say(f"{len(names)} journal(s) verified: nothing changed, nothing missing.")
        for fault in faults:
            complain(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
        if faults:
            raise typer.Exit(Exit.BROKEN)


@rulebook.command()
def check(as_json: Json = False) -> None:
    """Load every rule and run the worked examples of every guideline. Mistakes are named with file and line."""
    from rulebook.rulebook import failing_vectors, load_rulebook

    with told():
        try:
            book = load_rulebook()
            failures = failing_vectors(book)
        except RulebookErrors as wrong:
            if as_json:
                output.as_json({"errors": [_place(error) for error in wrong.errors]})
                raise typer.Exit(Exit.NOT_READABLE) from None
            raise
        if as_json:
            output.as_json({"version": book.version, "errors": [], "failing_examples": failures})
        else:
            examples = sum(len(guideline.tests) for guideline in book.criteria.guidelines)
            review = book.review
            output.say(
                f"Rulebook {book.version}: {len(book.clocks)} clock rules, {len(book.criteria.guidelines)} guidelines "
                f"with {examples} worked examples, {len(review.requirements)} requirement rules, "
                f"{len(review.steps)} step rules, {len(review.quantities)} quantity limits, "
                f"{len(review.gold_cards)} gold card programmes: all hold."
                if not failures
                else f"Rulebook {book.version}: {len(failures)} worked example(s) come out differently."
            )
        complain(*failures)
        if failures:
            raise typer.Exit(Exit.NOT_READABLE)


@store.command()
def rebuild(context: typer.Context) -> None:
    """Empty the lists (cases, tasks, lines, clocks, letters) and make them anew from the journal."""
    with told():
        here = office(context)
        with here.reading() as s:
            faults = chains.verify_all(s)
        if faults:
            for fault in faults:
                complain(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
            complain("Not rebuilt: a journal that does not verify is no ground to build on.")
            raise typer.Exit(Exit.BROKEN)
        with here.store.begin() as s:
            count = projection.rebuild(s)
        output.say(f"The lists of {count} case(s) were made anew from the journal.")


@store.command()
def load(
    context: typer.Context,
    file: Path = typer.Argument(
        ..., metavar="FILE", help="A plan file; samples/plan/example_health.yaml shows its shape."
    ),
) -> None:
    """Bring members, coverages, providers and reviewers of the directory to what a plan file says.

    Who is in the directory and not in the file stays as it is. Nothing is loaded from a file with a mistake.
    """
    from rulebook.rulebook import load_rulebook
    from store.seed import load_plan  # takes a moment that other commands can save

    with told():
        clock_rules = frozenset(rule.rule_id for rule in load_rulebook().clocks)
        found = load_plan(office(context).store, file, clock_rules)
        output.say(
            f"Loaded {found.members} member(s), {found.coverages} coverage(s), {found.providers} provider(s), "
            f"{found.reviewers} reviewer(s)."
        )


def _place(error: object) -> dict[str, object]:
    return {name: getattr(error, name) for name in ("file", "line", "key", "problem", "expected")}
