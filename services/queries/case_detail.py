"""Everything that the store knows of a dossier of any process, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from domain.cases.views import CaseView, Sheet
from domain.journal import JournalEntry
from domain.requests.request import DocumentReference
from store import cases, documents, inbox, journal, letters, sheets, tasks
from store.letters import LetterRecord


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
