"""The checks of a chaos run see each kind of fault: a run without faults means something."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import ArrivalKind, Channel
from store import inbox, journal, read_models, requests, tables
from store.session import Store, open_store
from tests.chaos import checks
from tests.chaos.chronicle import Chronicle
from tests.chaos.course import DATABASE, SERVER, plan_kills
from tests.chaos.documents import episode_of, request_of, request_samples
from tests.chaos.faults import BROKEN, DOUBLED, LOST, MOVED
from tests.chaos.senders import read_results
from tests.store.samples import CASE, NOON, case_view, draft, json, request

RAW = b"a request"
DUE = {"kind": "decision", "at": "2026-03-05T12:00:00Z"}
CLOCK = {"rule_id": "MA-STD", "variant": "", "due": [DUE]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A request that was acknowledged, with its case and one clock."""
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.create()
    with store.begin() as s:
        item = inbox.receive(s, RAW, NOON, Channel.API, kind=ArrivalKind.REQUEST)
        inbox.accept_and_mark_started(s, item.inbox_id, CASE, 1, NOON)
        requests.save(s, CASE, request(), item.inbox_id)
        view = case_view(received_at=NOON).model_dump(mode="json")
        read_models.record_entries(s, CASE, [draft(1, case=view, clocks=[CLOCK])])
    yield store
    store.close()


def seen() -> Chronicle:
    """The sender's side of it."""
    chronicle = Chronicle()
    chronicle.document("request", RAW).acknowledged.append((1, NOON))
    return chronicle


def faults_after(store: Store, change: Callable[[Session], object], chronicle: Chronicle) -> Counter[str]:
    with store.begin() as s:
        for name in s.scalars(text("select name from sqlite_master where type = 'trigger'")).all():
            s.execute(text(f'drop trigger "{name}"'))
        change(s)
    with store.read() as s:
        return Counter(fault.kind for fault in checks.store_faults(s, chronicle))


def test_a_store_that_keeps_every_promise_has_no_fault(store: Store) -> None:
    assert faults_after(store, lambda s: None, seen()) == {}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda s: (s.execute(delete(tables.requests)), s.execute(delete(tables.inbox))), LOST),
        (lambda s: s.execute(update(tables.inbox).values(status="received")), LOST),
        (lambda s: s.execute(update(tables.inbox).values(started_at=None)), LOST),
        (lambda s: s.execute(update(tables.inbox).values(case_id="PA-OTHER")), LOST),
        (lambda s: s.execute(update(tables.inbox).values(received_at=NOON + timedelta(seconds=1))), MOVED),
        (lambda s: inbox.receive(s, RAW, NOON - timedelta(hours=1), Channel.API, kind=ArrivalKind.REQUEST), MOVED),
        (
            lambda s: s.execute(
                update(tables.case_clocks).values(clock=CLOCK | {"due": [DUE | {"at": "2026-03-06T12:00:00Z"}]})
            ),
            MOVED,
        ),
        (lambda s: s.execute(update(tables.journal).values(summary="other")), BROKEN),
    ],
)
def test_each_fault_of_the_store_is_found(store: Store, change: Callable[[Session], object], kind: str) -> None:
    assert faults_after(store, change, seen())[kind]


def test_a_document_of_two_cases_is_doubled(store: Store) -> None:
    def second(s: Session) -> None:
        item = inbox.receive(s, RAW, NOON, Channel.API, kind=ArrivalKind.REQUEST)
        inbox.accept(s, item.inbox_id, "PA-SECOND", 1)

    assert faults_after(store, second, seen())[DOUBLED] == 1


LATER = NOON + timedelta(minutes=5)
CHANGE = b"a change of the request"


def accepted(s: Session, raw: bytes, at: datetime) -> int:
    """A later arrival that made the next version of the request."""
    item = inbox.receive(s, raw, at, Channel.API, kind=ArrivalKind.REQUEST)
    version = requests.save(s, CASE, request(), item.inbox_id)
    inbox.accept_and_mark_started(s, item.inbox_id, CASE, version, at)
    return item.inbox_id


def note(s: Session, seq: int, kind: EntryKind, at: datetime, **data: object) -> None:
    journal.extend(s, CASE, [draft(seq, **data).model_copy(update={"kind": kind, "at": at})])


def test_a_change_is_heard_once(store: Store) -> None:
    chronicle = seen()
    chronicle.document("change", CHANGE, is_change=True)
    assert faults_after(store, lambda s: accepted(s, CHANGE, LATER), chronicle) == {LOST: 1}
    heard = EntryKind.REQUEST_CORRECTED
    assert faults_after(store, lambda s: note(s, 2, heard, LATER, n=1), chronicle) == {}
    assert faults_after(store, lambda s: note(s, 3, heard, LATER, n=2), chronicle) == {DOUBLED: 1}


def test_a_change_of_a_decided_case_is_lost_until_its_own_case_tells_of_it(store: Store) -> None:
    chronicle, follow_up = seen(), f"{CASE}-F1"
    chronicle.document("change", CHANGE, is_change=True)

    def opened(s: Session) -> None:
        item = inbox.receive(s, CHANGE, LATER, Channel.API, kind=ArrivalKind.REQUEST)
        requests.save(s, follow_up, request(), item.inbox_id)
        inbox.accept_and_mark_started(s, item.inbox_id, follow_up, 1, LATER)

    assert faults_after(store, opened, chronicle)[LOST]
    first = draft(1, case=json(case_view(follow_up, received_at=LATER))[0])
    found = faults_after(store, lambda s: read_models.record_entries(s, follow_up, [first]), chronicle)
    assert not found[LOST]


def test_versions_follow_the_order_of_arrival_and_a_document_makes_one(store: Store) -> None:
    assert faults_after(store, lambda s: accepted(s, CHANGE, LATER), seen()) == {}
    assert faults_after(store, lambda s: accepted(s, b"older", NOON + timedelta(minutes=1)), seen()) == {MOVED: 1}
    assert faults_after(store, lambda s: accepted(s, CHANGE, LATER), seen()) == {MOVED: 1, DOUBLED: 1}


def test_a_call_is_on_the_case_once(store: Store) -> None:
    chronicle = seen()
    chronicle.calls["caller 1"] = CASE
    assert faults_after(store, lambda s: None, chronicle) == {LOST: 1}
    asked = {"person": "caller 1"}
    assert faults_after(store, lambda s: note(s, 2, EntryKind.WITHDRAWN, LATER, asked=asked), chronicle) == {}
    assert faults_after(store, lambda s: note(s, 3, EntryKind.WITHDRAWN, LATER, asked=asked), chronicle) == {DOUBLED: 1}


def test_a_repeat_from_before_the_withdrawal_opens_no_new_case(store: Store) -> None:
    def withdrawn(s: Session, at: datetime) -> None:
        view = case_view(received_at=NOON, status=CaseStatus.WITHDRAWN).model_dump(mode="json")
        taken_back = draft(2, EntryKind.WITHDRAWN, case=view).model_copy(update={"at": LATER})
        read_models.record_entries(s, CASE, [taken_back])
        item = inbox.receive(s, RAW, at, Channel.API, kind=ArrivalKind.REQUEST)
        requests.save(s, "PA-SECOND", request(), item.inbox_id)
        inbox.accept_and_mark_started(s, item.inbox_id, "PA-SECOND", 1, at)
        view = case_view("PA-SECOND", received_at=at).model_dump(mode="json")
        read_models.record_entries(s, "PA-SECOND", [draft(1, case=view)])

    assert faults_after(store, lambda s: withdrawn(s, NOON + timedelta(minutes=1)), seen()) == {DOUBLED: 1}


def test_an_entry_that_is_written_twice_is_doubled(store: Store) -> None:
    again = [draft(2, note="the same").model_copy(update={"seq": seq}) for seq in (2, 3)]
    assert faults_after(store, lambda s: journal.extend(s, CASE, again), seen())[DOUBLED]


def test_what_a_case_has_once_is_doubled_when_it_is_there_twice(store: Store) -> None:
    closed = [draft(seq, note=f"n{seq}").model_copy(update={"kind": EntryKind.CLOSED}) for seq in (2, 3)]
    assert faults_after(store, lambda s: journal.extend(s, CASE, closed), seen())[DOUBLED]


def test_an_acknowledged_message_and_an_accepted_completion_are_missed_when_they_are_not_there(store: Store) -> None:
    chronicle = seen()
    (message, *_) = episode_of(1, NOON, discharged=False)
    chronicle.message(message.name, message.raw).answer = "AA"
    chronicle.completed["T-1"] = CASE
    assert faults_after(store, lambda s: None, chronicle)[LOST] == 2


def test_a_letter_that_the_store_does_not_know_and_one_that_is_not_out_are_found(store: Store, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    (outbox / "unknown.html").write_text("x")
    row = {"letter_id": f"{CASE}:approval:member:1", "case_id": CASE, "notice": "approval", "audience": "member"}
    row |= {"recipient": "A", "rendered": {}, "written_at": NOON, "attempts": 0}
    with store.begin() as s:
        s.execute(tables.letters.insert(), row)
        s.execute(tables.letters.insert(), row | {"letter_id": f"{CASE}:approval:member:2"})
    with store.read() as s:
        assert {fault.kind for fault in checks.outbox_faults(s, outbox)} == {LOST, DOUBLED}
        assert [fault.kind for fault in checks.doubled_letters(s)] == [DOUBLED]


def test_a_letter_of_no_order_is_found(store: Store) -> None:
    page = {"notice": "approval", "audience": "member", "subject": "s", "html": "x", "text": "t"}
    row = {"letter_id": f"{CASE}:approval:member:1", "case_id": CASE, "notice": "approval", "audience": "member"}
    row |= {"recipient": "A", "rendered": page | {"elements": [], "form": None}, "written_at": NOON, "attempts": 0}
    assert faults_after(store, lambda s: s.execute(tables.letters.insert(), row), seen())[DOUBLED] == 1


@pytest.mark.parametrize("is_server", [True, False])
def test_every_component_is_killed_equally_often_in_an_order_that_the_seed_decides(is_server: bool) -> None:
    kills = plan_kills(100, is_server, random.Random(5))
    assert set(Counter(kill.target for kill in kills).values()) == {20}
    assert kills == plan_kills(100, is_server, random.Random(5)) != plan_kills(100, is_server, random.Random(6))
    assert {kill.way for kill in kills if kill.target == SERVER} == {"at once"}
    assert len({kill.way for kill in kills if kill.target == DATABASE}) == (2 if is_server else 1)


def test_the_load_is_another_request_for_each_member_and_only_what_was_printed_whole_is_acknowledged() -> None:
    samples = request_samples()
    documents = [request_of(path, copy).raw for path in samples for copy in (1, 2)]
    about_members = [raw for raw in documents if b"MBR" in raw]
    assert len(about_members) == len(set(about_members)) >= 20
    printed = 'a log line\n[\n  {"file": "a", "inbox_id": 1}\n]\n'
    assert [one["inbox_id"] for one in read_results(printed)] == [1]
    assert read_results(printed[:-4]) == read_results("") == []
