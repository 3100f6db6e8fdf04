"""The checks after a chaos run: nothing lost, doubled, moved or stuck, and every journal verifies."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.client import Client

from domain.case_numbers import post_service_number
from domain.cases.tasks import TaskStatus
from domain.cases.views import CaseLetter, CaseStatus
from domain.journal import EntryKind, JournalEntry, canonical_json
from services.queries.leading import record_integrity
from store import cases, inbox, journal, letters, tables, tasks
from store.inbox import InboxItem, InboxStatus
from store.session import Store
from tests.chaos import request_checks
from tests.chaos.chronicle import Chronicle
from tests.chaos.faults import BROKEN, DOUBLED, LOST, MOVED, ChaosFault

_ONCE = (
    EntryKind.REQUEST_RECEIVED,
    EntryKind.DETERMINATION_MADE,
    EntryKind.STAY_OPENED,
    EntryKind.PLAN_OPENED,
    EntryKind.CLAIM_RECEIVED,
    EntryKind.REVIEW_OPENED,
    EntryKind.REVIEW_ANSWERED,
    EntryKind.CLOSED,
)
_READ = (InboxStatus.ACCEPTED, InboxStatus.REFUSED, InboxStatus.RESOLVED)


async def find_faults(
    store: Store, client: Client, outbox: Path, chronicle: Chronicle
) -> tuple[dict[str, int], tuple[ChaosFault, ...]]:
    """Hold the store, the outbox and Temporal to what was seen outside; the figures, and the faults."""
    from tests.chaos.open_workflows import stuck_workflows  # it describes runs as the rest does, which knows the faults

    with store.read() as s:
        figures = _count(s)
        faults = [*store_faults(s, chronicle), *outbox_faults(s, outbox)]
        opened = cases.find(s, status=CaseStatus.OPEN)
        moved_on = {item.case_id for item in tasks.worklist(s) if item.case_id is not None}
    running = {view.case_id for view in opened}
    moved_on |= {case_id for case_id in running if post_service_number(case_id) in running}
    faults += await stuck_workflows(client, sorted(running), moved_on)
    return figures, tuple(faults)


def store_faults(s: Session, chronicle: Chronicle) -> Iterator[ChaosFault]:
    """Everything that the store alone can be asked."""
    arrivals = _arrivals(s)
    yield from lost_documents(s, chronicle, arrivals)
    yield from lost_messages(s, chronicle)
    yield from lost_completions(s, chronicle)
    yield from request_checks.doubled_cases(s, arrivals)
    yield from request_checks.moved_receipts(s, arrivals)
    yield from request_checks.changes_out_of_order(s)
    yield from request_checks.unheard_changes(s, chronicle, arrivals)
    yield from request_checks.unheard_calls(s, chronicle)
    yield from doubled_letters(s)
    for case_id in journal.case_ids(s):
        broken = journal.verify(s, case_id)
        if broken is not None:
            yield ChaosFault(BROKEN, case_id, f"entry {broken.seq}: {broken.problem}")
            continue
        for found in record_integrity.record_faults(s, case_id):
            yield ChaosFault(BROKEN, case_id, f"entry {found.seq}: {found.problem}")
        entries = journal.entries(s, case_id)
        yield from doubled_entries(case_id, entries)
        yield from letters_without_order(s, case_id, entries)
        yield from doubled_tasks(s, case_id)
        yield from moved_dues(case_id, entries, cases.clocks(s, case_id))


def lost_documents(s: Session, chronicle: Chronicle, arrivals: dict[str, list[InboxItem]]) -> Iterator[ChaosFault]:
    """Acknowledged documents that are not kept with the receipt that was acknowledged, or became neither case nor task."""
    with_journal = set(journal.case_ids(s))
    for sent in chronicle.documents.values():
        kept = {item.inbox_id: item for item in arrivals.get(sent.sha256, ())}
        for inbox_id, received_at in sent.acknowledged:
            item = kept.get(inbox_id)
            if item is None:
                yield ChaosFault(LOST, sent.name, f"INBOX-{inbox_id} was acknowledged and is not kept")
            elif item.received_at != received_at:
                yield ChaosFault(MOVED, sent.name, f"INBOX-{inbox_id} has another receipt than was acknowledged")
    for item in (each for group in arrivals.values() for each in group):
        where = f"INBOX-{item.inbox_id}"
        if item.status not in _READ:
            yield ChaosFault(LOST, where, f"is {item.status.value}: neither a case nor a task of intake")
        elif item.status is InboxStatus.ACCEPTED and item.kind in request_checks.KINDS_OF_CASES:
            if item.case_id not in with_journal:
                yield ChaosFault(LOST, where, f"belongs to {item.case_id}, which has no journal")
            if item.started_at is None:
                yield ChaosFault(LOST, where, f"was never sent to {item.case_id}")


def lost_messages(s: Session, chronicle: Chronicle) -> Iterator[ChaosFault]:
    """Acknowledged ADT messages that are not stored exactly once, and stored ones that their stay does not have once."""
    stored = s.execute(select(tables.adt_messages)).all()
    rows = Counter(row.control_id for row in stored)
    for sent in chronicle.messages.values():
        if sent.answer == "AA" and rows[sent.control_id] != 1:
            kind = DOUBLED if rows[sent.control_id] else LOST
            yield ChaosFault(kind, sent.name, f"was answered AA and is stored {rows[sent.control_id]} times")
    heard: Counter[tuple[str, str]] = Counter()
    for case_id in journal.case_ids(s):
        for entry in journal.entries(s, case_id):
            event = entry.data.get("event")
            if entry.kind is EntryKind.STAY_EVENT and isinstance(event, dict):
                heard[case_id, str(event["event_id"])] += 1
    for row in stored:
        for stay_id in row.tells if row.status == "told" else ():
            times = heard[stay_id, row.event_id]
            if times != 1:
                yield ChaosFault(DOUBLED if times else LOST, stay_id, f"has {row.control_id} {times} times")


def lost_completions(s: Session, chronicle: Chronicle) -> Iterator[ChaosFault]:
    """Tasks whose completion the case accepted, and which are not done, or done twice."""
    for task_id, case_id in chronicle.completed.items():
        found = tasks.get(s, task_id)
        if found is None or found.task.status is not TaskStatus.DONE:
            yield ChaosFault(LOST, case_id, f"accepted the completion of {task_id}, which is not done")


def doubled_letters(s: Session) -> Iterator[ChaosFault]:
    """Letters with the same page for the same recipient, under two ids: an order that was carried out twice."""
    pages: Counter[tuple[str, str, str, bytes]] = Counter()
    for row in s.execute(select(tables.letters)):
        pages[row.case_id, row.notice, row.audience, canonical_json(row.rendered)] += 1
    for (case_id, notice, audience, _), times in pages.items():
        if times > 1:
            yield ChaosFault(DOUBLED, case_id, f"{notice} for the {audience} was written {times} times")


def doubled_entries(case_id: str, entries: Iterable[JournalEntry]) -> Iterator[ChaosFault]:
    """Entries that say the same of the same moment, kinds that a case has once, tasks and letters journaled twice."""
    same: Counter[bytes] = Counter()
    once: Counter[str] = Counter()
    for entry in entries:
        content = entry.model_dump(mode="json", include={"at", "kind", "actor", "summary", "data"})
        same[canonical_json(content)] += 1
        if entry.kind in _ONCE:
            once[entry.kind.value] += 1
        if entry.kind is EntryKind.LETTER_WRITTEN:
            once.update(f"letter {one['letter_id']}" for one in _dicts(entry, "letters"))
        if entry.kind is EntryKind.TASK_OPENED:
            once.update(f"opening of {one['task_id']}" for one in _dicts(entry, "tasks"))
        if entry.kind is EntryKind.TASK_COMPLETED:
            done = (one for one in _dicts(entry, "tasks") if one.get("status") == TaskStatus.DONE.value)
            once.update(f"completion of {one['task_id']}" for one in done)
    for what, times in once.items():
        if times > 1:
            yield ChaosFault(DOUBLED, case_id, f"{what} is {times} times in the journal")
    for content, times in same.items():
        if times > 1:
            yield ChaosFault(
                DOUBLED, case_id, f"an entry {json.loads(content)['kind']} is {times} times in the journal"
            )


def letters_without_order(s: Session, case_id: str, entries: Iterable[JournalEntry]) -> Iterator[ChaosFault]:
    """Letters that were written, and of which the journal does not tell: of no order, or of one that was forgotten."""
    told = {
        one["letter_id"]
        for entry in entries
        if entry.kind is EntryKind.LETTER_WRITTEN
        for one in _dicts(entry, "letters")
    }
    for letter in letters.of_case(s, case_id):
        if letter.letter_id not in told:
            yield ChaosFault(
                DOUBLED, case_id, f"letter {letter.letter_id} was written, and the journal tells of no order"
            )


def doubled_tasks(s: Session, case_id: str) -> Iterator[ChaosFault]:
    """Two open tasks of one kind about the same thing."""
    working = (TaskStatus.OPEN, TaskStatus.CLAIMED)
    alike = Counter(
        (task.kind.value, task.about, task.line_ids, tuple(sorted(task.needs.items())))
        for task in tasks.of_case(s, case_id)
        if task.status in working
    )
    for (kind, *_), times in alike.items():
        if times > 1:
            yield ChaosFault(DOUBLED, case_id, f"{times} open tasks {kind} about the same")


def moved_dues(case_id: str, entries: Iterable[JournalEntry], now: Iterable[Any]) -> Iterator[ChaosFault]:
    """Clocks whose due instants are not those with which they first bound the case."""
    first: dict[tuple[str, str], Any] = {}
    for entry in entries:
        for clock in _dicts(entry, "clocks"):
            first.setdefault((str(clock["rule_id"]), str(clock.get("variant", ""))), _dues(clock))
    for clock in now:
        name = str(clock["rule_id"]), str(clock.get("variant", ""))
        if name not in first or first[name] != _dues(clock):
            yield ChaosFault(MOVED, case_id, f"the due instants of {name[0]} are not those of the first binding")


def outbox_faults(s: Session, outbox: Path) -> Iterator[ChaosFault]:
    """Letters that are not in the outbox exactly once, recalled ones that are, and files of which the store knows nothing."""
    present = {path.name for path in outbox.rglob("[!.]*") if path.is_file()}
    expected, recalled = set(), recalled_letters(s)
    for row in s.execute(select(tables.letters.c.letter_id, tables.letters.c.case_id, tables.letters.c.handed_over_at)):
        names = {f"{row.letter_id.replace(':', '_')}.{kind}" for kind in ("html", "txt")}
        if row.letter_id in recalled:
            continue
        expected |= names
        if row.handed_over_at is None or not names <= present:
            yield ChaosFault(LOST, row.case_id, f"letter {row.letter_id} is not out")
    for name in sorted(present - expected):
        yield ChaosFault(DOUBLED, "outbox", f"{name} is no letter of the store")


def recalled_letters(s: Session) -> set[str]:
    """The letters that ceased to be true before they were mailed: nobody gets them."""
    shown = (CaseLetter.model_validate(one) for one in s.scalars(select(tables.case_letters.c.letter)))
    return {letter.letter_id for letter in shown if letter.recalled_at is not None}


def _arrivals(s: Session) -> dict[str, list[InboxItem]]:
    """Every arrival by the hash of its bytes, in the order of arrival."""
    found: dict[str, list[InboxItem]] = defaultdict(list)
    for inbox_id in s.scalars(select(tables.inbox.c.inbox_id).order_by(tables.inbox.c.inbox_id)):
        item = inbox.get(s, inbox_id)
        found[item.sha256].append(item)
    return found


def _dicts(entry: JournalEntry, key: str) -> list[dict[str, Any]]:
    listed = entry.data.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _dues(clock: dict[str, Any]) -> list[tuple[str, datetime]]:
    return sorted((str(due["kind"]), datetime.fromisoformat(str(due["at"]))) for due in clock["due"])


def _count(s: Session) -> dict[str, int]:
    """The figures of the store at the end."""
    arrivals = _arrivals(s)
    entries = [entry for case_id in journal.case_ids(s) for entry in journal.entries(s, case_id)]
    opened = cases.find(s, status=CaseStatus.OPEN)
    return {
        "arrivals": sum(len(group) for group in arrivals.values()),
        "different documents": len(arrivals),
        "cases": len(journal.case_ids(s)),
        "changes heard by their case": sum(entry.kind in request_checks.CHANGES for entry in entries),
        "changes that went to intake": sum(
            problem.rule in request_checks.TOO_LATE
            for group in arrivals.values()
            for item in group
            for problem in item.problems
        ),
        "retrospective reviews": sum(entry.kind is EntryKind.CLAIM_RECEIVED for entry in entries),
        "open cases": len(opened),
        "ADT messages": len(s.execute(select(tables.adt_messages.c.event_id)).all()),
        "journal entries": len(entries),
        "letters": len(s.execute(select(tables.letters.c.letter_id)).all()),
        "open tasks": sum(item.case_id is not None for item in tasks.worklist(s)),
    }
