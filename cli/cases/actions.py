"""Commands on an authorization: add records, withdraw, reinstate, expedite, extend, record a peer-to-peer."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.cases.party_statements import (
    AskedAt,
    AskedThrough,
    Asker,
    SaidNote,
    ShownBy,
    act_on_request,
    make_statement,
)
from cli.cases.submission import load_facts
from cli.terminal import command_results
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.files import read_content
from cli.terminal.instants import as_utc
from cli.terminal.options import CaseNumber, Json, OptionalUser, User, actor_of
from domain.authorization.messages import ContactLog, ExtensionGround
from domain.vocabulary import AskedBy, Channel
from intake import reinstatement
from intake.requests.records import add_documents
from services.commands import case_actions
from services.context import CommandResult, ServiceContext

StatedReason = Annotated[str | None, typer.Option(help="The stated reason.")]


def add_document(
    context: typer.Context,
    case: CaseNumber,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A document, or records as JSON; '-' is standard input.")],
    user: OptionalUser = None,
    title: Annotated[str | None, typer.Option(help="The title of a document; its file name unless given.")] = None,
    as_document: Annotated[
        bool, typer.Option("--as-document", help="Store JSON as a document for people to read.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a document or clinical records to a case.

    FHIR Observations, Conditions and QuestionnaireResponses (alone or in a Bundle) and plain JSON with "facts", "answers",
    "statements" or "documents" are read into facts. Anything else is stored as a document.
    """
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            case_id = resolve_request_number(s, case)
        raw, name = read_content(file), title or Path(file).name
        facts = load_facts()

        def add(services: ServiceContext) -> Awaitable[CommandResult]:
            knowing = replace(services, facts=facts)
            return add_documents(knowing, case_id, raw, name, actor_of(user), as_document=as_document)

        reply = here.run_with_services(add, without_temporal=True)
        command_results.print_result(reply, as_json)


def withdraw(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    by: Annotated[AskedBy, typer.Option(help="The party that withdraws.")],
    person: Asker,
    channel: AskedThrough,
    asked_at: AskedAt = None,
    document: ShownBy = None,
    note: SaidNote = None,
    why: StatedReason = None,
    as_json: Json = False,
) -> None:
    """Withdraw a request. Letters confirm it; nothing is decided.

    Enter who asked, how and when, with the document or a note that shows it. Whoever reviews the case may not enter it.
    """
    with handle_errors():
        said = make_statement(context, person, channel, asked_at, document, note)
        act_on_request(
            context, case, lambda on, to: case_actions.withdraw_request(on, to, by, said, user, why), as_json
        )


def reinstate(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    by: Annotated[AskedBy, typer.Option(help="The party that takes its withdrawal back.")],
    person: Asker,
    channel: AskedThrough,
    asked_at: AskedAt = None,
    document: ShownBy = None,
    note: SaidNote = None,
    why: StatedReason = None,
    as_json: Json = False,
) -> None:
    """Take a withdrawal back. The review goes on; one call of the party that withdrew is enough.

    While the case is open it goes on with its receipt and clocks. A closed one goes on as a new case, received at the call.
    """
    with handle_errors():
        said = make_statement(context, person, channel, asked_at, document, note)
        act_on_request(context, case, lambda on, to: reinstatement.reinstate(on, to, by, said, user, why), as_json)


def expedite(
    context: typer.Context,
    case: CaseNumber,
    by: Annotated[AskedBy, typer.Option(help="The party that asks.")] = AskedBy.PROVIDER,
    physician_statement: Annotated[
        bool | None,
        typer.Option(
            "--physician-statement/--no-physician-statement",
            help="A physician states that the standard time could seriously harm: expediting is then mandatory.",
        ),
    ] = None,
    user: OptionalUser = None,
    as_json: Json = False,
) -> None:
    """Request an expedited review. Without a physician's statement a clinician decides promptly whether to expedite."""
    with handle_errors():
        act_on_request(
            context, case, lambda on, to: case_actions.request_expedite(on, to, by, physician_statement, user), as_json
        )


def extend(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    reason: Annotated[
        Literal["enrollee_asked", "missing_information", "plan_justified"],
        typer.Option(help="The ground for the extension."),
    ],
    justification: Annotated[str, typer.Option(help="The reason as printed in the member's letter.")],
    days: Annotated[int | None, typer.Option(min=1, help="Number of days, where the rule allows a choice.")] = None,
    ground: Annotated[
        Literal["enrollee_asked", "noncontract_evidence", "extraordinary"] | None,
        typer.Option(help="The coded ground, where the rulebook asks for one."),
    ] = None,
    fact: Annotated[str, typer.Option(help="What was asked, is awaited and may change, or is extraordinary.")] = "",
    person: Annotated[str | None, typer.Option(help="The person who asked for more time.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="The channel through which they asked.")] = None,
    provider: Annotated[str | None, typer.Option(help="The NPI of the provider whose evidence is awaited.")] = None,
    second: Annotated[str | None, typer.Option(help="The second reviewer who agrees, for an expedited case.")] = None,
    as_json: Json = False,
) -> None:
    """Extend the deadline of a decision, as far as the clock's rule allows; valid when its letter is mailed in time."""
    with handle_errors():
        asked = None
        if person is not None and channel is not None:
            asked = make_statement(context, person, channel, None, None, fact)
        stated = ExtensionGround(code=ground, fact=fact, party=asked, provider_npi=provider) if ground else None
        act_on_request(
            context,
            case,
            lambda on, to: case_actions.extend_deadline(on, to, user, reason, justification, days, stated, second),
            as_json,
        )


def peer_to_peer(
    context: typer.Context,
    case: CaseNumber,
    result: Annotated[
        Literal["held", "declined", "provider_no_show", "plan_no_show"], typer.Option(help="The result of the call.")
    ],
    user: User,
    called: Annotated[str | None, typer.Option(help="Who was called.")] = None,
    number: Annotated[str | None, typer.Option(help="The number that was called.")] = None,
    called_at: Annotated[datetime | None, typer.Option(help="When (UTC); now unless given.")] = None,
    called_by: Annotated[str | None, typer.Option(help="Who called: a reviewer id; you unless given.")] = None,
    note: Annotated[str | None, typer.Option(help="Summary of the call.")] = None,
    as_json: Json = False,
) -> None:
    """Record the result of an offered peer-to-peer. When the plan misses the call, the offer stays open.

    Any other result needs the log of the call: whom you called, and under which number.
    """
    with handle_errors():
        contact = None
        if called is not None and number is not None:
            at = as_utc(called_at, cli_context(context).clock())
            contact = ContactLog(called=called, number=number, at=at, by=called_by or user)
        act_on_request(
            context,
            case,
            lambda on, to: case_actions.record_peer_to_peer(on, to, result, user, contact, note),
            as_json,
        )
