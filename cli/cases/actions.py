"""What people do with a case: more records, withdrawal, expediting, more time, peer-to-peer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.terminal import replies
from cli.terminal.context import known_request, office
from cli.terminal.errors import told
from cli.terminal.files import content_of
from cli.terminal.options import CaseNumber, Json, MaybeUser, User, actor_of
from domain.vocabulary import AskedBy
from intake.requests.records import add_documents
from services.commands import case_actions as actions


def add_document(
    context: typer.Context,
    case: CaseNumber,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A document, or records as JSON; '-' is standard input.")],
    user: MaybeUser = None,
    title: Annotated[str | None, typer.Option(help="The title of a document; its file name unless given.")] = None,
    as_document: Annotated[
        bool, typer.Option("--as-document", help="Keep JSON as a document to be read by people.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a document or clinical records to a case.

    FHIR Observations, Conditions and QuestionnaireResponses (alone or in a Bundle) and plain JSON with "facts", "answers",
    "statements" or "documents" are read into facts. Anything else is kept as a document.
    """
    with told():
        here = office(context)
        with here.reading() as s:
            case_id = known_request(s, case)
        raw, name = content_of(file), title or Path(file).name
        reply = here.desk(
            lambda desk: add_documents(desk, case_id, raw, name, actor_of(user), as_document=as_document),
            without_engine=True,
        )
        replies.show(reply, as_json)


def withdraw(
    context: typer.Context,
    case: CaseNumber,
    by: Annotated[AskedBy, typer.Option(help="In whose name.")] = AskedBy.PROVIDER,
    why: Annotated[str | None, typer.Option(help="The reason, as given.")] = None,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Take a request back. Letters say so; nothing is decided."""
    with told():
        here = office(context)
        with here.reading() as s:
            case_id = known_request(s, case)
        replies.show(here.desk(lambda desk: actions.withdraw(desk, case_id, by, why, actor_of(user))), as_json)


def expedite(
    context: typer.Context,
    case: CaseNumber,
    by: Annotated[AskedBy, typer.Option(help="Who asks.")] = AskedBy.PROVIDER,
    physician_statement: Annotated[
        bool | None,
        typer.Option(
            "--physician-statement/--no-physician-statement",
            help="A physician says that the standard time could seriously harm: then expediting is mandatory.",
        ),
    ] = None,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Ask for an expedited review. Without a physician's statement a clinician decides it at once."""
    with told():
        here = office(context)
        with here.reading() as s:
            case_id = known_request(s, case)
        reply = here.desk(lambda desk: actions.expedite(desk, case_id, by, physician_statement, actor_of(user)))
        replies.show(reply, as_json)


def extend(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    reason: Annotated[
        Literal["enrollee_asked", "missing_information", "plan_justified"], typer.Option(help="Why more time is taken.")
    ],
    justification: Annotated[str, typer.Option(help="The reason in words for the member's letter.")],
    days: Annotated[int | None, typer.Option(min=1, help="How many days, where the rule leaves a choice.")] = None,
    as_json: Json = False,
) -> None:
    """Take more time for a decision, as far as the clock's rule allows; it counts when its letter is out in time."""
    with told():
        here = office(context)
        with here.reading() as s:
            case_id = known_request(s, case)
        replies.show(here.desk(lambda desk: actions.extend(desk, case_id, user, reason, justification, days)), as_json)


def peer_to_peer(
    context: typer.Context,
    case: CaseNumber,
    result: Annotated[
        Literal["held", "declined", "provider_no_show", "plan_no_show"], typer.Option(help="How it went.")
    ],
    note: Annotated[str | None, typer.Option(help="What was said, as far as it matters.")] = None,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Record how an offered peer-to-peer went. When the plan misses the call, the offer stays open."""
    with told():
        here = office(context)
        with here.reading() as s:
            case_id = known_request(s, case)
        replies.show(here.desk(lambda desk: actions.peer_to_peer(desk, case_id, result, note, actor_of(user))), as_json)
