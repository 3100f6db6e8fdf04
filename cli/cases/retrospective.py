"""`umpire retro`: claims for retrospective review, their concerns and referrals, and process improvement findings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from cli.cases.submit import EXIT_PRIORITY, print_submission
from cli.terminal import command_results, output
from cli.terminal.context import cli_context
from cli.terminal.errors import ExitCode, handle_errors, print_error, print_issues
from cli.terminal.files import parse_received_at, read_content
from cli.terminal.options import Json, User
from domain.case_numbers import CasePrefix, with_prefix
from domain.errors import NotReadable
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.vocabulary import Channel, ConcernKind
from engine import edge_clock
from intake import claims
from interop.plain.claim import ClaimSubmission, read_claim
from services.commands import retrospective_actions
from services.context import CommandResult, NotOnFile, ServiceContext, SubmissionResult
from store import cases, retrospective_lessons

group = typer.Typer(no_args_is_help=True, help="Retrospective review: claims, concerns, referrals, lessons.")
Review = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's number, such as RR-7K3QX2MDVH5A.")]
Description = Annotated[str, typer.Option(help="Description, for people.")]


@group.command()
def submit(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Plain claims; '-' is standard input.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only read and validate: nothing is stored or started.")
    ] = False,
    channel: Annotated[Channel, typer.Option(help="Channel of the claim.")] = Channel.COMMAND_LINE,
    sender: Annotated[str | None, typer.Option(help="The sender, if known.")] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="When it arrived, with offset: 2026-03-02T14:00-06:00. Now, unless given."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Submit claims for retrospective review.

    The bytes are stored with their receipt time before they are read. A claim that is on file already joins its review.
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


@group.command()
def concern(
    context: typer.Context,
    review: Review,
    user: User,
    kind: Annotated[ConcernKind, typer.Option(help="Kind of concern.")],
    what: Description,
    as_json: Json = False,
) -> None:
    """Report a concern about the quality or safety of the care; it becomes a case of its own."""
    _run_action(
        context,
        review,
        lambda desk, number: retrospective_actions.raise_concern(desk, number, user, kind, what),
        as_json,
    )


@group.command()
def refer(
    context: typer.Context,
    review: Review,
    user: User,
    about: Annotated[Suspicion, typer.Option(help="Subject of the referral.")],
    what: Description,
    as_json: Json = False,
) -> None:
    """Refer a suspicion, or a question of coverage, to compliance. The review itself does not decide it."""
    _run_action(
        context,
        review,
        lambda desk, number: retrospective_actions.refer_to_compliance(desk, number, user, about, what),
        as_json,
    )


@group.command()
def lesson(
    context: typer.Context,
    review: Review,
    user: User,
    stage: Annotated[ProcessStage, typer.Option(help="The step of the process that went wrong.")],
    what: Description,
    suggestion: Annotated[str, typer.Option(help="Suggestion for improvement.")],
    as_json: Json = False,
) -> None:
    """Record a process improvement finding: the step, what went wrong, and a suggestion."""
    _run_action(
        context,
        review,
        lambda desk, number: retrospective_actions.record_lesson(desk, number, user, stage, what, suggestion),
        as_json,
    )


@group.command("lessons")
def list_lessons(
    context: typer.Context,
    stage: Annotated[ProcessStage | None, typer.Option(help="Only this step of the process.")] = None,
    as_json: Json = False,
) -> None:
    """List the lessons of retrospective reviews, the newest first."""
    with handle_errors():
        here = cli_context(context)
        with here.reading() as s:
            found = retrospective_lessons.all_lessons(s, stage)
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No lesson is recorded yet.")
            return
        rows = [
            (one.case_id, output.spell_out(one.stage.value), one.what_went_wrong, one.suggestion, one.recorded_by)
            for one in found
        ]
        output.print_table(("Review", "Step", "What went wrong", "Suggestion", "By"), rows)


def _run_action(
    context: typer.Context, review: str, act: Callable[[ServiceContext, str], Awaitable[CommandResult]], as_json: bool
) -> None:
    with handle_errors():
        here = cli_context(context)
        number = with_prefix(CasePrefix.RETROSPECTIVE_REVIEW, review)
        with here.reading() as s:
            known = cases.get(s, number)
        if known is None:
            raise NotOnFile(f"There is no retrospective review {review}.", "List what there is with 'umpire cases'.")
        command_results.print_result(here.desk(lambda desk: act(desk, number)), as_json)


async def _submit_files(
    desk: ServiceContext, contents: dict[str, bytes], channel: Channel, sender: str | None, at: datetime | None
) -> dict[str, SubmissionResult]:
    from rulebook.rulebook import load_rulebook

    desk = replace(desk, lobs=load_rulebook().lobs)
    return {name: await claims.submit_claim(desk, raw, channel, sender, at) for name, raw in contents.items()}


def _check_files(contents: dict[str, bytes], channel: Channel, at: datetime | None, as_json: bool) -> ExitCode:
    found = {name: _read(raw, channel, at or edge_clock.now()) for name, raw in contents.items()}
    if as_json:
        output.print_json([_check_json(name, result) for name, result in found.items()])
    else:
        for name, result in found.items():
            _print_check(name, result)
    return ExitCode.NOT_READABLE if any(isinstance(result, NotReadable) for result in found.values()) else ExitCode.OK


def _read(raw: bytes, channel: Channel, at: datetime) -> ClaimSubmission | NotReadable:
    try:
        return read_claim(raw, at, channel)
    except NotReadable as wrong:
        return wrong


def _check_json(name: str, result: ClaimSubmission | NotReadable) -> dict[str, object]:
    if isinstance(result, NotReadable):
        return {"file": name, "readable": False, "problems": list(result.problems), "notes": []}
    return {"file": name, "readable": True, "problems": [], "notes": list(result.notes)}


def _print_check(name: str, result: ClaimSubmission | NotReadable) -> None:
    if isinstance(result, NotReadable):
        print_error(f"{name}: not readable, {len(result.problems)} problem(s)")
        print_issues(result.problems)
        return
    claim = result.claim
    what = f"claim {claim.claim_number}, {len(claim.lines)} line(s), {len(result.attachments)} document(s)"
    output.print_lines(f"{name}: readable ({what}). The member is checked when it is submitted.")
    for note in result.notes:
        output.print_lines(f"  remark: {note}")
