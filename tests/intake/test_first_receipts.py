"""A clock starts when something first arrived: also when its first arrival was kept, its reader died, and it was sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.time_skipping_lab import Lab, prepared_store
from domain.vocabulary import ArrivalKind, Channel
from intake.claims import submit_claim
from intake.contacts import contacts
from intake.resume import resume_arrivals
from intake.submission import submit
from services.context import ServiceContext, SubmissionResult
from store import inbox, journal, stays
from store.session import open_store
from tests.intake.arrivals import context_of
from tests.intake.stays.stay_arrivals import admit, bedside_request, in_days, settle_all
from tests.paths import SAMPLES

FIRST = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
AGAIN = FIRST + timedelta(days=5)
CLAIM = (SAMPLES / "claims" / "cpap-not-authorized.json").read_bytes()
MESSAGE: dict[str, Any] = {
    "format": "umpire-callback/1",
    "from_whom": "member",
    "member_id": "MBR1000001",
    "caller_name": "A Caller",
    "phone": "217-555-0107",
    "about": "benefits",
}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[ServiceContext]:
    """Intake five days after the first arrival, without an engine: what it accepts is put on file and not started."""
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    yield ServiceContext(store, None, "q", clock=lambda: AGAIN)
    store.close()


def keep(
    services: ServiceContext, raw: bytes, kind: ArrivalKind, sender: str | None = None, at: datetime = FIRST
) -> int:
    """The bytes in the inbox, as a process that died right after keeping them left them."""
    with services.store.begin() as s:
        return inbox.receive(s, raw, at, Channel.API, sender, kind=kind).inbox_id


def start_on_file(services: ServiceContext, case_id: str | None) -> dict[str, Any]:
    assert case_id is not None
    with services.store.read() as s:
        filed = journal.last_state(s, case_id)
    assert filed is not None
    found: dict[str, Any] = json.loads(filed.start)
    return found


async def first_one_joins(services: ServiceContext, inbox_id: int, opened: SubmissionResult) -> None:
    """The first arrival, read later, is of the same case, whose start stays."""
    before = start_on_file(services, opened.case_id)
    await resume_arrivals(services)
    with services.store.read() as s:
        assert inbox.get(s, inbox_id).case_id in (opened.case_id, None)
    assert start_on_file(services, opened.case_id) == before


def instant(found: str) -> datetime:
    return datetime.fromisoformat(found)


async def test_a_claim_counts_from_its_first_arrival(services: ServiceContext) -> None:
    kept = keep(services, CLAIM, ArrivalKind.CLAIM)
    opened = await submit_claim(services, CLAIM, Channel.API)
    assert instant(start_on_file(services, opened.case_id)["received_at"]) == FIRST
    await first_one_joins(services, kept, opened)


async def test_another_claim_of_the_same_member_lends_its_receipt_to_none(services: ServiceContext) -> None:
    keep(services, json.dumps(json.loads(CLAIM) | {"claim_number": "ANOTHER"}).encode(), ArrivalKind.CLAIM)
    keep(services, b"no claim of MBR1000001", ArrivalKind.CLAIM)
    opened = await submit_claim(services, CLAIM, Channel.API)
    assert instant(start_on_file(services, opened.case_id)["received_at"]) == AGAIN


@pytest.mark.parametrize("said", [{}, {"reference": "REC-1"}], ids=["without a time", "by its recording"])
async def test_a_message_counts_from_its_first_arrival(services: ServiceContext, said: dict[str, str]) -> None:
    raw = json.dumps(MESSAGE | said).encode()
    kept = keep(services, raw, ArrivalKind.CONTACT, "east")
    opened = await contacts.receive_document(services, raw, "east")
    assert instant(start_on_file(services, opened.case_id)["received_at"]) == FIRST
    await first_one_joins(services, kept, opened)
    with services.store.read() as s:
        assert len(inbox.of_case(s, opened.case_id or "")) == 2


async def test_a_recording_of_another_telephone_system_lends_its_receipt_to_none(services: ServiceContext) -> None:
    raw = json.dumps(MESSAGE | {"reference": "REC-1"}).encode()
    keep(services, raw, ArrivalKind.CONTACT, "west")
    opened = await contacts.receive_document(services, raw, "east")
    assert instant(start_on_file(services, opened.case_id)["received_at"]) == AGAIN


async def test_a_concern_counts_from_its_first_arrival_however_its_words_were_spaced(services: ServiceContext) -> None:
    stay_id = await opened_stay(services)
    concern = {
        "format": "umpire-concern/1",
        "kind": "quality",
        "what": "Seen  late.",
        "raised_by": "nurse.adams",
        "about_case": stay_id,
    }
    kept = keep(services, json.dumps(concern).encode(), ArrivalKind.CONTACT)
    opened = await contacts.receive_document(services, json.dumps(concern | {"what": "Seen late."}).encode())
    assert instant(start_on_file(services, opened.case_id)["at"]) == FIRST, opened.problems
    await first_one_joins(services, kept, opened)


async def opened_stay(services: ServiceContext) -> str:
    """A stay that a request for its days opens, received first five days ago."""
    raw = bedside_request(in_days(FIRST, -1), in_days(FIRST, 3))
    keep(services, raw, ArrivalKind.REQUEST)
    opened = await submit(services, raw, Channel.API)
    assert opened.case_id is not None, opened.problems
    return opened.case_id


async def test_a_stay_that_a_request_opens_counts_from_the_first_arrival_of_the_request(
    services: ServiceContext,
) -> None:
    stay_id = await opened_stay(services)
    with services.store.read() as s:
        stay = stays.get(s, stay_id)
    assert stay is not None and stay.opened_at == FIRST
    assert instant(start_on_file(services, stay_id)["received_at"]) == FIRST


async def test_days_of_a_known_stay_are_requested_when_the_request_first_arrived(lab: Lab) -> None:
    stay_id = await admit(lab)
    first = await lab.now()
    raw = bedside_request(in_days(first, 0), in_days(first, 2))
    kept = keep(await context_of(lab), raw, ArrivalKind.REQUEST, at=first)
    await lab.advance(hours=3)
    services = await context_of(lab)
    away = await submit(replace(services, temporal=None), raw, Channel.API)
    assert away.case_id == stay_id
    await resume_arrivals(services)
    await settle_all(lab)
    with lab.store.read() as s:
        heard = [entry.at for entry in journal.entries(s, stay_id) if entry.kind == "update_received"]
        assert inbox.get(s, kept).case_id == stay_id
    assert heard == [first]
