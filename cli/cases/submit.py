"""`umpire submit`: requests, updates and cancellations from files, standard input or by hand, and templates of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from cli.cases.submission import ArrivalChannel, Check, DocumentKind, Issues, ReceivedAt, Sender, submit_files
from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Channel
from intake import submission
from intake.requests.checks import compare_with_directory
from interop.plain.templates import TEMPLATE_NAMES
from interop.reader import read_request
from interop.submission import Submission
from services.queries.request_formats import request_template


def submit(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="PAS request Bundles or plain requests; '-' is standard input."),
    ] = None,
    check: Check = False,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help=f"Print a plain request to edit and send: one of {', '.join(TEMPLATE_NAMES)}."
        ),
    ] = None,
    channel: ArrivalChannel = Channel.COMMAND_LINE,
    sender: Sender = None,
    received_at: ReceivedAt = None,
    as_json: Json = False,
) -> None:
    """Submit requests, updates and cancellations.

    The bytes are stored with their receipt time before they are read. A request that is on file already joins its case.
    """
    if bool(files) == (template is not None):
        raise typer.BadParameter("give either files, or --template")
    if template is not None:
        _print_template(template, cli_context(context).clock())
        return
    submit_files(context, _REQUESTS, files or [], check, channel, sender, received_at, as_json)


def _print_template(said: str, now: datetime) -> None:
    name = next((one for one in TEMPLATE_NAMES if one == said), None)
    if name is None:
        print_error(f"There is no template named {said}.", f"Templates: {', '.join(TEMPLATE_NAMES)}.")
        raise typer.Exit(ExitCode.USAGE)
    output.print_lines(request_template(name, now))


def _describe(found: Submission) -> str:
    request = found.request
    lines, documents = count_phrase(len(request.lines), "line"), count_phrase(len(found.attachments), "document")
    return f"{request.action.value} request, {lines}, {documents}"


def _compare(s: Session, found: Submission, at: datetime) -> tuple[Submission, Issues]:
    from rulebook.rulebook import load_rulebook  # a check where there is no store needs no rules

    book = load_rulebook()
    return compare_with_directory(s, found, book.lobs, book.criteria.dictionary, at)


_REQUESTS = DocumentKind(read_request, _describe, lambda found: found.notes, submission.submit, _compare)
