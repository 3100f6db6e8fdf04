"""Whatever bytes arrive, they are kept and answered, and nothing is raised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.time_skipping_lab import PLAN
from domain.vocabulary import Channel
from intake.admissions.admission_result import AdmissionStatus
from intake.admissions.admissions import receive_hl7
from interop.hl7.acks import AckCode, build_acknowledgment
from services.context import ServiceContext
from store import inbox
from store.seed import load_plan
from store.session import open_store
from tests.intake.admissions.stay_listener import ADT, sample_message

pytestmark = pytest.mark.many

AT = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
NAMES = sorted(path.stem for path in ADT.glob("*.hl7"))
SMALL = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceContext]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('arbitrary') / 'umpire.db'}")
    store.create()
    load_plan(store, Path(PLAN))
    yield ServiceContext(store, None, "q", clock=lambda: AT)
    store.close()


def kept_and_answered(services: ServiceContext, raw: bytes) -> None:
    outcomes = asyncio.run(receive_hl7(services, raw, "anybody"))
    assert outcomes
    with services.store.read() as s:
        assert inbox.raw(s, outcomes[0].inbox_id) == raw
        assert all(inbox.get(s, one.inbox_id).channel is Channel.HL7_V2 for one in outcomes)
        left = {item.inbox_id for item in inbox.unread(s)}
    assert not left & {one.inbox_id for one in outcomes}, "read, and not left over for a reason that nobody foresaw"
    for one in outcomes:
        answer = build_acknowledgment(raw, one.ack, one.answer, AT, "U1")
        assert answer.startswith(b"MSH") and b"\rMSA" in answer
        assert one.kind is not AdmissionStatus.STORED or one.stay_id is not None, "kept only because the engine is away"
        assert one.ack is not AckCode.AR or one.problems


@given(raw=st.binary(max_size=300))
@SMALL
def test_arbitrary_bytes_are_kept_and_answered(services: ServiceContext, raw: bytes) -> None:
    kept_and_answered(services, raw)


@given(tail=st.text(alphabet='|^~\\&\r\n\x00\x0b\x1cAMSHPIDV10 "é\ud7ff', max_size=120))
@SMALL
def test_whatever_follows_a_header_is_kept_and_answered(services: ServiceContext, tail: str) -> None:
    kept_and_answered(services, b"MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5.1\r" + tail.encode("utf-8", "replace"))


@given(
    name=st.sampled_from(NAMES),
    start=st.integers(min_value=0, max_value=900),
    length=st.integers(min_value=0, max_value=40),
    put=st.binary(max_size=12),
)
@SMALL
def test_a_message_spoilt_at_any_place_is_kept_and_answered(
    services: ServiceContext, name: str, start: int, length: int, put: bytes
) -> None:
    raw = sample_message(name)
    kept_and_answered(services, raw[:start] + put + raw[start + length :])


@given(name=st.sampled_from(NAMES), end=st.integers(min_value=0, max_value=1200))
@SMALL
def test_a_message_cut_off_at_any_place_is_kept_and_answered(services: ServiceContext, name: str, end: int) -> None:
    kept_and_answered(services, sample_message(name)[:end])
