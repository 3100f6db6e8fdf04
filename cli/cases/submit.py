"""`umpire submit`: requests, updates and cancellations from files or standard input."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import office
from cli.terminal.errors import Exit, complain, problems, told
from cli.terminal.files import content_of, instant
from cli.terminal.options import Json
from domain.errors import NotReadable
from domain.vocabulary import Channel
from intake.submission import submit as take_in
from interop.reader import read_request
from interop.submission import Submission
from services.context import Desk, Outcome, OutcomeKind

_CODES = {OutcomeKind.KEPT: Exit.KEPT, OutcomeKind.HANDED_ON: Exit.KEPT}
GRAVEST = (Exit.UNREACHABLE, Exit.NOT_READABLE, Exit.REFUSED, Exit.KEPT)
_JUDGED = ("intake.", "case.", "message.", "extension.", "expedite.", "stay.", "update.")
"""Rules by which a request that could be read was not taken; every other rule is about reading."""


def submit(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="PAS request Bundles or plain requests; '-' is standard input."),
    ],
    check: Annotated[bool, typer.Option("--check", help="Only read and validate: nothing is kept or started.")] = False,
    channel: Annotated[Channel, typer.Option(help="How the request came.")] = Channel.COMMAND_LINE,
    sender: Annotated[str | None, typer.Option(help="Who sent it, as far as known.")] = None,
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

    The bytes are kept with their receipt instant before anything reads them. A request that is there already joins its case.
    """
    with told():
        here = None if check else office(context)
        at = instant(received_at, here)
        contents = {name: content_of(name) for name in files}
        if here is None:
            raise typer.Exit(_check(contents, channel, at, as_json))
        outcomes = here.desk(lambda desk: _take_in(desk, contents, channel, sender, at), without_engine=True)
        if as_json:
            output.as_json([{"file": name, **outcome.model_dump(mode="json")} for name, outcome in outcomes.items()])
        codes = {tell_outcome(name, outcome, as_json) for name, outcome in outcomes.items()}
        raise typer.Exit(next((code for code in GRAVEST if code in codes), Exit.OK))


async def _take_in(
    desk: Desk, contents: dict[str, bytes], channel: Channel, sender: str | None, at: datetime | None
) -> dict[str, Outcome]:
    from rulebook.rulebook import load_rulebook

    desk = replace(desk, lobs=load_rulebook().lobs)
    return {name: await take_in(desk, raw, channel, sender, at) for name, raw in contents.items()}


def tell_outcome(name: str, outcome: Outcome, as_json: bool) -> Exit:
    """What became of an arrival, for people, and the exit code that goes with it."""
    if not as_json:
        output.say(f"{name}: {outcome.says}")
    if outcome.kind is OutcomeKind.REFUSED:
        problems(outcome.problems)
        return Exit.REFUSED if all(p.rule.startswith(_JUDGED) for p in outcome.problems) else Exit.NOT_READABLE
    if not as_json and outcome.notes:
        complain(f"  {len(outcome.notes)} remark(s) on the document; see them with --check.")
    return _CODES.get(outcome.kind, Exit.OK)


def _check(contents: dict[str, bytes], channel: Channel, at: datetime | None, as_json: bool) -> Exit:
    from engine import edge_clock

    found = {name: _read(raw, channel, at or edge_clock.now()) for name, raw in contents.items()}
    if as_json:
        output.as_json([_as_data(name, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _say_checked(name, result)
    return Exit.NOT_READABLE if any(isinstance(result, NotReadable) for result in found.values()) else Exit.OK


def _read(raw: bytes, channel: Channel, at: datetime) -> Submission | NotReadable:
    try:
        return read_request(raw, at, channel)
    except NotReadable as wrong:
        return wrong


def _as_data(name: str, result: Submission | NotReadable) -> dict[str, object]:
    if isinstance(result, NotReadable):
        return {"file": name, "readable": False, "problems": list(result.problems), "notes": []}
    return {"file": name, "readable": True, "problems": [], "notes": list(result.notes)}


def _say_checked(name: str, result: Submission | NotReadable) -> None:
    if isinstance(result, NotReadable):
        complain(f"{name}: not readable, {len(result.problems)} problem(s)")
        problems(result.problems)
        return
    request = result.request
    what = f"{request.action.value} request, {len(request.lines)} line(s), {len(result.attachments)} document(s)"
    output.say(f"{name}: readable ({what}). The member is checked when it is submitted.")
    for note in result.notes:
        output.say(f"  remark: {note}")
