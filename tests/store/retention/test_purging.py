"""A purge empties what may go and nothing else, and the chain of the journal still proves what was there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from domain.cases.views import CaseStatus
from domain.errors import Corrupt
from domain.journal import Actor, EntryKind
from domain.vocabulary import ArrivalKind, Audience, Channel, NoticeKind
from store import cases, documents, inbox, journal, letters, read_models, requests, tables
from store.migrations import every_table
from store.retention import holds, purging
from store.retention.holds import HoldScope
from store.retention.purging import TREATMENTS, Treatment
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, drafts, rendered, request

OTHER = "PA-TESTCASE0002"
BY = Actor(kind="reviewer", id="iris.compliance")
SECRET = "a scar above the left knee"
"""Words about a member that stand in every part of the record."""


def fill(store: Store, case_id: str = CASE) -> None:
    """A closed case with a journal, a request, a document, a letter and an arrival."""
    with store.begin() as s:
        item = inbox.receive(s, f"{SECRET} {case_id}".encode(), NOON, Channel.FHIR_PAS, kind=ArrivalKind.REQUEST)
        inbox.accept_and_mark_started(s, item.inbox_id, case_id, 1, NOON)
        requests.save(s, case_id, request(), item.inbox_id, {"told": SECRET})
        reference = documents.put(s, SECRET.encode(), SECRET, "text/plain", NOON)
        documents.attach(s, case_id, reference.document_id, NOON)
        closed = case_view(case_id, status=CaseStatus.DENIED, waiting=None, closed_at=NOON)
        told = draft(1, case=closed.model_dump(mode="json"), told=SECRET)
        by_member = draft(2).model_copy(update={"actor": Actor(kind="member", id="MBR1"), "summary": SECRET})
        read_models.record_entries(s, case_id, [told, by_member, draft(3)])
        kind = (NoticeKind.APPROVAL, Audience.MEMBER, SECRET, rendered(SECRET))
        letters.write(s, f"{case_id}:approval:member:1", case_id, *kind, NOON)


def purge(store: Store, case_id: str = CASE) -> purging.PurgedRecord | None:
    with store.begin() as s:
        return purging.purge(s, case_id, ("MA-10",), "2036-12-31", BY, NOON + timedelta(days=5000))


def everything(store: Store, case_id: str = CASE) -> str:
    """Whatever the store says of a case or of nothing, as text."""
    told = []
    with store.read() as s:
        for table in every_table.metadata.sorted_tables:
            for row in s.execute(select(table)).mappings():
                values = [bytes(value) if isinstance(value, bytes | memoryview) else value for value in row.values()]
                told.append(f"{table.name} {values}")
    return "\n".join(told)


def test_nothing_about_the_member_is_left_and_the_chain_verifies(store: Store) -> None:
    fill(store)
    with store.read() as s:
        before = [(entry.seq, entry.hash, entry.kind, entry.at) for entry in journal.entries(s, CASE)]
    assert SECRET in everything(store)
    record = purge(store)
    assert record is not None
    assert (record.entries, record.letters, record.documents, record.arrivals) == (3, 1, 1, 1)
    left = everything(store)
    assert SECRET not in left and "MBR1" not in left
    with store.read() as s:
        assert journal.verify(s, CASE) is None
        *old, last = journal.entries(s, CASE)
        assert [(entry.seq, entry.hash, entry.kind, entry.at) for entry in old] == before
        assert last.kind is EntryKind.RECORD_PURGED and last.actor == BY and "2036-12-31" in last.summary
        assert cases.get(s, CASE) is None and letters.of_case(s, CASE) == ()


def test_a_record_is_purged_once(store: Store) -> None:
    fill(store)
    assert purge(store) is not None
    told = everything(store)
    assert purge(store) is None
    assert everything(store) == told


def test_rebuilding_the_lists_does_not_bring_a_purged_record_back(store: Store) -> None:
    fill(store)
    fill(store, OTHER)
    purge(store)
    with store.begin() as s:
        read_models.rebuild(s)
    with store.read() as s:
        assert cases.get(s, CASE) is None and cases.get(s, OTHER) is not None


def test_a_document_that_another_case_has_stays_until_that_one_goes_too(store: Store) -> None:
    fill(store)
    fill(store, OTHER)
    first = purge(store)
    with store.read() as s:
        (kept,) = documents.of_case(s, OTHER)
        assert first is not None and first.documents == 0
        assert documents.get(s, kept.document_id) == SECRET.encode()
    second = purge(store, OTHER)
    with store.read() as s:
        assert second is not None and second.documents == 1
        assert documents.get(s, kept.document_id) == b""


def test_a_document_that_arrives_again_after_a_purge_is_there_again(store: Store) -> None:
    fill(store)
    purge(store)
    with store.begin() as s:
        reference = documents.put(s, SECRET.encode(), "Notes", "text/plain", NOON)
        assert documents.get(s, reference.document_id) == SECRET.encode()


@pytest.mark.parametrize("table", ["journal", "inbox", "requests", "letters", "documents", "case_documents"])
def test_without_a_purge_on_file_the_database_lets_nothing_be_emptied(store: Store, table: str) -> None:
    fill(store)
    emptied = {
        "journal": {"summary": "", "data": ""},
        "inbox": {"raw": b""},
        "requests": {"request": {}, "answers": None},
        "letters": {"rendered": {}, "recipient": ""},
        "documents": {"content": b"", "title": ""},
        "case_documents": {"title": "", "control_number": None},
    }[table]
    with pytest.raises(Corrupt), store.begin() as s:
        s.execute(update(tables.metadata.tables[table]).values(**emptied))
    assert SECRET in everything(store)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("journal", {"summary": "Another story", "data": ""}),
        ("journal", {"summary": "", "data": "", "hash": "0" * 64}),
        ("inbox", {"raw": b"Another story"}),
        ("requests", {"request": {"another": "story"}, "answers": None}),
        ("letters", {"rendered": {"another": "story"}, "recipient": ""}),
        ("documents", {"content": b"Another story", "title": ""}),
    ],
)
def test_a_purge_opens_no_door_for_another_content(store: Store, table: str, values: dict[str, object]) -> None:
    fill(store)
    fill(store, OTHER)
    with store.begin() as s:
        journal.append_to_ended(s, CASE, EntryKind.RECORD_PURGED, NOON, BY, "Purged.", {"purged_through": 3})
    changed = tables.metadata.tables[table]
    column = changed.c.case_id == CASE if "case_id" in changed.c else changed.c.title == SECRET
    with pytest.raises(Corrupt), store.begin() as s:
        s.execute(update(changed).where(column).values(**values))


def test_an_emptied_entry_that_no_purge_names_breaks_the_chain(store: Store) -> None:
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 4))
    with store.begin() as s:
        if store.engine.dialect.name == "postgresql":
            s.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            s.execute(text("DROP TRIGGER journal_no_update"))
        s.execute(update(tables.journal).where(tables.journal.c.seq == 2).values(summary="", data=""))
    with store.read() as s:
        fault = journal.verify(s, CASE)
    assert fault is not None and (fault.seq, fault.problem) == (2, "content does not match its hash")


def test_what_is_written_after_a_purge_is_held_against_its_hash(store: Store) -> None:
    fill(store)
    purge(store)
    with store.begin() as s:
        journal.append_to_ended(s, CASE, EntryKind.CASE_NOTED, NOON, BY, "A later word.", {})
    with store.begin() as s:
        if store.engine.dialect.name == "postgresql":
            s.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            s.execute(text("DROP TRIGGER journal_no_update"))
        s.execute(update(tables.journal).where(tables.journal.c.seq == 5).values(summary="", data=""))
    with store.read() as s:
        fault = journal.verify(s, CASE)
    assert fault is not None and fault.seq == 5


def test_every_table_has_a_treatment_of_its_own() -> None:
    """A new table with rows of cases falls under no default."""
    named = {"case_id", "stay_id", "task_id", "document_id", "request_id", "inbox_id"}
    of_cases = {name for name, table in every_table.metadata.tables.items() if named & set(table.c.keys())}
    assert of_cases == set(TREATMENTS)
    assert set(TREATMENTS.values()) == set(Treatment)


def test_a_hold_is_placed_once_released_once_and_never_taken_away(store: Store) -> None:
    with store.begin() as s:
        first = holds.place(s, HoldScope.MEMBER, "MBR1", "Docket 22-cv-1", "iris.compliance", NOON)
        assert holds.place(s, HoldScope.MEMBER, "MBR1", "Docket 22-cv-1", "iris.compliance", NOON) == first
        assert first.is_on(case_view()) and not first.is_on(case_view(member_id="MBR2"))
        released = holds.release(s, first.hold_id, "Settled", "iris.compliance", NOON)
        assert not released.is_on(case_view())
    with pytest.raises(Corrupt), store.begin() as s:
        s.execute(text("UPDATE legal_holds SET released_at = NULL"))
    with pytest.raises(Corrupt), store.begin() as s:
        s.execute(text("DELETE FROM legal_holds"))
