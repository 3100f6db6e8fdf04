"""Journal of every case: entries are appended once, chained by hashes, and never changed.

The last entry's number and hash are stored beside the chain (`journal_heads`), so that a cut-off tail is found as well as
a changed, missing or reordered row. The database itself refuses UPDATE and DELETE on both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import JsonValue
from sqlalchemy import Row, Select, bindparam, delete, select, union
from sqlalchemy.orm import Session

from domain.cases.orders import CaseRun
from domain.errors import Corrupt
from domain.journal import (
    GENESIS,
    Actor,
    ChainBreak,
    EntryDraft,
    EntryKind,
    JournalEntry,
    canonical_json,
    chain_entry,
    entry_hash,
)
from domain.journal import verify_chain as first_fault
from store import tables
from store.dialect import acquire_named_lock, insert_new, upsert
from store.nul_characters import replace_nul

_J, _H, _S = tables.journal, tables.journal_heads, tables.case_states
_COLUMNS = tuple(_J.columns)
_HEAD = select(_H.c.seq, _H.c.hash).where(_H.c.case_id == bindparam("case_id"))


class ContradictedEntry(Corrupt):
    """An entry whose number is taken by another content: whoever writes it does not know how the case went on."""


class JournalHead(NamedTuple):
    """The last entry of a case's chain; `seq` is 0 and `hash` is GENESIS before the first."""

    seq: int
    hash: str


class AppendedEntries(NamedTuple):
    """Entries of one write, and those of them that are new."""

    entries: tuple[JournalEntry, ...]
    new: tuple[JournalEntry, ...]


def extend(s: Session, case_id: str, drafts: Sequence[EntryDraft]) -> AppendedEntries:
    """Write the drafts as entries; an entry that exists with the same content is left as it is.

    Returns which entries are new, so that a late retry does not fold old views over newer ones. Raises Corrupt when an
    entry number is skipped, ContradictedEntry when it is taken by an entry with another content.
    """
    if not drafts:
        return AppendedEntries((), ())
    drafts = _in_order(case_id, drafts)
    acquire_named_lock(s, f"journal:{case_id}")
    last = head(s, case_id)
    known = [draft for draft in drafts if draft.seq <= last.seq]
    if drafts[0].seq > last.seq + 1:
        raise Corrupt(f"{case_id}: entry {drafts[0].seq} was given while the journal ends at {last.seq}")
    old = _matching(s, case_id, known) if known else ()
    new = _chained(case_id, drafts[len(known) :], last)
    if new:
        s.execute(_J.insert(), [_row(entry) for entry in new])
        upsert(s, _H, [{"case_id": case_id, "seq": new[-1].seq, "hash": new[-1].hash}])
    return AppendedEntries((*old, *new), new)


def append_to_ended(
    s: Session, case_id: str, kind: EntryKind, at: datetime, actor: Actor, summary: str, data: dict[str, JsonValue]
) -> JournalEntry:
    """Append one entry to the journal of a case whose workflow has ended: nobody else writes it any more."""
    acquire_named_lock(s, f"journal:{case_id}")
    draft = EntryDraft(seq=head(s, case_id).seq + 1, at=at, kind=kind, actor=actor, summary=summary, data=data)
    return extend(s, case_id, [draft]).new[0]


def head(s: Session, case_id: str) -> JournalHead:
    row = s.execute(_HEAD, {"case_id": case_id}).first()
    return JournalHead(row.seq, row.hash) if row else JournalHead(0, GENESIS)


def heads(s: Session) -> dict[str, tuple[int, str]]:
    """Number and hash of the last entry of every journal."""
    return {row.case_id: (row.seq, row.hash) for row in s.execute(select(_H.c.case_id, _H.c.seq, _H.c.hash))}


def last_instant(s: Session, case_id: str) -> datetime | None:
    """The instant (UTC) of the case's last entry; None before the first."""
    last = select(_J.c.at).where(_J.c.case_id == case_id).order_by(_J.c.seq.desc()).limit(1)
    return s.execute(last).scalar_one_or_none()


def keep_state(s: Session, case_id: str, seq: int, run: CaseRun | None) -> None:
    """Keep the state of the case as of entry `seq`, in the transaction that wrote it; None: the kept one no longer holds.

    A late repeat of an earlier write changes nothing."""
    if seq != head(s, case_id).seq:
        return
    if run is None:
        s.execute(delete(_S).where(_S.c.case_id == case_id))
    else:
        upsert(s, _S, [{"case_id": case_id, "seq": seq, "workflow": run.workflow, "start": run.start}])


def keep_start(s: Session, case_id: str, run: CaseRun) -> None:
    """Keep what a case begins with, before its journal does. The first start of a number stays."""
    if head(s, case_id).seq == 0:
        insert_new(s, _S, {"case_id": case_id, "seq": 0, "workflow": run.workflow, "start": run.start})


def unopened_cases(s: Session) -> tuple[str, ...]:
    """The cases whose start is on file and which have no journal entry yet, in order."""
    begun = select(_S.c.case_id).where(_S.c.seq == 0, _S.c.case_id.not_in(select(_H.c.case_id)))
    return tuple(s.scalars(begun.order_by(_S.c.case_id)))


def last_state(s: Session, case_id: str) -> CaseRun | None:
    """The state of the case as of its last journal entry, or its start before the first; None when neither was kept."""
    row = s.execute(select(_S).where(_S.c.case_id == case_id, _S.c.seq == head(s, case_id).seq)).first()
    return None if row is None else CaseRun(workflow=row.workflow, start=row.start)


def entries(s: Session, case_id: str, after: int = 0) -> tuple[JournalEntry, ...]:
    """The entries of a case in order; only those that follow number `after`."""
    query = _select().where(_J.c.case_id == case_id, _J.c.seq > after).order_by(_J.c.seq)
    return tuple(_entry(row) for row in s.execute(query))


def case_ids(s: Session) -> tuple[str, ...]:
    """Every case that has, or must have, a journal: also one whose rows or head were deleted."""
    known = union(select(_J.c.case_id), select(_H.c.case_id), select(tables.cases.c.case_id)).subquery()
    return tuple(s.scalars(select(known.c.case_id).order_by(known.c.case_id)))


def iterate_cases(s: Session) -> Iterator[tuple[str, tuple[JournalEntry, ...]]]:
    """Each case with its entries, one case in memory at a time."""
    for case_id in s.scalars(select(_J.c.case_id).distinct().order_by(_J.c.case_id)).all():
        yield case_id, entries(s, case_id)


def verify(s: Session, case_id: str) -> ChainBreak | None:
    """The first fault of the case's chain, or None when it is complete and ends at its recorded head."""
    try:
        found = entries(s, case_id)
    except (Corrupt, ValueError):
        return ChainBreak(case_id=case_id, seq=_first_unreadable(s, case_id), problem="cannot be read")
    fault = first_fault(case_id, found)
    if fault is not None:
        return fault
    last, at = head(s, case_id), found[-1] if found else None
    if at is None:
        return ChainBreak(case_id=case_id, seq=1, problem="the whole journal is missing")
    if at.seq < last.seq:
        return ChainBreak(case_id=case_id, seq=at.seq + 1, problem=f"entries {at.seq + 1} to {last.seq} are missing")
    if (at.seq, at.hash) != last:
        return ChainBreak(case_id=case_id, seq=at.seq, problem="the chain does not end at its recorded head")
    return None


def verify_all(s: Session) -> list[ChainBreak]:
    """The first fault of each broken chain, ordered by case."""
    return [fault for fault in (verify(s, case_id) for case_id in case_ids(s)) if fault is not None]


def _first_unreadable(s: Session, case_id: str) -> int:
    numbers = s.scalars(select(_J.c.seq).where(_J.c.case_id == case_id).order_by(_J.c.seq)).all()
    for seq in numbers:
        try:
            _entry(s.execute(_select().where(_J.c.case_id == case_id, _J.c.seq == seq)).one())
        except (Corrupt, ValueError):
            return int(seq)
    return 1


def _in_order(case_id: str, drafts: Sequence[EntryDraft]) -> list[EntryDraft]:
    for before, after in zip(drafts, drafts[1:], strict=False):
        if after.seq != before.seq + 1:
            raise Corrupt(f"{case_id}: entry {after.seq} was given after {before.seq}")
    return [_as_kept(draft) for draft in drafts]


def _as_kept(draft: EntryDraft) -> EntryDraft:
    """The entry as it will be read back, since the hash covers the exact text: the instant in UTC, no NUL in a text."""
    actor = Actor(kind=replace_nul(draft.actor.kind), id=replace_nul(draft.actor.id))
    return draft.model_copy(
        update={"at": draft.at.astimezone(UTC), "summary": replace_nul(draft.summary), "actor": actor}
    )


def _matching(s: Session, case_id: str, drafts: Sequence[EntryDraft]) -> tuple[JournalEntry, ...]:
    first, last = drafts[0].seq, drafts[-1].seq
    query = _select().where(_J.c.case_id == case_id, _J.c.seq.between(first, last)).order_by(_J.c.seq)
    stored = tuple(_entry(row) for row in s.execute(query))
    if len(stored) != len(drafts):
        raise Corrupt(f"{case_id}: entries between {first} and {last} are missing from the journal")
    for draft, entry in zip(drafts, stored, strict=True):
        if entry_hash(case_id, draft, entry.prev_hash) != entry.hash:
            raise ContradictedEntry(f"{case_id}: entry {draft.seq} is in the journal with another content")
    return stored


def _chained(case_id: str, drafts: Sequence[EntryDraft], last: JournalHead) -> tuple[JournalEntry, ...]:
    new: list[JournalEntry] = []
    for draft in drafts:
        new.append(chain_entry(case_id, draft, new[-1].hash if new else last.hash))
    return tuple(new)


def _select() -> Select[Any]:
    return select(*_COLUMNS)


def _row(entry: JournalEntry) -> dict[str, Any]:
    return {
        "case_id": entry.case_id,
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind.value,
        "actor_kind": entry.actor.kind,
        "actor_id": entry.actor.id,
        "summary": entry.summary,
        "data": canonical_json(entry.data).decode(),
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }


def _entry(row: Row[Any]) -> JournalEntry:
    try:
        return JournalEntry(
            case_id=row.case_id,
            seq=row.seq,
            at=row.at,
            kind=EntryKind(row.kind),
            actor=Actor(kind=row.actor_kind, id=row.actor_id),
            summary=row.summary,
            data=json.loads(row.data) if row.data else {},  # a purge leaves no text
            prev_hash=row.prev_hash,
            hash=row.hash,
        )
    except ValueError:
        raise Corrupt(f"{row.case_id}: entry {row.seq} cannot be read") from None
