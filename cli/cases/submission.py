"""Submission of documents from files or standard input: check, receipt, output of the results, exit code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Generic, TypeVar

import typer

from cli.terminal import output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_error, print_issues
from cli.terminal.exit_codes import ExitCode
from cli.terminal.files import read_content
from cli.terminal.instants import parse_instant
from domain.errors import NotReadable, Refused, ValidationIssue, violation
from domain.evidence.facts import FactDefinition
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Channel
from engine import edge_clock
from services.context import ServiceContext, SubmissionResult, SubmissionStatus

D = TypeVar("D")
_CODES = {SubmissionStatus.STORED: ExitCode.STORED, SubmissionStatus.QUEUED: ExitCode.STORED}
_EXIT_PRIORITY = (ExitCode.UNREACHABLE, ExitCode.NOT_READABLE, ExitCode.REFUSED, ExitCode.STORED)
_REJECTING_RULES = ("intake.", "case.", "message.", "extension.", "expedite.", "stay.", "update.")
"""Rules that reject a readable request; every other rule is about reading."""

Check = Annotated[bool, typer.Option("--check", help="Only read and validate: nothing is stored or started.")]
ArrivalChannel = Annotated[Channel, typer.Option(help="Channel of the arrival.")]
Sender = Annotated[str | None, typer.Option(help="The sender, if known.")]
ReceivedAt = Annotated[
    str | None,
    typer.Option(
        metavar="INSTANT", help="When it arrived at the plan, with offset: 2026-03-02T14:00-06:00. Now, unless given."
    ),
]


@dataclass(frozen=True)
class DocumentKind(Generic[D]):
    """A kind of document: its reader, the description and remarks of a readable one, and its intake."""

    read: Callable[[bytes, datetime, Channel], D]
    describe: Callable[[D], str]
    notes: Callable[[D], tuple[ValidationIssue, ...]]
    submit: Callable[[ServiceContext, bytes, Channel, str | None, datetime | None], Awaitable[SubmissionResult]]


def load_fact_definitions() -> Mapping[str, FactDefinition]:
    """The facts of the rulebook in use by id. Raises RulebookErrors."""
    from rulebook.guidelines import FACTS_FILE, load_dictionary  # only commands that read records need it
    from rulebook.rulebook import rulebook_root

    return load_dictionary(rulebook_root() / "criteria" / FACTS_FILE).by_id


def submit_files(
    context: typer.Context,
    kind: DocumentKind[D],
    files: list[str],
    check: bool,
    channel: Channel,
    sender: str | None,
    received_at: str | None,
    as_json: bool,
) -> None:
    """Submit the files, or only read them with `check`, and exit with the most severe code."""
    with handle_errors():
        at = parse_instant(received_at, "--received-at")
        if check:
            contents = {name: read_content(name) for name in files}
            raise typer.Exit(_check_files(kind, contents, channel, at or edge_clock.now(), as_json))
        here = cli_context(context)
        _reject_future(at, here)
        contents = {name: read_content(name) for name in files}

        async def submit_all(services: ServiceContext) -> dict[str, SubmissionResult]:
            from rulebook.rulebook import load_rulebook  # --check needs no more than the facts

            book = load_rulebook()
            services = replace(services, lobs=book.lobs, fact_definitions=book.criteria.dictionary.by_id)
            return {name: await kind.submit(services, raw, channel, sender, at) for name, raw in contents.items()}

        outcomes = here.run_with_services(submit_all, without_temporal=True)
        if as_json:
            output.print_json([{"file": name, **outcome.model_dump(mode="json")} for name, outcome in outcomes.items()])
        codes = {_print_result(name, outcome, as_json) for name, outcome in outcomes.items()}
        raise typer.Exit(next((code for code in _EXIT_PRIORITY if code in codes), ExitCode.OK))


def _reject_future(at: datetime | None, here: CliContext) -> None:
    if at is not None and at > here.clock():
        message = "The time of receipt is in the future."
        raise Refused((violation("intake.received_at", message, "Give the time of arrival."),))


def _print_result(name: str, outcome: SubmissionResult, as_json: bool) -> ExitCode:
    if not as_json:
        output.print_lines(f"{name}: {outcome.says}")
    if outcome.kind is SubmissionStatus.REFUSED:
        print_issues(outcome.problems)
        is_rule = all(problem.rule.startswith(_REJECTING_RULES) for problem in outcome.problems)
        return ExitCode.REFUSED if is_rule else ExitCode.NOT_READABLE
    if not as_json and outcome.notes:
        print_error(f"  {count_phrase(len(outcome.notes), 'remark')} on the document; see them with --check.")
    return _CODES.get(outcome.kind, ExitCode.OK)


def _check_files(
    kind: DocumentKind[D], contents: dict[str, bytes], channel: Channel, at: datetime, as_json: bool
) -> ExitCode:
    found: dict[str, D | NotReadable] = {}
    for name, raw in contents.items():
        try:
            found[name] = kind.read(raw, at, channel)
        except NotReadable as wrong:
            found[name] = wrong
    if as_json:
        output.print_json([_check_json(name, kind, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _print_check(name, kind, result)
    return ExitCode.NOT_READABLE if any(isinstance(result, NotReadable) for result in found.values()) else ExitCode.OK


def _check_json(name: str, kind: DocumentKind[D], result: D | NotReadable) -> dict[str, object]:
    if isinstance(result, NotReadable):
        return {"file": name, "readable": False, "problems": list(result.problems), "notes": []}
    return {"file": name, "readable": True, "problems": [], "notes": list(kind.notes(result))}


def _print_check(name: str, kind: DocumentKind[D], result: D | NotReadable) -> None:
    if isinstance(result, NotReadable):
        print_error(f"{name}: not readable, {count_phrase(len(result.problems), 'problem')}")
        print_issues(result.problems)
        return
    output.print_lines(f"{name}: readable ({kind.describe(result)}). The member is checked when it is submitted.")
    output.print_lines(*(f"  remark: {note}" for note in kind.notes(result)))
