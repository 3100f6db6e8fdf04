"""`umpire journal verify`, `anchor` and `key`, `store rebuild`, `store load`: commands for operations teams."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.terminal import output
from cli.terminal.case_numbers import resolve_journal_number
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.errors import NotReadable, Refused, RuleViolation, ValidationIssue
from domain.plain_language.phrases import count_phrase
from services.queries.leading import record_integrity
from services.upkeep import verification
from services.upkeep.case_walk import PORTION
from store import journal as chains

journal = typer.Typer(no_args_is_help=True, help="The append-only journal of every case.")
store = typer.Typer(no_args_is_help=True, help="The database.")


STARTING = timedelta(hours=1)
"""The time in which a case that was started must have its first entry."""
SIGNING_KEY = "journal-signing-key.pem"
"""The file in the home folder with the key that signs anchors, unless another one is named."""

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help=f"The file with the signing key: {SIGNING_KEY} in the home, unless given."
    ),
]


@journal.command()
def verify(
    context: typer.Context,
    case: str | None = typer.Argument(None, metavar="[CASE]", help="Only this case."),
    anchors: Annotated[
        list[Path] | None,
        typer.Option(
            "--anchor",
            metavar="FILE",
            help="Also check against this file of 'journal anchor'; may be repeated.",
        ),
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            "--public-key", metavar="FILE", help="Each anchor must be signed by the owner of this public key."
        ),
    ] = None,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Only cases with entries since the last run that came to its end."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin from the start, also where an interrupted run could go on.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the hash chain of every case: no entry changed, missing or out of order.

    Letters, documents, the list of cases and the inbox must agree with it. A run that was interrupted goes on where it was.
    """
    with handle_errors():
        here = cli_context(context)
        kept = {file: _read_anchor(file) for file in anchors or ()}
        unsigned = _unsigned_anchors(kept, public_key)
        done = _verify_one(here, case) if case is not None else _verify_all(here, changed=changed, anew=anew)
        faults = list(done.faults)
        with here.read_store() as s:
            names = chains.case_ids(s) if case is None else (resolve_journal_number(s, case),)
            purged = record_integrity.count_purged(s, names)
            for anchor in kept.values():
                found = record_integrity.anchor_faults(s, anchor)
                faults += [fault for fault in found if case in (None, fault.case_id) and fault not in faults]
        if as_json:
            told = {"cases": done.cases, "unchanged": done.unchanged, "purged": purged, "faults": faults}
            output.print_json(told | ({"unsigned": [str(file) for file in unsigned]} if public_key else {}))
        elif not faults and not unsigned:
            signed = f" {count_phrase(len(kept), 'anchor')} signed and in agreement." if public_key else ""
            again = f" {done.unchanged:,} had no new entry and were not read again." if done.unchanged else ""
            output.print_lines(
                f"{count_phrase(done.cases, 'journal')} verified: nothing changed, nothing missing.{again}{signed}"
            )
            if purged:
                output.print_lines(
                    f"Of these, {count_phrase(purged, 'record')} purged when their time was over: every entry has its place "
                    "and its hashes, and no content."
                )
        for file in unsigned:
            print_error(f"{file}: not signed by the owner of {public_key}, or changed after it was signed")
        for fault in faults:
            print_error(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
        if faults or unsigned:
            raise typer.Exit(ExitCode.BROKEN)


@journal.command("anchor")
def export_anchor(
    context: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="A new file; keep it where this machine cannot change it."),
    key: KeyFile = None,
) -> None:
    """Write the last entry of every journal with its hash to a signed file, against which `journal verify` checks later.

    The first anchor makes the signing key, for its owner alone, and prints its public half.
    """
    from engine.signing_key import load_or_create  # cryptography; verifying without a public key does not need it

    with handle_errors():
        here = cli_context(context)
        path = key or here.settings.home / SIGNING_KEY
        with here.read_store() as s:
            made = record_integrity.make_anchor(s, here.clock())
        signing, is_new = load_or_create(path)
        _write_new(file, made.signed(signing.sign).model_dump_json(indent=1) + "\n")
        output.print_lines(
            f"{count_phrase(len(made.heads), 'journal')} anchored and signed in {file}; sha256 {made.sha256}."
        )
        if is_new:
            _print_new_key(path, signing.public_pem)


@journal.command("key")
def show_key(
    context: typer.Context,
    key: KeyFile = None,
    public: Annotated[
        Path | None,
        typer.Option("--public", metavar="FILE", help="Write the public key to this new file, for auditors."),
    ] = None,
) -> None:
    """Print the public key that checks the signatures of anchors; the key is made when there is none."""
    from engine.signing_key import load_or_create  # see above

    with handle_errors():
        path = key or cli_context(context).settings.home / SIGNING_KEY
        signing, is_new = load_or_create(path)
        if public is not None:
            _write_new(public, signing.public_pem)
            output.print_lines(f"The public key is in {public}.")
        if is_new:
            _print_new_key(path, signing.public_pem)
        elif public is None:
            output.print_lines(signing.public_pem.rstrip())


def _verify_all(here: CliContext, *, changed: bool, anew: bool) -> verification.Verified:
    with here.read_store():  # refuses a store that was never set up
        pass
    now = here.clock()
    home = here.settings.home
    done = verification.verify_journals(
        here.store, home, now, now - STARTING, _print_progress, changed=changed, anew=anew
    )
    if done.went_on_after:
        print_error(
            f"Went on after {done.went_on_after:,} cases of a run that was interrupted; --anew reads them again."
        )
    return done


def _verify_one(here: CliContext, case: str) -> verification.Verified:
    with here.read_store() as s:
        return verification.Verified(tuple(verification.verify_case(s, resolve_journal_number(s, case))), 1)


def _print_progress(step: str, done: int, of: int) -> None:
    """A line for every tenth of many cases, on the other stream than results."""
    if of > PORTION and (done == of or done * 10 // of > max(done - PORTION, 0) * 10 // of):
        print_error(f"{done:,} of {of:,} {step}")


def _write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet. Raises Refused: what was handed out once is not written over."""
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        reason = (
            "it exists" if isinstance(error, FileExistsError) else (error.strerror or "it cannot be written").lower()
        )
        message, way_out = f"The file {file} was not written: {reason}.", "Name a new file in a folder that is there."
        raise Refused((RuleViolation(rule="journal.file", message=message, way_out=way_out),)) from None


def _print_new_key(path: Path, public_pem: str) -> None:
    output.print_lines(
        f"A signing key was made in {path}: keep it, and away from whoever administers the database.",
        "Hand this public key to whoever shall be able to check (also: 'umpire journal key --public FILE'):",
        public_pem.rstrip(),
    )


def _unsigned_anchors(kept: dict[Path, record_integrity.JournalAnchor], public_key: Path | None) -> list[Path]:
    """The anchors that the owner of the public key has not signed as they are."""
    if public_key is None:
        return []
    if not kept:
        way_out = "Name the anchors that it signed with --anchor FILE."
        raise Refused(
            (RuleViolation(rule="journal.anchor", message="A public key checks anchors only.", way_out=way_out),)
        )
    from engine.signing_key import load_public  # see above

    checks = load_public(public_key).is_signature_of
    return [file for file, anchor in kept.items() if not anchor.is_signed(checks)]


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
    """Rebuild the read models (cases, tasks, lines, clocks, letters) from the journal, case by case.

    Lists keep every case meanwhile. A run that was interrupted goes on where it was.
    """
    with handle_errors():
        here = cli_context(context)
        with here.read_store():  # refuses a store that was never set up
            pass
        done = verification.rebuild_lists(here.store, here.settings.home, here.clock(), _print_progress)
        if done.faults:
            for fault in done.faults:
                print_error(f"{fault.case_id}, entry {fault.seq}: {fault.problem}")
            print_error("Not rebuilt: a journal does not verify.")
            raise typer.Exit(ExitCode.BROKEN)
        output.print_lines(f"The read models of {count_phrase(done.cases, 'case')} were rebuilt from the journal.")


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
            f"Loaded {count_phrase(found.members, 'member')}, {count_phrase(found.coverages, 'coverage')}, "
            f"{count_phrase(found.providers, 'provider')}, {count_phrase(found.reviewers, 'reviewer')}."
        )
