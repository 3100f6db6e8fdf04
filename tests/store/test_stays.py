"""Stays and the messages about them are kept on both databases alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Corrupt, ValidationIssue
from domain.stays.adt import AdtKind, StayEvent
from domain.vocabulary import ArrivalKind, Channel
from store import adt_messages, inbox, stays
from store.adt_messages import AdtStatus, StoredAdt
from store.session import Store
from store.stays import StayRecord
from tests.store.samples import NOON

WHY = (ValidationIssue(path="PV1-19", rule="stay.closed", message="it has ended"),)


def stay(stay_id: str = "ST-1", **changes: str) -> StayRecord:
    values = {"facility": "F", "visit_number": "V1", "account_number": "A1", "patient_key": "P1", "member_id": "M1"}
    return StayRecord.model_validate({"stay_id": stay_id, "opened_at": NOON, **values, **changes})


def message(store: Store, event_id: str = "EV-1", status: AdtStatus = AdtStatus.PENDING, hours: int = 0) -> StoredAdt:
    at = NOON + timedelta(hours=hours)
    event = StayEvent(event_id=event_id, kind=AdtKind.ADMIT, happened_at=at, recorded_at=at, facility="F")
    with store.begin() as s:
        item = inbox.receive(s, event_id.encode(), NOON, Channel.HL7_V2, kind=ArrivalKind.ADMISSION)
        row = StoredAdt(
            event_id=event_id,
            inbox_id=item.inbox_id,
            sender="APP|F",
            control_id="1",
            sha256=item.sha256,
            trigger="A01",
            status=status,
            received_at=NOON,
            happened_at=at,
            stay_id="ST-1",
            tells=("ST-1",),
            event=event,
        )
        assert adt_messages.save(s, row)
    return row


def test_a_stay_is_found_by_visit_account_patient_and_member(store: Store) -> None:
    with store.begin() as s:
        stays.open_stay(s, stay(facility_npi="1215000062"))
        stays.open_stay(s, stay("ST-2", visit_number="V2", member_id="M2"))
        one = stays.get(s, "ST-1")
        assert one is not None and one.opened_at == NOON
        assert stays.of_visit(s, "F", None, "V1") == stays.of_visit(s, "X", "1215000062", "V1") == one
        assert stays.of_visit(s, "X", None, "V1") is None
        assert [found.stay_id for found in stays.of_account(s, "F", "A1")] == ["ST-1", "ST-2"]
        assert [found.stay_id for found in stays.of_patient(s, "F", "P1")] == ["ST-1", "ST-2"]
        assert [found.stay_id for found in stays.of_member(s, "M2")] == ["ST-2"]


def test_what_a_stay_lacked_is_learnt_and_what_it_had_stays(store: Store) -> None:
    with store.begin() as s:
        stays.open_stay(
            s, StayRecord(stay_id="ST-1", facility="F", account_number="A1", member_id="M1", opened_at=NOON)
        )
        stays.fill_in_missing(s, "ST-1", visit_number="V1", account_number="A9", patient_key=None)
        found = stays.get(s, "ST-1")
    assert found is not None and (found.visit_number, found.account_number, found.patient_key) == ("V1", "A1", None)


def test_merges_are_followed_to_the_stay_that_remains(store: Store) -> None:
    with store.begin() as s:
        for name in ("ST-1", "ST-2", "ST-3"):
            stays.open_stay(s, stay(name))
        stays.merge(s, "ST-1", into="ST-2")
        stays.merge(s, "ST-2", into="ST-3")
        first = stays.get(s, "ST-1")
        assert first is not None and stays.resolve_merges(s, first).stay_id == "ST-3"
        stays.merge(s, "ST-3", into="ST-1")
        with pytest.raises(Corrupt, match="do not end"):
            stays.resolve_merges(s, first)


def test_a_message_is_kept_once_and_told_once(store: Store) -> None:
    row = message(store)
    with store.begin() as s:
        assert not adt_messages.save(s, row)
        assert adt_messages.get(s, "EV-1") == row
        adt_messages.mark_sent_to_stay(s, "EV-1", NOON)
        adt_messages.mark_sent_to_stay(s, "EV-1", NOON + timedelta(hours=1))
        adt_messages.set_status(s, "EV-1", AdtStatus.OPEN)
        told = adt_messages.get(s, "EV-1")
    assert told is not None and (told.status, told.told_at) == (AdtStatus.SENT_TO_STAY, NOON)


def test_the_same_control_id_with_another_body_is_another_message(store: Store) -> None:
    message(store, "EV-1")
    message(store, "EV-2")


def test_messages_come_in_the_order_in_which_they_happened(store: Store) -> None:
    message(store, "EV-1", hours=2)
    message(store, "EV-2", hours=1)
    with store.read() as s:
        assert [one.event_id for one in adt_messages.pending(s)] == ["EV-2", "EV-1"]
        assert [one.event_id for one in adt_messages.of_stay(s, "ST-1")] == ["EV-2", "EV-1"]


def test_what_waited_for_a_stay_is_told_when_it_becomes_known(store: Store) -> None:
    row = message(store, status=AdtStatus.WAITING)
    with store.begin() as s:
        assert adt_messages.pending(s) == ()
        adt_messages.release_waiting(s, "EV-1", "ST-1", row.event)
        assert [one.tells for one in adt_messages.pending(s, ["ST-1"])] == [("ST-1",)]
        assert adt_messages.pending(s, ["ST-2"]) == ()


def test_only_what_waits_for_a_person_is_read_anew(store: Store) -> None:
    row = message(store, status=AdtStatus.OPEN)
    later = row.event.model_copy(update={"happened_at": NOON + timedelta(hours=5)})
    with store.begin() as s:
        adt_messages.replace_event(s, "EV-1", later)
        found = adt_messages.of_inbox(s, row.inbox_id)
        assert found is not None and found.event == later and found.happened_at == later.happened_at
        adt_messages.set_status(s, "EV-1", AdtStatus.PENDING, "ST-1", ("ST-1",))
        adt_messages.replace_event(s, "EV-1", row.event)
        found = adt_messages.get(s, "EV-1")
    assert found is not None and found.event == later


def test_an_accepted_item_can_go_back_to_a_person_until_its_case_was_told(store: Store) -> None:
    row = message(store)
    with store.begin() as s:
        inbox.accept(s, row.inbox_id, "ST-1", 1)
        assert inbox.return_to_intake(s, row.inbox_id, WHY).problems == WHY
        inbox.accept(s, row.inbox_id, "ST-2", 1)
        inbox.mark_started(s, row.inbox_id, NOON)
        with pytest.raises(Corrupt, match="was told"):
            inbox.return_to_intake(s, row.inbox_id, WHY)
