"""Who may read what: what a peer review found is for whoever works with it; who left a message is for whoever calls back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from domain.cases.tasks import TaskKind
from domain.cases.views import ProcessKind, Sheet
from domain.concerns.views import CONFIDENTIAL
from domain.vocabulary import Role
from services.queries.case_detail import DossierDetail
from store import directory, documents

MAY_RESOLVE = frozenset({Role.INTAKE, Role.SUPERVISOR})


KEPT_BACK = "kept with peer review"
_ROLES = frozenset({Role.MEDICAL_DIRECTOR, Role.COMPLIANCE})
_TASKS = frozenset({TaskKind.CONCERN_PEER_REVIEW, TaskKind.CONCERN_COMMITTEE, TaskKind.CONCERN_CLOSURE})


def readable(s: Session, detail: DossierDetail, reader: str | None) -> DossierDetail:
    """The dossier as this reader may see it. Nothing is kept back of anything but a concern."""
    sheet = detail.sheet
    if sheet is None or sheet.process is not ProcessKind.CONCERN or _may_read_all(s, detail, reader):
        return detail
    shown = {name: KEPT_BACK if name in CONFIDENTIAL and value else value for name, value in sheet.content.items()}
    # The data of the entries hold every form as it was filled in; the sentences of the journal hold none of it.
    entries = tuple(entry.model_copy(update={"data": {}}) for entry in detail.entries)
    return replace(detail, sheet=Sheet(process=sheet.process, content=shown), entries=entries)


def message_of(s: Session, detail: DossierDetail) -> dict[str, Any] | None:
    """What a caller left: their name and number, and their words. Only the store has it."""
    if detail.sheet is None or detail.sheet.process is not ProcessKind.CALLBACK:
        return None
    document_id = detail.sheet.content.get("message_document")
    if not isinstance(document_id, str):
        return None
    try:
        said: dict[str, Any] = json.loads(documents.get(s, document_id))
    except LookupError:
        return None
    shown = ("caller_name", "phone", "message", "reference", "taken_by")
    return {name: said.get(name) for name in shown}


def _may_read_all(s: Session, detail: DossierDetail, reader: str | None) -> bool:
    who = directory.reviewer(s, reader) if reader is not None else None
    if who is None or not who.active:
        return False
    return bool(_ROLES & set(who.roles)) or any(
        task.kind in _TASKS and task.assignee == who.reviewer_id for task in detail.tasks
    )
