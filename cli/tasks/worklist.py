"""`umpire worklist`: open tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import parse_deadline
from cli.terminal.options import DueBefore, Json, LobFilter, MemberFilter, Overdue, ProviderFilter, UrgencyFilter, Wide
from cli.terminal.output import format_needs
from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind, Role
from services.queries.case_lists import WorkRow, choose_work, work_rows
from store.cases import CaseSelection
from store.tasks import count_work, select_work
from store.worklist.arrivals import CASE_ALERT, UNREAD_SUBMISSION

_DEFAULT_LIMIT = 200
_COLUMNS = (
    "Time left",
    "Task",
    "Kind",
    "Urgency",
    "Member",
    "Service",
    "Diagnoses",
    "Why",
    "Needs",
    "For",
    "Claimed by",
    "Due",
    "Line of business",
)
_KINDS = (*sorted(kind.value for kind in TaskKind), UNREAD_SUBMISSION, CASE_ALERT)


def _parse_kind(said: str | None) -> str | None:
    """A kind of task as a person writes it: 'nurse review', nurse-review, nurse_review. Raises BadParameter."""
    if said is None:
        return None
    kind = said.strip().lower().replace(" ", "_").replace("-", "_")
    if kind not in _KINDS:
        known = ", ".join(output.spell_out(one) for one in _KINDS)
        raise typer.BadParameter(f"there is no such kind of task; the kinds are: {known}", param_hint="--kind")
    return kind


def worklist(
    context: typer.Context,
    role: Annotated[Role | None, typer.Option(help="Only work of this role.")] = None,
    mine: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Only what this reviewer has claimed, or may claim by their roles."),
    ] = None,
    unclaimed: Annotated[bool, typer.Option("--unclaimed", help="Only what nobody has claimed.")] = False,
    kind: Annotated[
        str | None, typer.Option(callback=_parse_kind, metavar="KIND", help="Only tasks of this kind: 'nurse review'.")
    ] = None,
    process: Annotated[ProcessKind | None, typer.Option(help="Only tasks of this kind of case.")] = None,
    lob: LobFilter = None,
    urgency: UrgencyFilter = None,
    member: MemberFilter = None,
    provider: ProviderFilter = None,
    overdue: Overdue = False,
    due_before: DueBefore = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List open tasks, the least time left first. Arrivals that could not be read are tasks for intake."""
    with handle_errors():
        here = cli_context(context)
        now = here.clock()
        until = parse_deadline(due_before, now, "--due-before")
        if overdue:
            until = min(now, until) if until is not None else now
        wanted = CaseSelection(
            process=process, lob=lob, urgency=urgency, member=member, provider=provider, due_before=until
        )
        with here.read_store() as s:
            chosen = choose_work(s, wanted, kind=kind, role=role, reviewer=mine, unclaimed=unclaimed)
            found = select_work(s, chosen, limit)
            rows = work_rows(s, found.items)
            number = count_work(s, chosen) if found.has_later else len(rows)
        if as_json:
            output.print_json(rows)
            return
        if not rows:
            selected = unclaimed or any(one is not None for one in (role, mine, kind, *dict(wanted).values()))
            output.print_lines("No open tasks for this selection." if selected else "No open tasks.")
            return
        output.print_table(
            _COLUMNS,
            [
                (
                    output.format_time_left(row.due_at, now),
                    row.task_id,
                    output.spell_out(row.kind),
                    output.format_urgency(row.urgency),
                    output.format_member(row.member_name, row.birth_date, row.member_id),
                    row.service,
                    ", ".join(row.diagnoses),
                    row.why,
                    format_needs(row.needs),
                    _eligible_role(row),
                    row.assignee or "",
                    output.format_instant(row.due_at, row.zone),
                    output.format_lob(row.lob, row.state),
                )
                for row in rows
            ],
            wide=wide,
        )
        if number > limit:
            output.print_lines(f"{number - limit} more; see them with --limit {number}.")


def _eligible_role(item: WorkRow) -> str:
    role = output.spell_out(item.role.value)
    if item.specialties:
        role += f" ({', '.join(output.spell_out(one) for one in item.specialties)})"
    return " or ".join((role, *(output.spell_out(one.value) for one in item.also_for)))
