"""Carried out of cli/dossier_detail.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terminal import output
from cli.terminal.context import Office
from domain.cases.views import CaseStatus, CaseView
from domain.cases.waiting import in_a_sentence
from services.queries.case_detail import DossierDetail
from store.letters import LetterRecord

NOUNS = {
    "PA-": "Case",
    "ST-": "Stay",
    "DP-": "Discharge plan",
    "RR-": "Retrospective review",
    "QC-": "Concern",
    "CB-": "Callback",
}


def common_data(detail: DossierDetail, here: Office) -> dict[str, Any]:
    """The parts that every dossier has, as JSON data."""
    return {
        "case_id": detail.case_id,
        "sentence": sentence(detail.view, detail.case_id),
        "case": detail.view,
        "sheet": detail.sheet,
        "clocks": detail.clocks,
        "tasks": detail.tasks,
        "journal": detail.entries,
        "letters": [letter_data(one, here) for one in detail.letters],
        "documents": detail.documents,
        "arrivals": detail.arrivals,
    }


def sentence(view: CaseView | None, case_id: str) -> str:
    """Where the dossier stands, in one sentence."""
    noun = NOUNS.get(case_id[:3], "Dossier")
    if view is None:
        what = "its request is kept and waits for a worker" if case_id.startswith("PA-") else "it waits for a worker"
        return f"{noun} {case_id} is being opened: {what}."
    if view.waiting is not None:
        return f"{noun} {case_id}: {in_a_sentence(view.waiting, view.zone)}"
    if view.status is CaseStatus.OPEN:
        return f"{noun} {case_id} goes on by itself."
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    at = output.instant(view.closed_at, view.zone)
    return f"{noun} {case_id} is closed since {at}: {output.words(view.status.value)}.{number}"


def letter_path(one: LetterRecord, here: Office) -> Path | None:
    """Where the file outbox put the letter's text, when it is there."""
    if one.receipt is None:
        return None
    path = (here.settings.outbox / one.receipt).with_suffix(".txt")
    return path if path.exists() else None


def letter_data(one: LetterRecord, here: Office) -> dict[str, Any]:
    """A letter as JSON data: its text, and where its file is."""
    data = one.model_dump(mode="json", exclude={"rendered": {"html"}})
    path = letter_path(one, here)
    return data | {"path": str(path) if path else None}
