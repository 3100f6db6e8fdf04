from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from domain.errors import Corrupt, NotOnFile, Refused, ValidationIssue
from domain.vocabulary import ArrivalKind, Channel, Role
from store import inbox, tables, tasks
from store.inbox import InboxItem, InboxStatus
from store.session import Store
from tests.store.samples import CASE, NOON

RAW = b"\x00\xff not even text \x00"
PROBLEM = ValidationIssue(
    path="Bundle.entry[0]", rule="pas.claim", message="the first entry is no Claim", expected="a Claim"
)


def _receive(store: Store, raw: bytes = RAW) -> InboxItem:
    with store.begin() as s:
        return inbox.receive(s, raw, NOON, Channel.FHIR_PAS, "clearinghouse-1", kind=ArrivalKind.REQUEST)


def test_bytes_are_kept_as_they_came_with_their_receipt(store: Store) -> None:
    item = _receive(store)
    with store.read() as s:
        assert inbox.get(s, item.inbox_id) == item
        assert inbox.raw(s, item.inbox_id) == RAW
    assert (item.received_at, item.status, item.size_bytes) == (NOON, InboxStatus.RECEIVED, len(RAW))
    assert item.channel is Channel.FHIR_PAS and item.sender == "clearinghouse-1"


def test_the_same_bytes_twice_are_two_arrivals(store: Store) -> None:
    first, second = _receive(store), _receive(store)
    assert first.sha256 == second.sha256
    assert first.inbox_id != second.inbox_id


def test_an_empty_arrival_is_an_arrival(store: Store) -> None:
    with store.read() as s:
        assert inbox.raw(s, _receive(store, b"").inbox_id) == b""


def test_an_accepted_item_waits_until_its_workflow_was_told(store: Store) -> None:
    item = _receive(store)
    with store.begin() as s:
        accepted = inbox.accept(s, item.inbox_id, CASE, 1)
        assert inbox.accept(s, item.inbox_id, CASE, 1) == accepted
        assert inbox.unstarted(s) == (accepted,)
        assert inbox.unread(s) == inbox.list_open(s) == ()
    with store.begin() as s:
        started = inbox.mark_started(s, item.inbox_id, NOON + timedelta(seconds=1))
        assert inbox.mark_started(s, item.inbox_id, NOON + timedelta(hours=9)) == started
        assert inbox.unstarted(s) == ()
        assert inbox.of_case(s, CASE) == (started,)


def test_an_item_cannot_go_to_two_cases(store: Store) -> None:
    item = _receive(store)
    with store.begin() as s:
        inbox.accept(s, item.inbox_id, CASE, 1)
    with pytest.raises(Corrupt, match="was accepted for"), store.begin() as s:
        inbox.accept(s, item.inbox_id, "PA-ANOTHER", 1)
    with pytest.raises(Corrupt, match="not received or refused"), store.begin() as s:
        inbox.reject(s, item.inbox_id, [PROBLEM])


def test_what_cannot_be_read_stays_as_a_task_for_intake(store: Store) -> None:
    item = _receive(store)
    with store.begin() as s:
        refused = inbox.reject(s, item.inbox_id, [PROBLEM])
    assert refused.problems == (PROBLEM,)
    with store.read() as s:
        assert inbox.raw(s, item.inbox_id) == RAW
        (work,) = tasks.worklist(s, Role.INTAKE)
    assert (work.task_id, work.role, work.due_at) == (f"INBOX-{item.inbox_id}", Role.INTAKE, refused.due_at)
    assert "Bundle.entry[0]" in work.why
    assert tasks.inbox_id_of(work.task_id) == item.inbox_id


def test_an_item_that_nothing_has_read_is_work_too(store: Store) -> None:
    item = _receive(store)
    with store.read() as s:
        assert inbox.unread(s) == (item,)
        assert [work.inbox_id for work in tasks.worklist(s)] == [item.inbox_id]


def test_a_person_resolves_an_open_item_once(store: Store) -> None:
    item = _receive(store)
    with store.begin() as s:
        inbox.reject(s, item.inbox_id, [PROBLEM])
        resolved = inbox.resolve(s, item.inbox_id, "intake.kim", "sender resubmits", NOON)
        assert inbox.resolve(s, item.inbox_id, "intake.kim", "again", NOON + timedelta(days=1)) == resolved
        assert (resolved.resolved_by, resolved.resolved_at, resolved.note) == (
            "intake.kim",
            NOON,
            "sender resubmits",
        )
        assert tasks.worklist(s) == ()
        with pytest.raises(Refused, match=r"inbox\.open"):
            inbox.resolve(s, item.inbox_id, "intake.other", "mine", NOON)


def test_a_refused_item_can_be_accepted_after_correction(store: Store) -> None:
    item = _receive(store)
    with store.begin() as s:
        inbox.reject(s, item.inbox_id, [PROBLEM])
        assert inbox.accept(s, item.inbox_id, CASE, 1).problems == ()


def test_an_unknown_item_is_refused_with_the_way_out(store: Store) -> None:
    with store.read() as s, pytest.raises(NotOnFile, match="no inbox item 7"):
        inbox.get(s, 7)


def test_the_database_keeps_receipts(store: Store) -> None:
    _receive(store)
    with pytest.raises(Corrupt, match="a receipt never changes"), store.begin() as s:
        s.execute(update(tables.inbox).values(received_at=NOON - timedelta(days=1)))
    with pytest.raises(Corrupt, match="a receipt never changes"), store.begin() as s:
        s.execute(update(tables.inbox).values(raw=b"other"))
    with pytest.raises(Corrupt, match="never taken away"), store.begin() as s:
        s.execute(delete(tables.inbox))
