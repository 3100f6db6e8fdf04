"""The parts of a dossier that every process has, as tables for people: clocks, tasks, letters, records, journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from cli.cases.case_data import letter_path
from cli.terminal import output
from cli.terminal.context import Office
from cli.terminal.output import needs
from services.case_lookup import REQUEST
from services.queries.case_detail import DossierDetail

_STATES = {"met": "green", "missed": "bold red"}


def clocks(detail: DossierDetail, now: datetime) -> None:
    rows = []
    for clock in detail.clocks:
        name = f"{clock['rule_id']} {clock['variant']}".strip()
        for due in clock["due"]:
            at = datetime.fromisoformat(due["at"])
            rows.append(
                (
                    output.words(due["kind"]),
                    due["to"],
                    output.instant(at, detail.zone),
                    _state(clock, due["kind"], at, now),
                    name,
                    due["citation"],
                    clock["confidence"],
                )
            )
    if rows:
        output.heading("Clocks")
        output.table(("Duty", "Owed to", "Due", "State", "Rule", "Citation", "Confidence"), rows)
        if detail.case_id.startswith(REQUEST):
            output.say(f"Why each rule of the book binds this case or does not: umpire clocks {detail.case_id}")


def _state(clock: dict[str, Any], kind: str, at: datetime, now: datetime) -> Text:
    judged = clock["judged"].get(kind)
    if judged is not None:
        return Text(judged, style=_STATES.get(judged, ""))
    if clock["set_aside"]:
        return Text(f"set aside: {clock['set_aside']}", style="dim")
    if kind == "extension_notice_latest":
        return Text("extended" if clock["extended"] else "", style="dim")
    return Text.assemble(output.left(at, now), " left" if at >= now else "")


def tasks(detail: DossierDetail, now: datetime) -> None:
    if not detail.tasks:
        return
    output.heading("Tasks")
    rows = [
        (
            task.task_id,
            output.words(task.kind.value),
            output.words(task.role.value),
            output.words(task.status.value),
            task.assignee or "",
            output.instant(task.due_at, detail.zone),
            output.left(task.due_at, now) if task.is_open else output.words(task.outcome.value if task.outcome else ""),
            f"{task.why} ({needs(task.needs)})" if task.needs else task.why,
        )
        for task in detail.tasks
    ]
    output.table(("Task", "Kind", "For", "Status", "By", "Due", "Left / outcome", "Why"), rows)


def letters_of(detail: DossierDetail, here: Office) -> None:
    if not detail.letters:
        return
    output.heading("Letters")
    rows = []
    for one in detail.letters:
        path = letter_path(one, here)
        out = output.instant(one.handed_over_at, detail.zone) or "in the house"
        rows.append((one.letter_id, one.recipient, out, _relative(path) if path else ""))
    output.table(("Letter", "To", "Out", "File"), rows)


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def documents(detail: DossierDetail) -> None:
    if not detail.documents:
        return
    output.heading("Records")
    rows = [
        (one.document_id[:12], one.title, one.content_type, output.instant(one.received_at, detail.zone))
        for one in detail.documents
    ]
    output.table(("Id", "Title", "Type", "Received"), rows)


def journal(detail: DossierDetail) -> None:
    if not detail.entries:
        return
    output.heading("Journal")
    rows = [
        (str(entry.seq), output.instant(entry.at, detail.zone), str(entry.actor), entry.summary)
        for entry in detail.entries
    ]
    output.table(("No.", "When", "Who", "What"), rows)
