"""JSON data and status sentence of a case of any process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terminal import output
from cli.terminal.context import CliContext
from domain.cases.views import CaseStatus, CaseView
from domain.cases.waiting import describe_wait
from services.queries.case_detail import CaseDetail
from store.letters import LetterRecord

CASE_NOUNS = {
    "PA-": "Case",
    "ST-": "Stay",
    "DP-": "Discharge plan",
    "RR-": "Retrospective review",
    "QC-": "Concern",
    "CB-": "Callback",
}


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
    noun = CASE_NOUNS.get(case_id[:3], "Case")
    if view is None:
        what = "its request is stored and waits for a worker" if case_id.startswith("PA-") else "it waits for a worker"
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
