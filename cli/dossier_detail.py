"""Everything that the store knows of a dossier of any process, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from cli import output
from cli.office import Office
from domain.journal import JournalEntry
from domain.request import DocumentReference
from domain.standing import in_a_sentence
from domain.tasks import Task
from domain.views import CaseStatus, CaseView, Sheet
from store import cases, documents, inbox, journal, letters, sheets, tasks
from store.letters import LetterRecord

NOUNS = {
    "PA-": "Case",
    "ST-": "Stay",
    "DP-": "Discharge plan",
    "RR-": "Retrospective review",
    "QC-": "Concern",
    "CB-": "Callback",
}


@dataclass(frozen=True, kw_only=True)
class DossierDetail:
    """What every dossier has. `view` is None until its workflow has opened it; `sheet` is what its process shows beside."""

    case_id: str
    view: CaseView | None
    sheet: Sheet | None
    clocks: tuple[dict[str, Any], ...]
    tasks: tuple[Task, ...]
    entries: tuple[JournalEntry, ...]
    letters: tuple[LetterRecord, ...]
    documents: tuple[DocumentReference, ...]
    arrivals: tuple[inbox.InboxItem, ...]

    @property
    def zone(self) -> str:
        return self.view.zone if self.view is not None else "UTC"


def dossier_of(s: Session, case_id: str) -> DossierDetail:
    """What the store knows of a dossier that comes from no request."""
    return DossierDetail(**common(s, case_id))


def common(s: Session, case_id: str) -> dict[str, Any]:
    """The parts that every dossier has, by name."""
    return {
        "case_id": case_id,
        "view": cases.get(s, case_id),
        "sheet": sheets.get(s, case_id),
        "clocks": cast("tuple[dict[str, Any], ...]", cases.clocks(s, case_id)),
        "tasks": tasks.of_case(s, case_id),
        "entries": journal.entries(s, case_id),
        "letters": letters.of_case(s, case_id),
        "documents": documents.of_case(s, case_id),
        "arrivals": inbox.of_case(s, case_id),
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
