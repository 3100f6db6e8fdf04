"""Read models of cases, for lists and screens."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.cases.views import CaseLetter, CaseStatus, CaseView, LineView
from domain.follow_ups.notes import recorded_changes
from domain.follow_ups.terms import AuthorizationVersion, approved_terms, make_versions
from domain.journal import EntryKind
from domain.vocabulary import Lob, ProcessKind
from store import journal, requests, tables

_C = tables.cases


def get(s: Session, case_id: str) -> CaseView | None:
    view = s.execute(select(_C.c.view).where(_C.c.case_id == case_id)).scalar_one_or_none()
    return None if view is None else CaseView.model_validate(view)


def find(
    s: Session,
    *,
    status: CaseStatus | None = None,
    lob: Lob | None = None,
    member_id: str | None = None,
    process: ProcessKind | None = None,
    due_before: datetime | None = None,
    limit: int | None = None,
) -> tuple[CaseView, ...]:
    """The cases that match every given filter, the earliest decision due first and those without one last.

    `process` None means all kinds: requests, stays, and every other kind of case.
    """
    query = select(_C.c.view).order_by(_C.c.decision_due.asc().nulls_last(), _C.c.case_id)
    if status is not None:
        query = query.where(_C.c.status == status.value)
    if lob is not None:
        query = query.where(_C.c.lob == lob.value)
    if member_id is not None:
        query = query.where(_C.c.member_id == member_id)
    if process is not None:
        # Views written before there were other processes name none.
        query = query.where(func.coalesce(_C.c.view["process"].as_string(), ProcessKind.REQUEST.value) == process.value)
    if due_before is not None:
        query = query.where(_C.c.decision_due < due_before)
    return tuple(CaseView.model_validate(view) for view in s.scalars(query.limit(limit)))


def authorization_versions(s: Session, case_id: str) -> tuple[AuthorizationVersion, ...]:
    """Every version of the case's authorization, the determination first; none while it authorizes nothing. Raises NotOnFile
    for a case without a request."""
    view = get(s, case_id)
    if view is None or view.authorization_number is None:
        return ()
    first = approved_terms(requests.load(s, case_id, view.request_version).request, lines(s, case_id))
    entries = journal.entries(s, case_id)
    made = next((entry for entry in entries if entry.kind is EntryKind.DETERMINATION_MADE), None)
    by = str(made.actor) if made is not None else "system:umpire"
    return make_versions(first, view.decided_at or view.received_at, by, case_id, recorded_changes(entries))


def clocks(s: Session, case_id: str) -> tuple[JsonValue, ...]:
    """All clocks of the case as last journaled, as JSON."""
    table = tables.case_clocks
    query = select(table.c.clock).where(table.c.case_id == case_id).order_by(table.c.position)
    return tuple(s.scalars(query))


def lines(s: Session, case_id: str) -> tuple[LineView, ...]:
    """The service lines of the case, by line id."""
    table = tables.case_lines
    query = select(table.c.line).where(table.c.case_id == case_id).order_by(table.c.line_id)
    return tuple(LineView.model_validate(line) for line in s.scalars(query))


def letters(s: Session, case_id: str) -> tuple[CaseLetter, ...]:
    """The letters of the case in order of writing."""
    table = tables.case_letters
    query = select(table.c.letter).where(table.c.case_id == case_id).order_by(table.c.written_at, table.c.letter_id)
    return tuple(CaseLetter.model_validate(letter) for letter in s.scalars(query))
