"""Entries on the journal of a case whose workflow has ended: nobody but these appends to it any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseView
from domain.errors import NotOnFile
from domain.journal import Actor, EntryDraft, EntryKind
from store import cases, journal, read_models
from store.dialect import acquire_named_lock

NOTE_ID = "note_id"
"""The key of an appended entry under which its id stands: the same id is appended once."""


def append_note(
    s: Session,
    case_id: str,
    note_id: str,
    *,
    kind: EntryKind,
    at: datetime,
    actor: Actor,
    summary: str,
    data: Mapping[str, JsonValue],
    status: CaseStatus | None = None,
) -> None:
    """Append an entry of `at` (UTC), once for each note id; `status` is the case's from then on (None: as it is).

    Only for a case whose workflow has ended. Raises NotOnFile while the store has the case as open.
    """
    acquire_named_lock(s, f"journal:{case_id}")
    view = _closed_view(s, case_id)
    if any(entry.data.get(NOTE_ID) == note_id for entry in journal.entries(s, case_id)):
        return
    if status is not None:
        view = view.model_copy(update={"status": status})
    content = {**data, NOTE_ID: note_id, "case": view.model_dump(mode="json")}
    seq = journal.head(s, case_id).seq + 1
    draft = EntryDraft(seq=seq, at=at, kind=kind, actor=actor, summary=summary, data=content)
    read_models.record_entries(s, case_id, (draft,))


def _closed_view(s: Session, case_id: str) -> CaseView:
    view = cases.get(s, case_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise NotOnFile(f"{case_id} is not closed in the store.", "It is noted as soon as that case runs or is closed.")
    return view
