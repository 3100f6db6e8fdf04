"""`umpire retro`: claims for care that was given, what is raised about them, and what was learned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from cli.cases.submit import GRAVEST, tell_outcome
from cli.terminal import output, replies
from cli.terminal.context import office
from cli.terminal.errors import Exit, complain, problems, told
from cli.terminal.files import content_of, instant
from cli.terminal.options import Json, User
from domain.errors import NotReadable
from domain.retrospective.parts import Stage, Suspicion
from domain.vocabulary import Channel, ConcernKind
from engine import edge_clock
from intake import claims
from interop.plain.claim import ClaimSubmission, read_claim
from services.commands import retrospective_actions as looking_back
from services.context import Desk, NotFound, Outcome, Reply
from store import cases
from store import retrospective_lessons as lessons

group = typer.Typer(no_args_is_help=True, help="Care that was given: claims, concerns, lessons.")
Review = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's number, such as RR-7K3QX2MDVH5A.")]
What = Annotated[str, typer.Option(help="What it is, in words.")]


@group.command()
def submit(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Plain claims; '-' is standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Only read and validate: nothing is kept or started.")] = False,
    channel: Annotated[Channel, typer.Option(help="How the claim came.")] = Channel.COMMAND_LINE,
    sender: Annotated[str | None, typer.Option(help="Who sent it, as far as known.")] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="When it arrived, with offset: 2026-03-02T14:00-06:00. Now, unless given."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Submit claims for retrospective review.

    The bytes are kept with their receipt instant before anything reads them. A claim that is here already joins its review.
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


@group.command()
def concern(
    context: typer.Context,
    review: Review,
    user: User,
    kind: Annotated[ConcernKind, typer.Option(help="What kind.")],
    what: What,
    as_json: Json = False,
) -> None:
    """Raise a concern about the quality or the safety of the care; it goes to a process of its own."""
    _act(context, review, lambda desk, number: looking_back.raise_concern(desk, number, user, kind, what), as_json)


@group.command()
def refer(
    context: typer.Context,
    review: Review,
    user: User,
    about: Annotated[Suspicion, typer.Option(help="What about.")],
    what: What,
    as_json: Json = False,
) -> None:
    """Refer a suspicion, or a question of coverage, to compliance. The review decides nothing about it."""
    _act(context, review, lambda desk, number: looking_back.refer(desk, number, user, about, what), as_json)


@group.command()
def lesson(
    context: typer.Context,
    review: Review,
    user: User,
    stage: Annotated[Stage, typer.Option(help="Where in the process it fell short.")],
    what: What,
    suggestion: Annotated[str, typer.Option(help="What would help the next time.")],
    as_json: Json = False,
) -> None:
    """Record what fell short, where, and what would help the next time."""
    _act(
        context,
        review,
        lambda desk, number: looking_back.record_lesson(desk, number, user, stage, what, suggestion),
        as_json,
    )


@group.command("lessons")
def list_lessons(
    context: typer.Context,
    stage: Annotated[Stage | None, typer.Option(help="Only about this part of the process.")] = None,
    as_json: Json = False,
) -> None:
    """List what retrospective reviews learned, the newest first."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = lessons.every(s, stage)
        if as_json:
            output.as_json(found)
            return
        if not found:
            output.say("No lesson is recorded yet.")
            return
        rows = [
            (one.case_id, output.words(one.stage.value), one.what_went_wrong, one.suggestion, one.recorded_by)
            for one in found
        ]
        output.table(("Review", "Where", "What fell short", "Suggestion", "By"), rows)


def _act(context: typer.Context, review: str, act: Callable[[Desk, str], Awaitable[Reply]], as_json: bool) -> None:
    with told():
        here = office(context)
        number = review.strip().upper()
        number = number if number.startswith("RR-") else f"RR-{number}"
        with here.reading() as s:
            known = cases.get(s, number)
        if known is None:
            raise NotFound(f"There is no retrospective review {review}.", "List what there is with 'umpire cases'.")
        replies.show(here.desk(lambda desk: act(desk, number)), as_json)


async def _take_in(
    desk: Desk, contents: dict[str, bytes], channel: Channel, sender: str | None, at: datetime | None
) -> dict[str, Outcome]:
    from rulebook.rulebook import load_rulebook

    desk = replace(desk, lobs=load_rulebook().lobs)
    return {name: await claims.submit(desk, raw, channel, sender, at) for name, raw in contents.items()}


def _check(contents: dict[str, bytes], channel: Channel, at: datetime | None, as_json: bool) -> Exit:
    found = {name: _read(raw, channel, at or edge_clock.now()) for name, raw in contents.items()}
    if as_json:
        output.as_json([_as_data(name, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _say_checked(name, result)
    return Exit.NOT_READABLE if any(isinstance(result, NotReadable) for result in found.values()) else Exit.OK


def _read(raw: bytes, channel: Channel, at: datetime) -> ClaimSubmission | NotReadable:
    try:
        return read_claim(raw, at, channel)
    except NotReadable as wrong:
        return wrong


def _as_data(name: str, result: ClaimSubmission | NotReadable) -> dict[str, object]:
    if isinstance(result, NotReadable):
        return {"file": name, "readable": False, "problems": list(result.problems), "notes": []}
    return {"file": name, "readable": True, "problems": [], "notes": list(result.notes)}


def _say_checked(name: str, result: ClaimSubmission | NotReadable) -> None:
    if isinstance(result, NotReadable):
        complain(f"{name}: not readable, {len(result.problems)} problem(s)")
        problems(result.problems)
        return
    claim = result.claim
    what = f"claim {claim.claim_number}, {len(claim.lines)} line(s), {len(result.attachments)} document(s)"
    output.say(f"{name}: readable ({what}). The member is checked when it is submitted.")
    for note in result.notes:
        output.say(f"  remark: {note}")
