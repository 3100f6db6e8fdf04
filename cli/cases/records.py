"""`umpire record`, `note` and `contact`: records opened, notes, and the contact log of a case of any process."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import command_results, output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import parse_instant
from cli.terminal.options import CaseNumber, Json, User
from domain.cases.desk_messages import CaseContact
from domain.cases.views import CaseView
from services.commands import desk_actions
from services.commands.desk_actions import OpenedRecord
from services.queries.case_desk import RecordStanding, list_records
from store import cases
from store.engines.private_files import make_private_folder


def record(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    name: Annotated[
        str | None,
        typer.Argument(metavar="RECORD", help="Its number in the list, its title or its id; the list unless given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the records of a case, or open one: the journal says who opened which record when.

    Text is printed. A PDF or a picture is saved to a file for you alone, whose path is printed. A decision may name as opened
    only what its signer opened.
    """
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            case_id = resolve_case_number(s, case)
            listed = list_records(s, case_id, user) if name is None else ()
            view = cases.get(s, case_id)
        if name is None:
            _print_list(case_id, listed, view, as_json)
            return
        opened = here.run_with_services(lambda services: desk_actions.open_record(services, case_id, name, user))
        _print_record(case_id, opened, here, as_json)


def note(
    context: typer.Context,
    case: CaseNumber,
    text: Annotated[str, typer.Argument(help="What those who work on the case have to know.")],
    user: User,
    as_json: Json = False,
) -> None:
    """Add a note to a case of any process. 'umpire show' prints it with who wrote it and when."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            case_id = resolve_case_number(s, case)
        command_results.print_result(
            here.run_with_services(lambda services: desk_actions.add_note(services, case_id, user, text)), as_json
        )


def contact(
    context: typer.Context,
    case: CaseNumber,
    user: User,
    person: Annotated[str, typer.Option("--with", help="With whom: the person's name.")],
    role: Annotated[str, typer.Option(help="Who they are: member, daughter, surgeon, discharge planner.")],
    organization: Annotated[str, typer.Option(help="For which organization; 'none' for a private person.")],
    number: Annotated[str, typer.Option(help="The telephone or fax number, or the address.")],
    result: Annotated[str, typer.Option(help="What came of it: reached and told, no answer, records promised.")],
    at: Annotated[
        str | None, typer.Option(help="When it took place, such as 2026-03-02T14:00-06:00; now unless given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Log a contact about a case: with whom, in which role, by which number, when, and the result."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            case_id = resolve_case_number(s, case)
        entry = CaseContact(
            person=person,
            role=role,
            organization=organization,
            number=number,
            at=parse_instant(at, "--at") or here.clock(),
            result=result,
        )
        command_results.print_result(
            here.run_with_services(lambda services: desk_actions.log_contact(services, case_id, user, entry)), as_json
        )


def _print_list(case_id: str, listed: tuple[RecordStanding, ...], view: CaseView | None, as_json: bool) -> None:
    if as_json:
        output.print_json(listed)
        return
    if not listed:
        output.print_lines(f"No records are on file for {case_id}.")
        return
    zone = view.zone if view is not None else "UTC"
    output.print_table(
        ("No.", "Id", "Title", "Type", "Bytes", "Received", "Opened by you"),
        [
            (
                str(number),
                one.record.document_id[:12],
                one.record.title,
                one.record.content_type,
                str(one.record.size_bytes),
                output.format_instant(one.record.received_at, zone),
                output.format_instant(one.opened_at, zone) or "not yet",
            )
            for number, one in enumerate(listed, start=1)
        ],
    )
    output.print_lines(f"Open one with 'umpire record {case_id} NUMBER'.")


def _print_record(case_id: str, opened: OpenedRecord, here: CliContext, as_json: bool) -> None:
    text = opened.text
    path = _save(case_id, opened, here) if text is None else None
    if as_json:
        output.print_json({"record": opened.reference, "text": text, "path": str(path) if path else None})
    elif text is not None:
        output.print_lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    else:
        output.print_lines(f"{opened.reference.title} ({opened.reference.content_type}) is saved for you alone: {path}")


def _save(case_id: str, opened: OpenedRecord, here: CliContext) -> Path:
    """Write the content to a file of mode 0600, in a folder for its owner alone."""
    folder = here.settings.home / "records"
    make_private_folder(folder)
    ending = mimetypes.guess_extension(opened.reference.content_type.partition(";")[0].strip()) or ".bin"
    path = folder / f"{case_id}-{opened.reference.document_id[:12]}{ending}"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(opened.content)
    return path
