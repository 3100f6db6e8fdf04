"""Everything on file about a case of any process, for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from domain.cases.views import CaseSummary, CaseView
from domain.concerns.views import PEER_REVIEW_FIELDS
from domain.coverage.directory import Coverage, Member
from domain.journal import EntryKind, JournalEntry
from domain.requests.request import DocumentReference
from domain.vocabulary import ProcessKind
from services import access
from store import case_summaries, cases, directory, documents, inbox, journal, letters, tasks
from store.letters import LetterRecord


@dataclass(frozen=True, kw_only=True)
class CaseDetail:
    """Parts that every case has. `view` is None until its workflow has opened it; `sheet` is its process's own summary.

    `member` is the directory's entry, None where no known member stands behind the case; `coverage` the one in force on the day
    of receipt. `names` are those of the plan's people in it, by id. `message` is a caller's message with name and number;
    only a callback has one.
    """

    case_id: str
    view: CaseView | None
    sheet: CaseSummary | None
    clocks: tuple[dict[str, Any], ...]
    tasks: tuple[Task, ...]
    entries: tuple[JournalEntry, ...]
    letters: tuple[LetterRecord, ...]
    documents: tuple[DocumentReference, ...]
    arrivals: tuple[inbox.InboxItem, ...]
    member: Member | None = None
    coverage: Coverage | None = None
    message: dict[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, reviewer_id: str | None) -> str:
        """The person's name; the id where the directory has none, empty for None."""
        return self.names.get(reviewer_id, reviewer_id) if reviewer_id is not None else ""

    @property
    def zone(self) -> str:
        return self.view.zone if self.view is not None else "UTC"

    @property
    def recalled_letters(self) -> frozenset[str]:
        """The letters that were written and are not mailed, because what they say ceased to be so."""
        return frozenset(
            str(entry.data["letter_id"]) for entry in self.entries if entry.kind is EntryKind.LETTER_RECALLED
        )


def load_case_detail(s: Session, case_id: str, reader: str | None) -> CaseDetail:
    """Load everything on file about a case that is no authorization, as this reader may see it (None: nobody named).

    Peer review findings are shown only to those who work on them, a caller's message only to those who return calls.
    """
    return restrict_detail(s, CaseDetail(**load_common_parts(s, case_id)), reader)


def restrict_detail(s: Session, detail: CaseDetail, reader: str | None) -> CaseDetail:
    """The detail as this reader may see it (None: nobody named), with the caller's message of a callback."""
    match detail.sheet.process if detail.sheet is not None else None:
        case ProcessKind.CONCERN if not access.may_read(s, access.READ_PEER_REVIEW, reader, detail.tasks):
            return _without_peer_review(detail)
        case ProcessKind.CALLBACK:
            may_read = access.may_read(s, access.READ_CALLER_MESSAGE, reader, detail.tasks)
            return replace(detail, message=_caller_message(s, detail, may_read))
    return detail


def load_common_parts(s: Session, case_id: str) -> dict[str, Any]:
    """Load the parts that every case has, by name."""
    view, entries, held = cases.get(s, case_id), journal.entries(s, case_id), tasks.of_case(s, case_id)
    return {
        "case_id": case_id,
        "view": view,
        "member": directory.member(s, view.member_id) if view is not None else None,
        "coverage": coverage_of(s, view) if view is not None else None,
        "sheet": case_summaries.get(s, case_id),
        "clocks": cast("tuple[dict[str, Any], ...]", cases.clocks(s, case_id)),
        "tasks": held,
        "entries": entries,
        "letters": letters.of_case(s, case_id),
        "documents": documents.of_case(s, case_id),
        "arrivals": inbox.of_case(s, case_id),
        "names": _names_of(s, entries, held),
    }


def _names_of(s: Session, entries: Sequence[JournalEntry], held: Sequence[Task]) -> dict[str, str]:
    """The names of the plan's people who acted, or have or had a task, by id."""
    ids = {entry.actor.id for entry in entries if entry.actor.kind == "reviewer"}
    ids |= {task.assignee for task in held if task.assignee is not None}
    return {one: who.name for one, who in directory.reviewers_of(s, ids).items()}


def _without_peer_review(detail: CaseDetail) -> CaseDetail:
    sheet, placeholder = detail.sheet, access.READ_PEER_REVIEW.placeholder
    if sheet is None:
        return detail
    content = {
        key: placeholder if key in PEER_REVIEW_FIELDS and value else value for key, value in sheet.content.items()
    }
    # The entries' data hold every completed form; the journal's sentences hold none of it.
    entries = tuple(entry.model_copy(update={"data": {}}) for entry in detail.entries)
    return replace(detail, sheet=CaseSummary(process=sheet.process, content=content), entries=entries)


def coverage_of(s: Session, view: CaseView) -> Coverage | None:
    """The coverage in force on the day of receipt."""
    received_on = view.received_at.astimezone(ZoneInfo(view.zone)).date()
    return directory.coverage_on(s, view.member_id, received_on)


def _caller_message(s: Session, detail: CaseDetail, may_read: bool) -> dict[str, Any] | None:
    """The caller's message: name, phone number and text. Only the store has it."""
    document_id = detail.sheet.content.get("message_document") if detail.sheet is not None else None
    if not isinstance(document_id, str):
        return None
    try:
        said: dict[str, Any] = json.loads(documents.get(s, document_id))
    except LookupError:
        return None
    shown = {
        name: said.get(name)
        for name in ("caller_name", "caller_organization", "phone", "message", "reference", "taken_by")
    }
    return (
        shown if may_read else {name: value and access.READ_CALLER_MESSAGE.placeholder for name, value in shown.items()}
    )
