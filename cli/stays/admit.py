"""`umpire admit`: notices of admissions from HL7 v2 files, or entered by hand; and settling whose stay one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import Office, office
from cli.terminal.errors import Exit, problems, told
from cli.terminal.files import content_of
from cli.terminal.options import Json
from domain.errors import Refusal, Refused
from domain.stays.adt import AdtKind, PatientClass
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.admissions.meaning import Settlement
from intake.admissions.outcome import AdmissionKind, AdmissionOutcome
from interop.plain.admission import Admission
from services.context import Desk, NotFound
from services.queries.access import MAY_RESOLVE
from store import directory

_CODES = {
    AdmissionKind.KEPT: Exit.KEPT,
    AdmissionKind.MUST_LOOK: Exit.REFUSED,
    AdmissionKind.REJECTED: Exit.NOT_READABLE,
}
_GRAVEST = (Exit.NOT_READABLE, Exit.REFUSED, Exit.KEPT)
_INSTANT = "with offset: 2026-03-02T14:00-06:00"


def admit(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...]", help="HL7 v2 ADT messages or batches; '-' is standard input."),
    ] = None,
    sender: Annotated[str | None, typer.Option(help="Who sent the files, as far as known.")] = None,
    inbox: Annotated[
        str | None, typer.Option(metavar="ITEM", help="Settle whose stay this arrival is about, with --member.")
    ] = None,
    member: Annotated[
        str | None, typer.Option(metavar="MEMBER-ID", help="The member, as the directory knows them.")
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Enter a notice that came by telephone, fax or mail.")
    ] = False,
    facility: Annotated[str | None, typer.Option(help="By hand: the facility, as its messages name it.")] = None,
    facility_npi: Annotated[str | None, typer.Option(metavar="NPI", help="By hand: its NPI.")] = None,
    visit: Annotated[str | None, typer.Option(help="By hand: the facility's number of the visit.")] = None,
    account: Annotated[
        str | None, typer.Option(help="By hand: its account number, where there is no visit number.")
    ] = None,
    patient_class: Annotated[
        PatientClass, typer.Option("--class", help="By hand: the patient class.")
    ] = PatientClass.UNKNOWN,
    event: Annotated[AdtKind, typer.Option(help="By hand: what happened.")] = AdtKind.ADMIT,
    admitted_at: Annotated[str | None, typer.Option(metavar="INSTANT", help=f"By hand, {_INSTANT}.")] = None,
    happened_at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="By hand: when the event took place; the admission unless given."),
    ] = None,
    discharged_at: Annotated[str | None, typer.Option(metavar="INSTANT", help=f"By hand, {_INSTANT}.")] = None,
    unit: Annotated[str | None, typer.Option(help="By hand: the unit.")] = None,
    disposition: Annotated[str | None, typer.Option(help="By hand: where the patient was discharged to.")] = None,
    diagnosis: Annotated[list[str] | None, typer.Option(help="By hand: an ICD-10-CM code; may be repeated.")] = None,
    channel: Annotated[Channel, typer.Option(help="By hand: how the notice came.")] = Channel.PHONE,
    user: Annotated[
        str | None,
        typer.Option("--as", envvar="UMPIRE_USER", show_envvar=True, help="Who enters or settles: a reviewer id."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in notices of admissions, moves and discharges.

    The bytes are kept with their receipt instant before anything reads them. A message that is here already changes nothing.
    """
    chosen = [bool(files), inbox is not None, by_hand]
    if sum(chosen) != 1:
        raise typer.BadParameter("give either files, or --inbox with --member, or --by-hand")
    with told():
        here = office(context)
        if files:
            contents = {name: content_of(name) for name in files}
            found = here.desk(lambda desk: _take_in(desk, contents, sender), without_engine=True)
        elif inbox is not None:
            settlement = Settlement(_known_member(here, member), _clerk(here, user))
            number = _number(inbox)
            settled = here.desk(lambda desk: _settle(desk, number, settlement), without_engine=True)
            found = {f"INBOX-{number}": settled}
        else:
            form = Admission(
                kind=event,
                facility=_given(facility, "--facility"),
                facility_npi=facility_npi,
                visit_number=visit,
                account_number=account,
                member_id=_known_member(here, member),
                patient_class=patient_class,
                admitted_at=_instant(admitted_at, "--admitted-at"),
                happened_at=_instant(_given(happened_at or admitted_at, "--admitted-at"), "--happened-at")
                or here.clock(),
                discharged_at=_instant(discharged_at, "--discharged-at"),
                unit=unit,
                disposition=disposition,
                diagnoses=tuple(diagnosis or ()),
                entered_by=_clerk(here, user),
            )
            if visit is None and account is None:
                raise typer.BadParameter("give the number of the visit, or of the account", param_hint="--visit")
            found = {"by hand": here.desk(lambda desk: _enter(desk, form, channel), without_engine=True)}
        raise typer.Exit(_tell(found, as_json))


async def _take_in(
    desk: Desk, contents: dict[str, bytes], sender: str | None
) -> dict[str, tuple[AdmissionOutcome, ...]]:
    from rulebook.rulebook import load_rulebook

    desk = replace(desk, lobs=load_rulebook().lobs)
    return {name: await admissions.receive(desk, raw, sender) for name, raw in contents.items()}


async def _settle(desk: Desk, number: int, settlement: Settlement) -> tuple[AdmissionOutcome, ...]:
    return await admissions.settle(desk, number, settlement)


async def _enter(desk: Desk, form: Admission, channel: Channel) -> tuple[AdmissionOutcome, ...]:
    return (await admissions.enter(desk, form, channel),)


def _tell(found: dict[str, tuple[AdmissionOutcome, ...]], as_json: bool) -> Exit:
    outcomes = [(name, one) for name, of_file in found.items() for one in of_file]
    if as_json:
        output.as_json([{"file": name, "ack": one.ack, **one.model_dump(mode="json")} for name, one in outcomes])
    else:
        rows = [
            (name, one.trigger or "", output.words(one.kind), one.ack.value, f"INBOX-{one.inbox_id}", one.says)
            for name, one in outcomes
        ]
        output.table(("File", "Event", "Outcome", "Answer", "Kept as", "What became of it"), rows)
    for _, one in outcomes:
        problems(one.problems)
    codes = {_CODES.get(one.kind, Exit.OK) for _, one in outcomes}
    return next((code for code in _GRAVEST if code in codes), Exit.OK)


def _clerk(here: Office, user: str | None) -> str:
    """Whoever enters or settles: intake or a supervisor, as for everything in the inbox."""
    user = _given(user, "--as")
    with here.reading() as s:
        who = directory.reviewer(s, user)
    if who is None:
        raise NotFound(f"The directory has no reviewer {user}.", "Check --as, or the variable UMPIRE_USER.")
    if not MAY_RESOLVE & set(who.roles) or not who.active:
        message = "Only intake or a supervisor enters admissions and settles whose they are."
        raise Refused((Refusal(rule="inbox.role", message=message, way_out="Ask one of them."),))
    return user


def _known_member(here: Office, said: str | None) -> str:
    member_id = _given(said, "--member")
    with here.reading() as s:
        if directory.member(s, member_id) is None:
            raise NotFound("The directory has no member of this id.", "Give the id as it stands on the plan's card.")
    return member_id


def _number(said: str) -> int:
    number = said.strip().upper().removeprefix("INBOX-")
    if not number.isdecimal():
        raise NotFound(f"There is no inbox item {said}.", "List the open ones with 'umpire inbox'.")
    return int(number)


def _given(said: str | None, option: str) -> str:
    if not said:
        raise typer.BadParameter("is needed here", param_hint=option)
    return said


def _happened(said: str | None) -> datetime:
    at = _instant(_given(said, "--happened-at"), "--happened-at")
    assert at is not None, "what is given is an instant or refused"
    return at


def _instant(said: str | None, option: str) -> datetime | None:
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter(f"expected date and time {_INSTANT}", param_hint=option)
    return at
