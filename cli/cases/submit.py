"""`umpire submit`: requests, updates and cancellations from files or standard input."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.cases.submission import (
    ArrivalChannel,
    Check,
    DocumentKind,
    ReceivedAt,
    Sender,
    load_fact_definitions,
    submit_files,
)
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Channel
from intake import submission
from intake.requests.foreign_units import with_foreign_units
from interop.reader import read_request
from interop.submission import Submission


def submit(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="PAS request Bundles or plain requests; '-' is standard input."),
    ],
    check: Check = False,
    channel: ArrivalChannel = Channel.COMMAND_LINE,
    sender: Sender = None,
    received_at: ReceivedAt = None,
    as_json: Json = False,
) -> None:
    """Submit requests, updates and cancellations.

    The bytes are stored with their receipt time before they are read. A request that is on file already joins its case.
    """
    submit_files(context, _REQUESTS, files, check, channel, sender, received_at, as_json)


def _describe(found: Submission) -> str:
    request = found.request
    lines, documents = count_phrase(len(request.lines), "line"), count_phrase(len(found.attachments), "document")
    return f"{request.action.value} request, {lines}, {documents}"


def _read(raw: bytes, received_at: datetime, channel: Channel) -> Submission:
    """Read a request as intake does, with remarks on the units of its facts."""
    return with_foreign_units(read_request(raw, received_at, channel), load_fact_definitions())


_REQUESTS = DocumentKind(_read, _describe, lambda found: found.notes, submission.submit)
