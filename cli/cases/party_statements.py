"""Options of commands that enter what a party said, and the statement that is made of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import command_results
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import cli_context
from cli.terminal.instants import as_utc
from domain.authorization.messages import PartyStatement
from domain.vocabulary import AskedBy, Channel
from services.context import CommandResult, ServiceContext

AskingParty = Annotated[AskedBy, typer.Option(help="The party that asks.")]
Asker = Annotated[str, typer.Option(help="The person who asked.")]
AskedThrough = Annotated[Channel, typer.Option(help="The channel through which they asked.")]
AskedAt = Annotated[datetime | None, typer.Option(help="When they asked (UTC); now unless given.")]
ShownBy = Annotated[str | None, typer.Option(help="The id of the document on the case that shows it.")]
SaidNote = Annotated[str | None, typer.Option(help="What was said, where there is no document.")]


def make_statement(
    context: typer.Context,
    person: str,
    channel: Channel,
    said_at: datetime | None,
    document: str | None,
    note: str | None,
) -> PartyStatement:
    """The party's statement as typed: `said_at` is UTC unless it names an offset, and now when none was typed."""
    at = as_utc(said_at, cli_context(context).clock())
    return PartyStatement(person=person, channel=channel, at=at, document_id=document, note=note)


def act_on_request(
    context: typer.Context,
    case: str,
    act: Callable[[ServiceContext, str], Awaitable[CommandResult]],
    as_json: bool,
) -> None:
    """Carry out an action on the case that the typed number names, and print its result."""
    here = cli_context(context)
    with here.read_store() as s:
        case_id = resolve_request_number(s, case)
    command_results.print_result(here.run_with_services(lambda services: act(services, case_id)), as_json)
