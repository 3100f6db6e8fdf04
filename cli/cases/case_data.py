"""JSON data and status sentence of a case of any process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terminal import output
from cli.terminal.context import CliContext
from domain.case_numbers import kind_of
from domain.cases.views import CaseStatus, CaseView
from domain.cases.waiting import describe_wait
from domain.vocabulary import ProcessKind
from services.queries.case_detail import CaseDetail
from store.letters import LetterRecord

_CASE_NOUNS = {
    ProcessKind.REQUEST: "Case",
    ProcessKind.STAY: "Stay",
    ProcessKind.DISCHARGE_PLAN: "Discharge plan",
    ProcessKind.RETROSPECTIVE_REVIEW: "Retrospective review",
    ProcessKind.CONCERN: "Concern",
    ProcessKind.CALLBACK: "Callback",
}


def case_noun(case_id: str) -> str:
    """The word for a case of this number."""
    return _CASE_NOUNS[kind_of(case_id) or ProcessKind.REQUEST]


def case_json(detail: CaseDetail, here: CliContext) -> dict[str, Any]:
    """The parts that every case has, as JSON data."""
    return {
        "case_id": detail.case_id,
        "sentence": status_sentence(detail.view, detail.case_id),
        "case": detail.view,
        "sheet": detail.sheet,
        "clocks": detail.clocks,
        "tasks": detail.tasks,
        "journal": detail.entries,
        "letters": [letter_json(one, here) for one in detail.letters],
        "documents": detail.documents,
        "arrivals": detail.arrivals,
    }


def status_sentence(view: CaseView | None, case_id: str) -> str:
    """The case's status in one sentence."""
    noun = case_noun(case_id)
    if view is None:
        is_request = kind_of(case_id) is ProcessKind.REQUEST
        what = "its request is stored and waits for a worker" if is_request else "it waits for a worker"
        return f"{noun} {case_id} is being opened: {what}."
    if view.waiting is not None:
        return f"{noun} {case_id}: {describe_wait(view.waiting, view.zone)}"
    if view.status is CaseStatus.OPEN:
        return f"{noun} {case_id} continues automatically."
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    at = output.format_instant(view.closed_at, view.zone)
    return f"{noun} {case_id} is closed since {at}: {output.spell_out(view.status.value)}.{number}"


def find_letter_file(one: LetterRecord, here: CliContext) -> Path | None:
    """The file with the letter's text in the outbox, if there is one."""
    if one.receipt is None:
        return None
    path = (here.settings.outbox / one.receipt).with_suffix(".txt")
    return path if path.exists() else None


def letter_json(one: LetterRecord, here: CliContext) -> dict[str, Any]:
    """A letter as JSON data: its text and the path of its file."""
    data = one.model_dump(mode="json", exclude={"rendered": {"html"}})
    path = find_letter_file(one, here)
    return data | {"path": str(path) if path else None}
