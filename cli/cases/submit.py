"""`umpire submit`: requests, updates and cancellations from files or standard input."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import ExitCode, handle_errors, print_error, print_issues
from cli.terminal.files import parse_received_at, read_content
from cli.terminal.options import Json
from domain.errors import NotReadable
from domain.vocabulary import Channel
from intake.submission import submit as take_in
from interop.reader import read_request
from interop.submission import Submission
from services.context import ServiceContext, SubmissionResult, SubmissionStatus

_CODES = {SubmissionStatus.STORED: ExitCode.STORED, SubmissionStatus.QUEUED: ExitCode.STORED}
EXIT_PRIORITY = (ExitCode.UNREACHABLE, ExitCode.NOT_READABLE, ExitCode.REFUSED, ExitCode.STORED)
_REJECTING_RULES = ("intake.", "case.", "message.", "extension.", "expedite.", "stay.", "update.")
"""Rules that reject a readable request; every other rule is about reading."""


def submit(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="PAS request Bundles or plain requests; '-' is standard input."),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Only read and validate: nothing is stored or started.")
    ] = False,
    channel: Annotated[Channel, typer.Option(help="Channel of the request.")] = Channel.COMMAND_LINE,
    sender: Annotated[str | None, typer.Option(help="The sender, if known.")] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="When it arrived at the plan, with offset: 2026-03-02T14:00-06:00. Now, unless given.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Submit requests, updates and cancellations.

    The bytes are stored with their receipt time before they are read. A request that is on file already joins its case.
    """
    with handle_errors():
        here = None if check else cli_context(context)
        at = parse_received_at(received_at, here)
        contents = {name: read_content(name) for name in files}
        if here is None:
            raise typer.Exit(_check_files(contents, channel, at, as_json))
        outcomes = here.desk(lambda desk: _submit_files(desk, contents, channel, sender, at), without_engine=True)
        if as_json:
            output.print_json([{"file": name, **outcome.model_dump(mode="json")} for name, outcome in outcomes.items()])
        codes = {print_submission(name, outcome, as_json) for name, outcome in outcomes.items()}
        raise typer.Exit(next((code for code in EXIT_PRIORITY if code in codes), ExitCode.OK))


async def _submit_files(
    desk: ServiceContext, contents: dict[str, bytes], channel: Channel, sender: str | None, at: datetime | None
) -> dict[str, SubmissionResult]:
    from rulebook.rulebook import load_rulebook

    desk = replace(desk, lobs=load_rulebook().lobs)
    return {name: await take_in(desk, raw, channel, sender, at) for name, raw in contents.items()}


def print_submission(name: str, outcome: SubmissionResult, as_json: bool) -> ExitCode:
    """Print the result of an arrival, for people; the exit code for it."""
    if not as_json:
        output.print_lines(f"{name}: {outcome.says}")
    if outcome.kind is SubmissionStatus.REFUSED:
        print_issues(outcome.problems)
        return (
            ExitCode.REFUSED
            if all(p.rule.startswith(_REJECTING_RULES) for p in outcome.problems)
            else ExitCode.NOT_READABLE
        )
    if not as_json and outcome.notes:
        print_error(f"  {len(outcome.notes)} remark(s) on the document; see them with --check.")
    return _CODES.get(outcome.kind, ExitCode.OK)


def _check_files(contents: dict[str, bytes], channel: Channel, at: datetime | None, as_json: bool) -> ExitCode:
    from engine import edge_clock

    found = {name: _read(raw, channel, at or edge_clock.now()) for name, raw in contents.items()}
    if as_json:
        output.print_json([_check_json(name, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _print_check(name, result)
    return ExitCode.NOT_READABLE if any(isinstance(result, NotReadable) for result in found.values()) else ExitCode.OK


def _read(raw: bytes, channel: Channel, at: datetime) -> Submission | NotReadable:
    try:
        return read_request(raw, at, channel)
    except NotReadable as wrong:
        return wrong


def _check_json(name: str, result: Submission | NotReadable) -> dict[str, object]:
    if isinstance(result, NotReadable):
        return {"file": name, "readable": False, "problems": list(result.problems), "notes": []}
    return {"file": name, "readable": True, "problems": [], "notes": list(result.notes)}


def _print_check(name: str, result: Submission | NotReadable) -> None:
    if isinstance(result, NotReadable):
        print_error(f"{name}: not readable, {len(result.problems)} problem(s)")
        print_issues(result.problems)
        return
    request = result.request
    what = f"{request.action.value} request, {len(request.lines)} line(s), {len(result.attachments)} document(s)"
    output.print_lines(f"{name}: readable ({what}). The member is checked when it is submitted.")
    for note in result.notes:
        output.print_lines(f"  remark: {note}")
