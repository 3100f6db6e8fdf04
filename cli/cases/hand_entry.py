"""`umpire submit --by-hand`: a request by phone, fax or mail, from options, and from questions where they are missing."""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import typer

from cli.cases.submission import print_results
from cli.terminal import output
from cli.terminal.context import CliContext
from cli.terminal.files import read_content
from cli.terminal.instants import parse_instant
from cli.terminal.prompts import ask_choice, ask_optional, ask_parsed, ask_text, ask_yes_no
from cli.terminal.typed_facts import parse_facts
from domain.vocabulary import HAND_CHANNELS, AskedBy, Channel, CodeSystem, ServiceKind, Urgency
from intake.hand_entry import enter_request
from services.context import ServiceContext, SubmissionResult

E = TypeVar("E", bound=StrEnum)
_INSTANT = "date, time and offset, such as 2026-03-02T14:00-06:00, or now"
_DAY = "a day, such as 2026-03-10"
_SERVICE_CODES = (CodeSystem.HCPCS, CodeSystem.ICD10PCS, CodeSystem.NDC, CodeSystem.OTHER)


@dataclass(frozen=True)
class HandOptions:
    """Options of an entry by hand, as typed; None for what was not given."""

    channel: Channel | None = None
    received_at: str | None = None
    user: str | None = None
    caller: str | None = None
    caller_phone: str | None = None
    member: str | None = None
    service_kind: ServiceKind | None = None
    urgency: Urgency | None = None
    asked_by: AskedBy | None = None
    physician_statement: bool | None = None
    requester: str | None = None
    requester_name: str | None = None
    requester_fax: str | None = None
    ordering: str | None = None
    diagnoses: tuple[str, ...] = ()
    code: str | None = None
    code_system: CodeSystem | None = None
    service: str | None = None
    quantity: str | None = None
    unit: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    facts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    note: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything that a request needs was given, so that nothing is asked."""
        needed = (
            *(self.channel, self.received_at, self.user, self.caller, self.member, self.service_kind, self.urgency),
            *(self.asked_by, self.requester, self.code, self.code_system, self.first_day),
        )
        return all(needed) and bool(self.diagnoses)


def enter_by_hand(here: CliContext, given: HandOptions, as_json: bool) -> None:
    """Ask for what is missing, enter the request and exit with its code. Raises NotReadable, NotOnFile and Refused."""
    channel = given.channel or ask_choice("How did it come", HAND_CHANNELS)
    received_at = _received_at(given, here)
    values = _values(given)

    async def enter(services: ServiceContext) -> SubmissionResult:
        from rulebook.rulebook import load_rulebook

        book = load_rulebook()
        services = replace(services, lobs=book.lobs, facts=book.criteria.dictionary)
        return await enter_request(services, values, channel, received_at)

    outcome = here.run_with_services(enter, without_temporal=True)
    raise typer.Exit(print_results({"by hand": outcome}, as_json))


def _received_at(given: HandOptions, here: CliContext) -> datetime:
    """The instant of receipt: a call that goes on is received now."""

    def parse(said: str) -> datetime | None:
        return here.clock() if said.strip().lower() == "now" else parse_instant(said, "--received-at")

    if given.received_at is not None:
        return parse(given.received_at) or here.clock()
    while True:
        try:
            return ask_parsed("When did it arrive", parse, _INSTANT)
        except typer.BadParameter:
            output.print_lines(f"Expected {_INSTANT}.")


def _values(given: HandOptions) -> dict[str, Any]:
    """The properties of the request, in the order in which a caller tells them."""
    ask = not given.is_complete
    by_hand = {
        "taken_by": given.user or ask_text("Your reviewer id"),
        "caller_name": given.caller or ask_text("Who calls or sent it (name)"),
        "caller_phone": given.caller_phone or (ask_optional("Number to call back") if ask else None),
    }
    asked_by = given.asked_by or _ask_enum("Who asks for the care", AskedBy)
    member = {"member_id": given.member or ask_text("Member id on the card")}
    urgency = given.urgency or _ask_enum("How urgent is it", Urgency)
    statement = given.physician_statement
    if statement is None and ask and urgency is Urgency.EXPEDITED:
        statement = ask_yes_no("Does a physician say that waiting could seriously harm the member")
    requester = {
        "npi": given.requester or ask_text("NPI of the provider who asks"),
        "name": given.requester_name or (ask_optional("Name of that provider") if ask else None),
        "fax": given.requester_fax or (ask_optional("Fax number for the answer") if ask else None),
    }
    ordering = given.ordering or (ask_optional("NPI of the ordering practitioner") if ask else None)
    kind = given.service_kind or _ask_enum("Kind of service", ServiceKind)
    diagnoses = given.diagnoses or tuple(
        ask_text("Diagnoses, ICD-10-CM, separated by commas").replace(",", " ").split()
    )
    lines = [_line("1", given, ask, diagnoses)]
    while ask and ask_yes_no("Another service"):
        lines.append(_line(str(len(lines) + 1), HandOptions(), ask, diagnoses))
    documents = [_document(name) for name in given.documents]
    note = given.note or (ask_optional("Note of the call") if ask else None)
    if note is not None:
        documents.append({"name": "note", "title": "Note of the entry by hand", "text": note})
    return {
        "by_hand": by_hand,
        "service_kind": kind.value,
        "urgency": {"urgency": urgency.value, "asked_by": asked_by.value, "physician_statement": statement},
        "member": member,
        "requesting_provider": requester,
        "ordering_practitioner": {"npi": ordering} if ordering else None,
        "diagnoses": list(diagnoses),
        "lines": lines,
        "documents": documents,
        "facts": _facts(given, by_hand["taken_by"] or ""),
    }


def _line(line_id: str, given: HandOptions, ask: bool, diagnoses: tuple[str, ...]) -> dict[str, Any]:
    system = given.code_system or ask_choice("Code system of the service", _SERVICE_CODES)
    code = (given.code or ask_text("Code of the service")).upper()
    description = given.service or (ask_optional("The service in words") if ask else None)
    quantity = given.quantity or (ask_optional("Quantity") if ask else None)
    return {
        "line_id": line_id,
        "code_system": system.value,
        "code": code,
        "description": description,
        "quantity": _number(quantity),
        "unit": given.unit
        or (ask_optional("Unit of the quantity, such as visit or day") if ask and quantity else None),
        "start": _day(given.first_day, "First day of service", "--first-day"),
        "end": _optional_day(given.last_day, "Last day of service", "--last-day", ask),
        "diagnoses": list(diagnoses),
    }


def _number(said: str | None) -> float | None:
    if said is None:
        return None
    try:
        value = Decimal(said)
    except InvalidOperation:
        raise typer.BadParameter("expected a number", param_hint="--quantity") from None
    if not value.is_finite():
        raise typer.BadParameter("expected a number", param_hint="--quantity")
    return int(value) if value == value.to_integral_value() else float(value)


def _day(said: str | None, question: str, option: str) -> str:
    if said is None:
        return ask_parsed(question, date.fromisoformat, _DAY).isoformat()
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise typer.BadParameter(f"expected {_DAY}", param_hint=option) from None


def _optional_day(said: str | None, question: str, option: str, ask: bool) -> str | None:
    found = said or (ask_optional(question) if ask else None)
    return _day(found, question, option) if found is not None else None


def _document(name: str) -> dict[str, Any]:
    """A file that came along, such as the pages of a fax."""
    content, path = read_content(name), Path(name)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"title": path.name, "content_type": kind, "base64": base64.b64encode(content).decode()}


def _facts(given: HandOptions, taken_by: str) -> list[dict[str, Any]]:
    """Facts that the caller stated; what is only said is an attestation."""
    if not given.facts:
        return []
    from rulebook.rulebook import load_rulebook

    source = {"kind": "attestation", "reference": f"entered by {taken_by}"}
    found = parse_facts(list(given.facts), load_rulebook().criteria.dictionary)
    return [
        {
            "id": one.id,
            "value": list(one.value) if isinstance(one.value, tuple) else one.value,
            "unit": one.unit,
            "source": source,
        }
        for one in found
    ]


def _ask_enum(question: str, kind: type[E]) -> E:
    return kind(ask_choice(question, tuple(one.value for one in kind)))
