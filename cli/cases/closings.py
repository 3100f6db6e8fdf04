"""Commands that end a request without a determination, vacate a dismissal, or enter a grievance about a request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.cases.party_statements import (
    AskedAt,
    AskedThrough,
    Asker,
    AskingParty,
    SaidNote,
    ShownBy,
    act_on_request,
    make_statement,
)
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import DAY_FORMATS, as_day, as_utc
from cli.terminal.options import CaseNumber, Json, User
from domain.decisions.closings import (
    Closing,
    ContactEffort,
    Dismissal,
    DismissalReason,
    ImproperFiling,
    Misdirection,
    OutsideCoverage,
)
from domain.errors import NotReadable, ValidationIssue
from domain.vocabulary import Channel
from services.commands import closing_actions


def dismiss(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    reason: Annotated[DismissalReason, typer.Option(help="The reason, as the rule of the line of business knows it.")],
    explanation: Annotated[str, typer.Option(help="What the letters say of this request, in plain words.")],
    effort: Annotated[
        list[str] | None,
        typer.Option(
            help="An effort to get what is missing, as 'WHEN | CHANNEL | WHOM | RESULT' (UTC); may be repeated."
        ),
    ] = None,
    form_due: Annotated[
        datetime | None, typer.Option(formats=DAY_FORMATS, help="The last day given for a representative's form.")
    ] = None,
    died_on: Annotated[
        datetime | None, typer.Option(formats=DAY_FORMATS, help="The day on which the member died.")
    ] = None,
    nobody_pursues: Annotated[
        bool | None,
        typer.Option(
            "--nobody-pursues/--somebody-pursues",
            help="Whether neither spouse nor estate nor anybody else with a financial interest goes on with it.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Dismiss a request. Nothing is decided about the care; the letters say how to have the dismissal undone or reviewed.

    For trained staff with the credential for it; whoever reviews the case may not.
    """
    with handle_errors():
        closing = Dismissal(
            reason=reason,
            explanation=explanation,
            efforts=tuple(_effort(text) for text in effort or ()),
            form_due=as_day(form_due),
            died_on=as_day(died_on),
            nobody_pursues=nobody_pursues,
        )
        _close(context, case, user, closing, as_json)


def vacate(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    good_cause: Annotated[str, typer.Option(help="The good cause.")],
    by: AskingParty,
    person: Asker,
    channel: AskedThrough,
    asked_at: AskedAt = None,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Vacate a dismissal for good cause. The case opens again with its receipt; the time of the dismissal does not count."""
    with handle_errors():
        asked = make_statement(context, person, channel, asked_at, document, note)
        act_on_request(
            context,
            case,
            lambda on, to: closing_actions.vacate_dismissal(on, to, user, by, asked, good_cause),
            as_json,
        )


def not_covered(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    checked_in: Annotated[str, typer.Option(help="The system or file in which enrollment was looked up.")],
    checked_at: Annotated[datetime | None, typer.Option(help="When it was looked up (UTC); now unless given.")] = None,
    covered_through: Annotated[
        datetime | None,
        typer.Option(formats=DAY_FORMATS, help="The last covered day, where coverage ends within the request."),
    ] = None,
    other_payer: Annotated[str | None, typer.Option(help="Who covers the other days, if that is known.")] = None,
    as_json: Json = False,
) -> None:
    """Tell the requester that the person is not a member on these days. Covered days are decided, the others are not.

    For enrollment staff with the credential for it.
    """
    with handle_errors():
        here = cli_context(context)
        closing = OutsideCoverage(
            checked_in=checked_in,
            checked_at=as_utc(checked_at, here.clock()),
            covered_through=as_day(covered_through),
            other_payer=other_payer,
        )
        _close(context, case, user, closing, as_json)


def forward(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    to: Annotated[str, typer.Option(help="The plan or payer that the request is for.")],
    channel: Annotated[Channel, typer.Option(help="The channel by which it was forwarded.")],
    address: Annotated[str, typer.Option(help="The number or address to which it went.")],
    proof: Annotated[str | None, typer.Option(help="The number of the transmission, or a tracking number.")] = None,
    document: ShownBy = None,
    sent_at: Annotated[datetime | None, typer.Option(help="When it was forwarded (UTC); now unless given.")] = None,
    as_json: Json = False,
) -> None:
    """Record that a request for another plan was forwarded, with the proof. Its first arrival stays the receipt."""
    with handle_errors():
        here = cli_context(context)
        closing = Misdirection(
            to=to,
            channel=channel,
            address=address,
            sent_at=as_utc(sent_at, here.clock()),
            proof=proof,
            document_id=document,
        )
        _close(context, case, user, closing, as_json)


def not_filed(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    missing: Annotated[list[str], typer.Option(help="What the request lacks; may be repeated.")],
    how_to_file: Annotated[str, typer.Option(help="How to file it properly, in plain words.")],
    told: Annotated[str | None, typer.Option(help="Who was told by telephone.")] = None,
    number: Annotated[str | None, typer.Option(help="The number that was called.")] = None,
    told_at: Annotated[datetime | None, typer.Option(help="When (UTC); now unless given.")] = None,
    in_writing: Annotated[
        bool | None, typer.Option("--in-writing/--orally", help="Whether they asked for it in writing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell the claimant that a request missed the plan's procedure, in 5 days, or 24 hours if it is urgent.

    A call counts from when it was made; letters go out in any case (29 CFR 2560.503-1(c)(1)).
    """
    with handle_errors():
        here = cli_context(context)
        called = told is not None or told_at is not None
        closing = ImproperFiling(
            missing=tuple(missing),
            how_to_file=how_to_file,
            told=told,
            number=number,
            told_at=as_utc(told_at, here.clock()) if called else None,
            in_writing=in_writing,
        )
        _close(context, case, user, closing, as_json)


def grievance(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    about: Annotated[
        Literal["extension", "expedite_refusal"],
        typer.Option(help="What it is about: more time, or not expediting."),
    ],
    said: Annotated[str, typer.Option(help="What was said.")],
    person: Annotated[str, typer.Option(help="The person who complained.")],
    channel: Annotated[Channel, typer.Option(help="The channel through which they did.")],
    said_at: Annotated[datetime | None, typer.Option(help="When (UTC); now unless given.")] = None,
    document: ShownBy = None,
    as_json: Json = False,
) -> None:
    """Enter a grievance about more time taken, or about not expediting. It is answered within 24 hours, by somebody else."""
    with handle_errors():
        asked = make_statement(context, person, channel, said_at, document, said)
        act_on_request(
            context, case, lambda on, to: closing_actions.file_grievance(on, to, user, about, asked, said), as_json
        )


def _close(context: typer.Context, case: str, user: str, closing: Closing, as_json: bool) -> None:
    act_on_request(context, case, lambda on, to: closing_actions.close_undecided(on, to, user, closing), as_json)


def _effort(text: str) -> ContactEffort:
    """An effort as it is typed. Raises NotReadable with what is expected."""
    parts = [part.strip() for part in text.split("|")]
    try:
        when, channel, person, result = parts
        at = datetime.fromisoformat(when)
        return ContactEffort(at=as_utc(at, at), channel=Channel(channel), person=person, result=result)
    except ValueError:
        known = ", ".join(channel.value for channel in Channel)
        issue = ValidationIssue(
            path="--effort",
            rule="effort.form",
            message="an effort that cannot be read",
            expected=f"'2026-11-05 16:30 | phone | whom you called | what came of it'; channels are {known}",
        )
        raise NotReadable((issue,)) from None
