"""Everything on file about a case of any process, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from domain.cases.views import CaseSummary, CaseView
from domain.journal import JournalEntry
from domain.requests.request import DocumentReference
from store import case_summaries, cases, documents, inbox, journal, letters, tasks
from store.letters import LetterRecord


@dataclass(frozen=True, kw_only=True)
class CaseDetail:
    """Parts that every case has. `view` is None until its workflow has opened it; `sheet` is its process's own summary."""

    case_id: str
    view: CaseView | None
    sheet: CaseSummary | None
    clocks: tuple[dict[str, Any], ...]
    tasks: tuple[Task, ...]
    entries: tuple[JournalEntry, ...]
    letters: tuple[LetterRecord, ...]
    documents: tuple[DocumentReference, ...]
    arrivals: tuple[inbox.InboxItem, ...]

    @property
    def zone(self) -> str:
        return self.view.zone if self.view is not None else "UTC"


def load_case_detail(s: Session, case_id: str) -> CaseDetail:
    """Load everything on file about a case that is no authorization."""
    return CaseDetail(**load_common_parts(s, case_id))


def load_common_parts(s: Session, case_id: str) -> dict[str, Any]:
    """Load the parts that every case has, by name."""
    return {
        "case_id": case_id,
        "view": cases.get(s, case_id),
        "sheet": case_summaries.get(s, case_id),
        "clocks": cast("tuple[dict[str, Any], ...]", cases.clocks(s, case_id)),
        "tasks": tasks.of_case(s, case_id),
        "entries": journal.entries(s, case_id),
        "letters": letters.of_case(s, case_id),
        "documents": documents.of_case(s, case_id),
        "arrivals": inbox.of_case(s, case_id),
    }
