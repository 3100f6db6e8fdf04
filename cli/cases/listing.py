"""`umpire cases` and `umpire find`: lists of cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import parse_deadline
from cli.terminal.options import DueBefore, Json, LobFilter, MemberFilter, ProviderFilter, UrgencyFilter, Wide
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile
from domain.vocabulary import ProcessKind
from services.queries import search
from services.queries.case_lists import CaseRow, list_cases
from store.cases import CaseSelection

_DEFAULT_LIMIT = 200
_FOUND_LIMIT = 50


def cases(
    context: typer.Context,
    status: Annotated[CaseStatus | None, typer.Option(help="Only cases of this status.")] = None,
    lob: LobFilter = None,
    urgency: UrgencyFilter = None,
    process: Annotated[
        ProcessKind, typer.Option(help="The kind of case; authorizations unless given.")
    ] = ProcessKind.REQUEST,
    member: MemberFilter = None,
    provider: ProviderFilter = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only open cases whose decision is overdue.")] = False,
    due_before: DueBefore = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List authorizations, the earliest decision deadline first; with --process the cases of another process."""
    with handle_errors():
        here = cli_context(context)
        now = here.clock()
        until = parse_deadline(due_before, now, "--due-before")
        if process is not ProcessKind.REQUEST and (overdue or until is not None):
            raise typer.BadParameter(
                f"only authorizations have a decision deadline; see 'umpire worklist --process {process.value}' for work due",
                param_hint="--overdue" if overdue else "--due-before",
            )
        if overdue:
            if status not in (None, CaseStatus.OPEN):
                raise typer.BadParameter("only open cases can be overdue", param_hint="--overdue")
            status, until = CaseStatus.OPEN, min(now, until) if until is not None else now
        wanted = CaseSelection(
            status=status,
            lob=lob,
            urgency=urgency,
            process=process,
            member=member,
            provider=provider,
            due_before=until,
        )
        with here.read_store() as s:
            found = list_cases(s, wanted, limit + 1)
        shown = found[:limit]
        if as_json:
            output.print_json(shown)
            return
        if not shown:
            filtered = any(one is not None for name, one in wanted if name != "process")
            is_first = process is ProcessKind.REQUEST and not filtered
            output.print_lines("No cases. Submit a request with 'umpire submit FILE'." if is_first else "None.")
            return
        print_cases(shown, now, wide=wide, of_requests=process is ProcessKind.REQUEST)
        if len(found) > limit:
            output.print_lines(f"There are more; see them with --limit {limit * 10}.")


def find(
    context: typer.Context,
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT",
            help="A number (case, authorization, submission, claim, visit, member, NPI), a name, or a birth date YYYY-MM-DD.",
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of cases.")] = _FOUND_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """Find cases by a number, or by the name of a member or provider. Open cases come first."""
    with handle_errors():
        here = cli_context(context)
        words = " ".join(" ".join(text).split())
        if not words:
            raise typer.BadParameter("expected a number, a name or a birth date", param_hint="TEXT")
        with here.read_store() as s:
            found = search.find(s, words, limit)
        if as_json:
            output.print_json(found)
            return
        if not (found.cases or found.members or found.providers):
            raise NotOnFile(
                "Nothing on file matches.", "Try a part of the name, the birth date as YYYY-MM-DD, or a whole number."
            )
        _print_people(found)
        if found.cases:
            output.print_heading("Cases")
            print_cases(found.cases, here.clock(), wide=wide, of_requests=False)
        else:
            output.print_lines("No case of theirs is on file.")
        if found.more_people:
            output.print_lines("More members or providers match. Add a word to find them.")


def _print_people(found: search.Found) -> None:
    if found.members:
        output.print_table(
            ("Member", "Born", "Name"),
            [
                (member.member_id, member.birth_date.isoformat(), f"{member.family_name}, {member.given_name}")
                for member in found.members
            ],
        )
    if found.providers:
        output.print_table(
            ("NPI", "Provider", "Phone"),
            [(provider.npi, provider.name, provider.phone or "") for provider in found.providers],
        )


def print_cases(shown: Sequence[CaseRow], now: datetime, *, wide: bool, of_requests: bool) -> None:
    """Print cases with whom and what they are about. The due date is the decision's, or the one of the current wait."""
    rows = []
    for row in shown:
        waits = row.waiting if row.status is CaseStatus.OPEN else None
        due = row.decision_due or (waits.until if waits is not None else None)
        is_open = row.status is CaseStatus.OPEN
        rows.append(
            (
                row.case_id,
                output.format_time_left(due, now)
                if is_open and due is not None
                else output.spell_out(row.status.value),
                *((output.format_urgency(row.urgency),) if of_requests else ()),
                output.format_member(row.member_name, row.birth_date, row.member_id),
                row.service,
                ", ".join(row.diagnoses),
                f"{waits.what} from {waits.holder}" if waits is not None else "",
                output.format_instant(due, row.zone) if is_open else "",
                output.format_lob(row.lob, row.state),
            )
        )
    urgency = ("Urgency",) if of_requests else ()
    columns = ("Case", "Time left", *urgency, "Member", "Service", "Diagnoses", "Waits for")
    output.print_table((*columns, "Due", "Line of business"), rows, wide=wide)
