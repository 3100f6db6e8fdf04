"""The clock of a request starts when it first came, by the store's clock, and no receipt lies in the future."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from demo.time_skipping_lab import Lab
from domain.errors import Refused
from domain.vocabulary import ArrivalKind, Channel
from intake import receipt
from intake.claims import submit_claim
from intake.submission import process_item, submit
from services.context import SubmissionStatus
from store import cases, inbox, journal
from tests.intake.arrivals import context_of, inbox_item, plain, sample, settle

API = Channel.API


@pytest.mark.parametrize("again", [plain(), plain(submission_id="another message")], ids=["same bytes", "sent anew"])
async def test_a_request_whose_reader_died_counts_from_its_first_arrival_and_each_arrival_is_in_the_journal(
    lab: Lab, again: bytes
) -> None:
    first_desk = await context_of(lab)
    first_at = first_desk.clock()
    kept = await first_desk.write(inbox.receive, plain(), first_at, API, kind=ArrivalKind.REQUEST)
    await lab.advance(days=5)
    services = await context_of(lab)
    outcome = await submit(services, again, API)
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id is not None
    joined = await process_item(services, kept.inbox_id)
    assert joined.case_id == outcome.case_id
    await settle(lab)
    with lab.store.read() as s:
        view, entries = cases.get(s, outcome.case_id), journal.entries(s, outcome.case_id)
    assert view is not None and view.received_at == first_at
    repeats = {(entry.at, entry.data["inbox_id"]) for entry in entries if entry.kind.value == "duplicate_received"}
    assert repeats == {(services.clock(), outcome.inbox_id), (first_at, kept.inbox_id)}
    assert not [entry for entry in entries if entry.kind.value == "message_refused"]


async def test_a_request_of_the_same_member_for_other_care_counts_from_its_own_arrival(lab: Lab) -> None:
    first_desk = await context_of(lab)
    other = json.loads(plain())
    other["lines"][0]["quantity"] = 7
    await first_desk.write(inbox.receive, json.dumps(other).encode(), first_desk.clock(), API, kind=ArrivalKind.REQUEST)
    await first_desk.write(inbox.receive, b"{", first_desk.clock(), API, kind=ArrivalKind.REQUEST)
    await lab.advance(days=2)
    services = await context_of(lab)
    outcome = await submit(services, plain(), API)
    await settle(lab)
    with lab.store.read() as s:
        view = cases.get(s, outcome.case_id or "")
    assert view is not None and view.received_at == services.clock()


async def test_a_receipt_in_the_future_is_refused_whoever_gives_it(lab: Lab) -> None:
    services = await context_of(lab)
    for door in (submit, submit_claim):
        with pytest.raises(Refused, match="in the future"):
            await door(services, plain(), API, received_at=services.clock() + timedelta(minutes=2))
    with lab.store.read() as s:
        assert not inbox.unread(s)


async def test_a_fast_clock_at_the_door_moves_no_receipt(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services = await context_of(lab)
    at = services.clock()
    monkeypatch.setattr(receipt.dialect, "server_instant", lambda _: at)
    fast = replace(services, clock=lambda: at + timedelta(days=3))
    with caplog.at_level(logging.WARNING, "umpire.intake"):
        outcome = await submit(fast, sample("home-oxygen-complete"), Channel.FHIR_PAS)
    assert outcome.received_at == inbox_item(lab, outcome.inbox_id).received_at == at
    assert "the server's counts" in caplog.text


async def test_a_clock_behind_a_stored_receipt_is_remarked_upon(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    services = await context_of(lab)
    await submit(services, sample("broken"), API)
    slow = replace(services, clock=lambda: services.clock() - timedelta(hours=1))
    with caplog.at_level(logging.WARNING, "umpire.intake"):
        await submit(slow, sample("broken"), API)
    assert "a clock was, or is, wrong" in caplog.text
