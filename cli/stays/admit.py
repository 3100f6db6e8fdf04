"""`umpire admit`: admission notices from HL7 v2 files or entered by hand, and assignment of their member."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_issues
from cli.terminal.exit_codes import ExitCode
from cli.terminal.files import read_content
from cli.terminal.instants import parse_instant
from cli.terminal.options import Json
from domain.errors import NotOnFile
from domain.stays.adt import AdmissionType, AdtKind, PatientClass
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.adt_outcome import MemberAssignment
from interop.plain.admission import Admission
from services.context import ServiceContext
from store import directory

_CODES = {
    AdmissionStatus.STORED: ExitCode.STORED,
    AdmissionStatus.NEEDS_PERSON: ExitCode.REFUSED,
    AdmissionStatus.REJECTED: ExitCode.NOT_READABLE,
}
_EXIT_PRIORITY = (ExitCode.NOT_READABLE, ExitCode.REFUSED, ExitCode.STORED)
_INSTANT = "with offset: 2026-03-02T14:00-06:00"


def admit(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...]", help="HL7 v2 ADT messages or batches; '-' is standard input."),
    ] = None,
    sender: Annotated[str | None, typer.Option(help="The sender of the files, if known.")] = None,
    inbox: Annotated[
        str | None, typer.Option(metavar="ITEM", help="Assign this arrival to a member, with --member.")
    ] = None,
    member: Annotated[str | None, typer.Option(metavar="MEMBER-ID", help="The member id in the directory.")] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Enter a notice received by telephone, fax or mail.")
    ] = False,
    facility: Annotated[str | None, typer.Option(help="By hand: the facility, as named in its messages.")] = None,
    facility_npi: Annotated[str | None, typer.Option(metavar="NPI", help="By hand: its NPI.")] = None,
    visit: Annotated[str | None, typer.Option(help="By hand: the facility's visit number.")] = None,
    account: Annotated[
        str | None, typer.Option(help="By hand: the facility's account number, if there is no visit number.")
    ] = None,
    patient_class: Annotated[
        PatientClass, typer.Option("--class", help="By hand: the patient class.")
    ] = PatientClass.UNKNOWN,
    admission_type: Annotated[
        AdmissionType | None,
        typer.Option(help="By hand: how the hospital calls the admission; readmission scores count it."),
    ] = None,
    event: Annotated[AdtKind, typer.Option(help="By hand: the event.")] = AdtKind.ADMIT,
    admitted_at: Annotated[str | None, typer.Option(metavar="INSTANT", help=f"By hand, {_INSTANT}.")] = None,
    happened_at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="By hand: time of the event; the admission unless given."),
    ] = None,
    discharged_at: Annotated[str | None, typer.Option(metavar="INSTANT", help=f"By hand, {_INSTANT}.")] = None,
    unit: Annotated[str | None, typer.Option(help="By hand: the unit.")] = None,
    disposition: Annotated[str | None, typer.Option(help="By hand: discharge disposition.")] = None,
    diagnosis: Annotated[list[str] | None, typer.Option(help="By hand: an ICD-10-CM code; may be repeated.")] = None,
    channel: Annotated[Channel, typer.Option(help="By hand: channel of the notice.")] = Channel.PHONE,
    user: Annotated[
        str | None,
        typer.Option("--as", envvar="UMPIRE_USER", show_envvar=True, help="Acting reviewer: a reviewer id."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import notices of admissions, transfers and discharges.

    The bytes are stored with their receipt time before they are read. A message that is on file already changes nothing.
    """
    chosen = [bool(files), inbox is not None, by_hand]
    if sum(chosen) != 1:
        raise typer.BadParameter("give either files, or --inbox with --member, or --by-hand")
    with handle_errors():
        here = cli_context(context)
        if files:
            contents = {name: read_content(name) for name in files}
            found = here.run_with_services(
                lambda services: _receive_files(services, contents, sender), without_temporal=True
            )
        elif inbox is not None:
            settlement = MemberAssignment(_require_member(here, member), _require_option(user, "--as"))
            number = _inbox_number(inbox)
            settled = here.run_with_services(
                lambda services: _assign_member(services, number, settlement), without_temporal=True
            )
            found = {f"INBOX-{number}": settled}
        else:
            form = Admission(
                kind=event,
                facility=_require_option(facility, "--facility"),
                facility_npi=facility_npi,
                visit_number=visit,
                account_number=account,
                member_id=_require_member(here, member),
                patient_class=patient_class,
                admission_type=admission_type,
                admitted_at=parse_instant(admitted_at, "--admitted-at"),
                happened_at=parse_instant(_require_option(happened_at or admitted_at, "--admitted-at"), "--happened-at")
                or here.clock(),
                discharged_at=parse_instant(discharged_at, "--discharged-at"),
                unit=unit,
                disposition=disposition,
                diagnoses=tuple(diagnosis or ()),
                entered_by=_require_option(user, "--as"),
            )
            if visit is None and account is None:
                raise typer.BadParameter("give the number of the visit, or of the account", param_hint="--visit")
            found = {
                "by hand": here.run_with_services(
                    lambda services: _enter_admission(services, form, channel), without_temporal=True
                )
            }
        raise typer.Exit(_print_results(found, as_json))


async def _receive_files(
    services: ServiceContext, contents: dict[str, bytes], sender: str | None
) -> dict[str, tuple[AdmissionResult, ...]]:
    from rulebook.rulebook import load_rulebook

    services = replace(services, lobs=load_rulebook().lobs)
    return {name: await admissions.receive_hl7(services, raw, sender) for name, raw in contents.items()}


async def _assign_member(
    services: ServiceContext, number: int, settlement: MemberAssignment
) -> tuple[AdmissionResult, ...]:
    return await admissions.assign_member(services, number, settlement)


async def _enter_admission(services: ServiceContext, form: Admission, channel: Channel) -> tuple[AdmissionResult, ...]:
    return (await admissions.enter_admission(services, form, channel),)


def _print_results(found: dict[str, tuple[AdmissionResult, ...]], as_json: bool) -> ExitCode:
    outcomes = [(name, one) for name, of_file in found.items() for one in of_file]
    if as_json:
        output.print_json([{"file": name, "ack": one.ack, **one.model_dump(mode="json")} for name, one in outcomes])
    else:
        rows = [
            (name, one.trigger or "", output.spell_out(one.kind), one.ack.value, f"INBOX-{one.inbox_id}", one.says)
            for name, one in outcomes
        ]
        output.print_table(("File", "Event", "Status", "Acknowledgment", "Stored as", "Result"), rows)
    for _, one in outcomes:
        print_issues(one.problems)
    codes = {_CODES.get(one.kind, ExitCode.OK) for _, one in outcomes}
    return next((code for code in _EXIT_PRIORITY if code in codes), ExitCode.OK)


def _require_member(here: CliContext, said: str | None) -> str:
    member_id = _require_option(said, "--member")
    with here.read_store() as s:
        if directory.member(s, member_id) is None:
            raise NotOnFile("The directory has no member of this id.", "Give the id as printed on the plan's card.")
    return member_id


def _inbox_number(said: str) -> int:
    number = said.strip().upper().removeprefix("INBOX-")
    if not number.isdecimal():
        raise NotOnFile(f"There is no inbox item {said}.", "List the open ones with 'umpire inbox'.")
    return int(number)


def _require_option(said: str | None, option: str) -> str:
    if not said:
        raise typer.BadParameter("is needed here", param_hint=option)
    return said
