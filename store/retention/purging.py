"""The purge of one case's record: everything about a person goes, and its journal's hashes, receipts and counts stay.

`TREATMENTS` says for every table with rows of cases what a purge does with them, so that a new table has to be given one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from domain.journal import PURGED_THROUGH, Actor, EntryKind
from domain.model import Model
from store import inbox, journal, tables
from store.dialect import acquire_named_lock
from store.drafts.tables import drafts as task_drafts
from store.portal import tables as portal_tables
from store.read_models import READ_MODELS
from store.worklist.tables import tasks

_STAFF = ("reviewer", "rule", "system")
"""Kinds of actors whose ids name staff or software; all others may name a member or somebody who spoke for one."""


class Treatment(StrEnum):
    """The treatment of a purged case's rows in a table."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    """The row stays as proof that it was there, with its hash, instants and numbers, and without its content."""
    KEPT = "kept"
    """Nothing in it tells of anybody's health: numbers, hashes, who has looked."""


_EMPTIED = ("journal", "inbox", "requests", "documents", "case_documents", "letters", "call_slots")
_DELETED = (
    *(table.name for table in READ_MODELS),
    *("claims", "stays", "adt_messages", "verdicts", "case_states", "supply_claims", "request_trace_numbers"),
    *("case_providers", "call_wishes", "task_drafts"),
)
_KEPT = ("journal_heads", "benefit_reservations", "case_views")
TREATMENTS: Mapping[str, Treatment] = {
    **dict.fromkeys(_EMPTIED, Treatment.EMPTIED),
    **dict.fromkeys(_DELETED, Treatment.DELETED),
    **dict.fromkeys(_KEPT, Treatment.KEPT),
}
"""By the names of tables. One that is not here is about the plan, its members and staff, or has rules of its own."""


class PurgedRecord(Model):
    """The content of the journal's entry about a purge: the rules and the last day of the period, and how much went.
    `purged_through` is the last entry that was emptied."""

    purged_through: int
    rules: tuple[str, ...]
    kept_until: str
    entries: int
    letters: int
    documents: int
    arrivals: int


def purge(
    s: Session, case_id: str, rules: Sequence[str], kept_until: str, by: Actor, at: datetime
) -> PurgedRecord | None:
    """Purge the record of a case in the caller's transaction; None where that was done before.

    The caller has made sure that it may go and that its journal verifies. The entry that says so is written first: the
    database lets nothing be emptied without it.
    """
    acquire_named_lock(s, f"journal:{case_id}")
    if find_purge(s, case_id) is not None:
        return None
    last = journal.head(s, case_id).seq
    arrivals = _arrivals(s, case_id)
    own = _own_documents(s, case_id)
    letters = _count(s, tables.letters, case_id)
    record = PurgedRecord(
        purged_through=last,
        rules=tuple(rules),
        kept_until=kept_until,
        entries=last,
        letters=letters,
        documents=len(own),
        arrivals=len(arrivals),
    )
    # Under a key of its own: those of the read models must not feed them.
    data: dict[str, JsonValue] = {PURGED_THROUGH: last, "purge": record.model_dump(mode="json")}
    summary = f"The record was purged: it had to be kept until {kept_until} ({', '.join(rules)})."
    journal.append_to_ended(s, case_id, EntryKind.RECORD_PURGED, at, by, summary, data)
    _empty(s, case_id, last, arrivals, own)
    _delete(s, case_id)
    return record


def find_purge(s: Session, case_id: str) -> datetime | None:
    """The instant (UTC) at which the record of the case was purged; None while it is there."""
    _J = tables.journal
    query = select(func.max(_J.c.at)).where(_J.c.case_id == case_id, _J.c.kind == EntryKind.RECORD_PURGED.value)
    return s.execute(query).scalar_one_or_none()


def _empty(s: Session, case_id: str, last: int, arrivals: Sequence[int], own: Sequence[str]) -> None:
    _J, _I, _R, _D = tables.journal, tables.inbox, tables.requests, tables.documents
    entries = update(_J).where(_J.c.case_id == case_id, _J.c.seq <= last)
    s.execute(entries.where(_J.c.actor_kind.in_(_STAFF)).values(summary="", data=""))
    s.execute(entries.where(_J.c.actor_kind.not_in(_STAFF)).values(summary="", data="", actor_id=""))
    emptied: dict[str, Any] = {"raw": b"", "sender": None, "problems": [], "note": None, "case_id": case_id}
    s.execute(update(_I).where(_I.c.inbox_id.in_(arrivals)).values(**emptied))
    s.execute(update(_R).where(_R.c.case_id == case_id).values(request={}, answers=None))
    s.execute(update(tables.letters).where(tables.letters.c.case_id == case_id).values(rendered={}, recipient=""))
    s.execute(update(_D).where(_D.c.document_id.in_(own)).values(content=b"", title=""))
    attached = update(tables.case_documents).where(tables.case_documents.c.case_id == case_id)
    s.execute(attached.values(title="", control_number=None))
    slots = portal_tables.call_slots
    s.execute(update(slots).where(slots.c.case_id == case_id).values(person=None, phone=None))


def _delete(s: Session, case_id: str) -> None:
    numbers, of_case = tables.request_trace_numbers, select(tables.requests.c.request_id)
    s.execute(delete(numbers).where(numbers.c.request_id.in_(of_case.where(tables.requests.c.case_id == case_id))))
    mine = select(tasks.c.task_id).where(tasks.c.case_id == case_id)
    s.execute(delete(task_drafts).where(task_drafts.c.task_id.in_(mine)))
    for table in (*READ_MODELS, *_BY_CASE):
        s.execute(delete(table).where(table.c.case_id == case_id))
    for table in (tables.adt_messages, tables.stays):
        s.execute(delete(table).where(table.c.stay_id == case_id))


_BY_CASE: tuple[Table, ...] = (
    tables.claims,
    tables.verdicts,
    tables.case_states,
    tables.supply_claims,
    portal_tables.case_providers,
    portal_tables.call_wishes,
)


def _arrivals(s: Session, case_id: str) -> tuple[int, ...]:
    """The arrivals that became part of the case, that were messages about its stay, or would have changed it."""
    _M, _I = tables.adt_messages, tables.inbox
    found = {item.inbox_id for item in (*inbox.of_case(s, case_id), *inbox.proposals(s, case_id))}
    told = select(_M.c.inbox_id).where(_M.c.stay_id == case_id)
    free = select(_I.c.inbox_id).where(_I.c.inbox_id.in_(told), (_I.c.case_id == case_id) | _I.c.case_id.is_(None))
    return tuple(sorted(found | set(s.scalars(free))))


def _own_documents(s: Session, case_id: str) -> tuple[str, ...]:
    """The documents of the case that no other case has, but those whose record was purged as well."""
    _L, _J = tables.case_documents, tables.journal
    mine = select(_L.c.document_id).where(_L.c.case_id == case_id)
    gone = select(_J.c.case_id).where(_J.c.case_id == _L.c.case_id, _J.c.kind == EntryKind.RECORD_PURGED.value).exists()
    others = select(_L.c.document_id).where(_L.c.document_id.in_(mine), _L.c.case_id != case_id, ~gone)
    return tuple(s.scalars(mine.where(_L.c.document_id.not_in(others)).order_by(_L.c.document_id)))


def _count(s: Session, table: Table, case_id: str) -> int:
    return s.execute(select(func.count()).select_from(table).where(table.c.case_id == case_id)).scalar_one()
