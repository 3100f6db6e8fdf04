"""`umpire submit`: requests, updates and cancellations from files, standard input or by hand, and templates of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from cli.cases.hand_entry import HandOptions, enter_by_hand
from cli.cases.submission import Check, DocumentKind, Issues, ReceivedAt, Sender, load_facts, submit_files
from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import AskedBy, Channel, CodeSystem, ServiceKind, Urgency
from intake import submission
from intake.requests.checks import compare_with_directory
from intake.requests.foreign_units import with_foreign_units
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
    by_hand: Annotated[
        bool,
        typer.Option("--by-hand", help="Enter a request by phone, fax or mail. What no option gives is asked for."),
    ] = False,
    channel: Annotated[
        Channel | None,
        typer.Option(help="Channel of the arrival: command_line unless given; by hand phone, fax or mail."),
    ] = None,
    sender: Sender = None,
    received_at: ReceivedAt = None,
    user: Annotated[
        str | None,
        typer.Option("--as", envvar="UMPIRE_USER", show_envvar=True, help="By hand: who took it, a reviewer id."),
    ] = None,
    caller: Annotated[str | None, typer.Option(help="By hand: the name of the one who called or sent it.")] = None,
    caller_phone: Annotated[str | None, typer.Option(help="By hand: the number to call back.")] = None,
    member: Annotated[str | None, typer.Option(metavar="MEMBER-ID", help="By hand: the member id on the card.")] = None,
    service_kind: Annotated[ServiceKind | None, typer.Option(help="By hand: the kind of service.")] = None,
    urgency: Annotated[Urgency | None, typer.Option(help="By hand: how urgent it is.")] = None,
    asked_by: Annotated[AskedBy | None, typer.Option(help="By hand: who asks for the care.")] = None,
    physician_statement: Annotated[
        bool | None,
        typer.Option(
            "--physician-statement/--no-physician-statement",
            help="By hand: whether a physician says that waiting could seriously harm the member.",
        ),
    ] = None,
    requester: Annotated[str | None, typer.Option(metavar="NPI", help="By hand: the provider who asks.")] = None,
    requester_name: Annotated[str | None, typer.Option(help="By hand: that provider's name.")] = None,
    requester_fax: Annotated[str | None, typer.Option(help="By hand: that provider's fax number.")] = None,
    ordering: Annotated[str | None, typer.Option(metavar="NPI", help="By hand: the ordering practitioner.")] = None,
    diagnosis: Annotated[
        list[str] | None, typer.Option(help="By hand: an ICD-10-CM code, the principal one first; may be repeated.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="By hand: the code of the service.")] = None,
    code_system: Annotated[CodeSystem | None, typer.Option(help="By hand: the system of that code.")] = None,
    service: Annotated[str | None, typer.Option(help="By hand: the service in words.")] = None,
    quantity: Annotated[str | None, typer.Option(help="By hand: how much is asked for.")] = None,
    unit: Annotated[str | None, typer.Option(help="By hand: what the quantity counts, such as visit or day.")] = None,
    first_day: Annotated[str | None, typer.Option(metavar="DAY", help="By hand: the first day of service.")] = None,
    last_day: Annotated[str | None, typer.Option(metavar="DAY", help="By hand: the last day of service.")] = None,
    fact: Annotated[
        list[str] | None, typer.Option(metavar="ID=VALUE", help="By hand: a fact that was stated; may be repeated.")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="By hand: a file that came along, such as a fax.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="By hand: a note of the call.")] = None,
    as_json: Json = False,
) -> None:
    """Submit requests, updates and cancellations.

    The bytes are stored with their receipt time before they are read. A request that is on file already joins its case.
    """
    if sum((bool(files), template is not None, by_hand)) != 1:
        raise typer.BadParameter("give either files, or --template, or --by-hand")
    if template is not None:
        _print_template(template, cli_context(context).clock())
        return
    if by_hand:
        given = HandOptions(
            channel=channel,
            received_at=received_at,
            user=user,
            caller=caller,
            caller_phone=caller_phone,
            member=member,
            service_kind=service_kind,
            urgency=urgency,
            asked_by=asked_by,
            physician_statement=physician_statement,
            requester=requester,
            requester_name=requester_name,
            requester_fax=requester_fax,
            ordering=ordering,
            diagnoses=tuple(diagnosis or ()),
            code=code,
            code_system=code_system,
            service=service,
            quantity=quantity,
            unit=unit,
            first_day=first_day,
            last_day=last_day,
            facts=tuple(fact or ()),
            documents=tuple(document or ()),
            note=note,
        )
        with handle_errors():
            enter_by_hand(cli_context(context), given, as_json)
    channel = channel or Channel.COMMAND_LINE
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


def _read(raw: bytes, received_at: datetime, channel: Channel) -> Submission:
    """Read a request as intake does, with remarks on the units of its facts."""
    return with_foreign_units(read_request(raw, received_at, channel), load_facts().by_id)


_REQUESTS = DocumentKind(_read, _describe, lambda found: found.notes, submission.submit, _compare)
