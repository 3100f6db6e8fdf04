"""Read access: peer review findings only for those who work on them, a caller's message only for those who return the call."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from domain.cases.tasks import TaskKind
from domain.cases.views import CaseSummary
from domain.concerns.views import PEER_REVIEW_FIELDS
from domain.errors import NotOnFile
from domain.vocabulary import ProcessKind, Role
from services.queries.case_detail import CaseDetail
from store import directory, documents

INBOX_ROLES = frozenset({Role.INTAKE, Role.SUPERVISOR})


REDACTED = "restricted to peer review"
_PEER_REVIEW_ROLES = frozenset({Role.MEDICAL_DIRECTOR, Role.COMPLIANCE})
_PEER_REVIEW_TASKS = frozenset({TaskKind.CONCERN_PEER_REVIEW, TaskKind.CONCERN_COMMITTEE, TaskKind.CONCERN_CLOSURE})


def redact_for_reader(s: Session, detail: CaseDetail, reader: str | None) -> CaseDetail:
    """The case as this reader may see it. Only quality concerns are redacted."""
    sheet = detail.sheet
    if sheet is None or sheet.process is not ProcessKind.CONCERN or _may_read_all(s, detail, reader):
        return detail
    shown = {name: REDACTED if name in PEER_REVIEW_FIELDS and value else value for name, value in sheet.content.items()}
    # The entries' data hold every completed form; the journal's sentences hold none of it.
    entries = tuple(entry.model_copy(update={"data": {}}) for entry in detail.entries)
    return replace(detail, sheet=CaseSummary(process=sheet.process, content=shown), entries=entries)


def read_caller_message(s: Session, detail: CaseDetail) -> dict[str, Any] | None:
    """The caller's message: name, phone number and text. Only the store has it."""
    if detail.sheet is None or detail.sheet.process is not ProcessKind.CALLBACK:
        return None
    document_id = detail.sheet.content.get("message_document")
    if not isinstance(document_id, str):
        return None
    try:
        said: dict[str, Any] = json.loads(documents.get(s, document_id))
    except NotOnFile:
        return None
    shown = ("caller_name", "phone", "message", "reference", "taken_by")
    return {name: said.get(name) for name in shown}


def _may_read_all(s: Session, detail: CaseDetail, reader: str | None) -> bool:
    who = directory.reviewer(s, reader) if reader is not None else None
    if who is None or not who.active:
        return False
    return bool(_PEER_REVIEW_ROLES & set(who.roles)) or any(
        task.kind in _PEER_REVIEW_TASKS and task.assignee == who.reviewer_id for task in detail.tasks
    )
