"""Tables of the parts that every case has: clocks, tasks, letters, records, journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.text import Text

from cli.cases.case_data import find_letter_file
from cli.terminal import output
from cli.terminal.context import CliContext
from cli.terminal.output import format_needs
from domain.case_numbers import kind_of
from domain.vocabulary import ProcessKind
from services.queries.case_clocks import DutyRow, list_duties
from services.queries.case_desk import desk_entries
from services.queries.case_detail import CaseDetail

_STATES = {"met": "green", "missed": "bold red"}


def print_clocks(detail: CaseDetail, now: datetime) -> None:
    rows = [
        (
            output.spell_out(duty.kind),
            duty.to,
            output.format_instant(duty.at, detail.zone),
            _clock_state(duty, now),
            duty.name,
            duty.citation,
            duty.confidence,
        )
        for duty in list_duties(detail.clocks, detail.view, detail.entries, now)
    ]
    if rows:
        output.print_heading("Clocks")
        output.print_table(("Duty", "Recipient", "Due", "State", "Rule", "Citation", "Confidence"), rows)
        if kind_of(detail.case_id) is ProcessKind.REQUEST:
            output.print_lines(f"To see why each rule applies or does not: umpire clocks {detail.case_id}")


def _clock_state(duty: DutyRow, now: datetime) -> Text:
    if duty.judged is not None:
        return Text(duty.judged, style=_STATES.get(duty.judged, ""))
    if duty.set_aside:
        return Text(f"set aside: {duty.set_aside}", style="dim")
    if duty.is_extension_notice:
        return Text.assemble("only if the plan extends: ", output.format_time_left(duty.at, now), " left")
    return Text.assemble(output.format_time_left(duty.at, now), " left" if duty.at >= now else "")


def print_tasks(detail: CaseDetail, now: datetime) -> None:
    if not detail.tasks:
        return
    output.print_heading("Tasks")
    rows = [
        (
            task.task_id,
            output.spell_out(task.kind.value),
            output.spell_out(task.role.value),
            output.spell_out(task.status.value),
            output.format_time_left(task.due_at, now)
            if task.is_open
            else output.spell_out(task.outcome.value if task.outcome else ""),
            detail.name(task.assignee),
            output.format_instant(task.due_at, detail.zone),
            f"{task.why} ({format_needs(task.needs)})" if task.needs else task.why,
        )
        for task in detail.tasks
    ]
    output.print_table(("Task", "Kind", "For", "Status", "Left / outcome", "By", "Due", "Why"), rows)


def print_letters(detail: CaseDetail, here: CliContext) -> None:
    if not detail.letters:
        return
    output.print_heading("Letters")
    rows = []
    for one in detail.letters:
        path = find_letter_file(one, here)
        waits = "recalled, not mailed" if one.letter_id in detail.recalled_letters else "not mailed yet"
        out = output.format_instant(one.handed_over_at, detail.zone) or waits
        rows.append((one.letter_id, one.recipient, out, _relative_path(path) if path else ""))
    output.print_table(("Letter", "To", "Mailed", "File"), rows)


def _relative_path(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def print_documents(detail: CaseDetail) -> None:
    if not detail.documents:
        return
    output.print_heading("Records")
    rows = [
        (one.document_id[:12], one.title, one.content_type, output.format_instant(one.received_at, detail.zone))
        for one in detail.documents
    ]
    output.print_table(("Id", "Title", "Type", "Received"), rows)


def print_desk(detail: CaseDetail) -> None:
    """Print the notes and the contact log, in the order in which they were entered."""
    rows = []
    for entry in desk_entries(detail.entries):
        call = entry.contact
        said = [call.person, call.role, call.organization, call.number] if call is not None else []
        at = call.at if call is not None else entry.at
        rows.append(
            (
                output.format_instant(at, detail.zone),
                detail.name(entry.by),
                ", ".join(one for one in said if one),
                entry.text,
            )
        )
    if rows:
        output.print_heading("Notes and contacts")
        output.print_table(("When", "Entered by", "With", "What"), rows)


def print_journal(detail: CaseDetail) -> None:
    if not detail.entries:
        return
    output.print_heading("Journal")
    rows = [
        (str(entry.seq), output.format_instant(entry.at, detail.zone), str(entry.actor), entry.summary)
        for entry in detail.entries
    ]
    output.print_table(("No.", "When", "Who", "What"), rows)
