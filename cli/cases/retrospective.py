"""`umpire retro`: claims for retrospective review, their concerns and referrals, and process improvement findings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from cli.cases.submission import ArrivalChannel, Check, DocumentKind, ReceivedAt, Sender, submit_files
from cli.terminal import command_results, output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, User
from domain.case_numbers import CasePrefix, with_prefix
from domain.errors import NotOnFile
from domain.plain_language.phrases import count_phrase
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.vocabulary import Channel, ConcernKind
from intake import claims
from interop.plain.claim import ClaimSubmission, read_claim
from services.commands import retrospective_actions
from services.context import CommandResult, ServiceContext
from store import cases, retrospective_lessons

group = typer.Typer(no_args_is_help=True, help="Retrospective review: claims, concerns, referrals, findings.")
findings = typer.Typer(no_args_is_help=True, help="Process improvement findings of retrospective reviews.")
group.add_typer(findings, name="finding")
Review = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's number, such as RR-7K3QX2MDVH5A.")]
Description = Annotated[str, typer.Option(help="Description, for people.")]


@group.command()
def submit(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Plain claims; '-' is standard input.")],
    check: Check = False,
    channel: ArrivalChannel = Channel.COMMAND_LINE,
    sender: Sender = None,
    received_at: ReceivedAt = None,
    as_json: Json = False,
) -> None:
    """Submit claims for retrospective review.

    The bytes are stored with their receipt time before they are read. A claim that is on file already joins its review.
    """
    submit_files(context, _CLAIMS, files, check, channel, sender, received_at, as_json)


@group.command("raise-concern")
def raise_concern(
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
        lambda services, number: retrospective_actions.raise_concern(services, number, user, kind, what),
        as_json,
    )


@group.command("refer-to-compliance")
def refer_to_compliance(
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
        lambda services, number: retrospective_actions.refer_to_compliance(services, number, user, about, what),
        as_json,
    )


@findings.command("add")
def add_finding(
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
        lambda services, number: retrospective_actions.record_lesson(services, number, user, stage, what, suggestion),
        as_json,
    )


@findings.command("list")
def list_findings(
    context: typer.Context,
    stage: Annotated[ProcessStage | None, typer.Option(help="Only this step of the process.")] = None,
    as_json: Json = False,
) -> None:
    """List process improvement findings, the newest first."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = retrospective_lessons.all_lessons(s, stage)
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No finding is recorded yet.")
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
        with here.read_store() as s:
            known = cases.get(s, number)
        if known is None:
            raise NotOnFile(f"There is no retrospective review {review}.", "List what there is with 'umpire cases'.")
        command_results.print_result(here.run_with_services(lambda services: act(services, number)), as_json)


def _describe(found: ClaimSubmission) -> str:
    claim = found.claim
    lines, documents = count_phrase(len(claim.lines), "line"), count_phrase(len(found.attachments), "document")
    return f"claim {claim.claim_number}, {lines}, {documents}"


_CLAIMS = DocumentKind(read_claim, _describe, lambda found: found.notes, claims.submit_claim)
