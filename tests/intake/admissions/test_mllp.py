"""Over MLLP every block is kept and answered, and one bad block never ends a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import hl7
import pytest
from hl7.mllp import open_hl7_connection

from demo.time_skipping_lab import Lab
from domain.errors import Unavailable
from intake.admissions import admissions
from intake.admissions.mllp_acks import build_ack_handler
from interop.hl7 import mllp
from interop.hl7.mllp import MllpListener
from services.context import ServiceContext
from store import inbox
from store.inbox import InboxStatus
from tests.intake.admissions.stay_listener import run_listening_stays, sample_message

START, END = b"\x0b", b"\x1c\r"


@asynccontextmanager
async def station(services: ServiceContext) -> AsyncIterator[int]:
    """A listener at this services; its port."""
    listener = MllpListener(build_ack_handler(lambda: services))
    port = await listener.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        await listener.stop()


async def ask(port: int, *blocks: bytes, answers: int | None = None) -> list[str]:
    """Send raw bytes over one connection; the code and words of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for block in blocks:
        writer.write(block)
    found = []
    for _ in range(len(blocks) if answers is None else answers):
        raw = await asyncio.wait_for(reader.readuntil(END), 20)
        segment = hl7.parse(raw.strip(START + END).decode())["MSA"][0]
        found.append(f"{segment[1]} {segment[2]}".strip())
    writer.close()
    return found


def framed(raw: bytes) -> bytes:
    return START + raw + END


def arrivals(lab: Lab) -> list[bytes]:
    with lab.store.read() as s:
        items = sorted(item.inbox_id for item in (*inbox.list_open(s), *inbox.unread(s), *_settled(lab)))
        return [inbox.raw(s, number) for number in dict.fromkeys(items)]


def _settled(lab: Lab) -> list[inbox.InboxItem]:
    with lab.store.read() as s:
        return list(inbox._items(s, inbox._I.c.status.in_(["accepted", "resolved"]), inbox._I.c.inbox_id))


async def test_the_packages_own_client_is_answered(lab: Lab) -> None:
    async with run_listening_stays(lab) as services, station(services) as port:
        reader, writer = await open_hl7_connection("127.0.0.1", port, encoding="utf-8")
        writer.writemessage(hl7.parse(sample_message("03-to-inpatient-A06").decode()))
        answer = await asyncio.wait_for(reader.readmessage(), 20)
        writer.close()
    assert [str(answer["MSA"][0][1]), str(answer["MSA"][0][2])] == ["AA", "MER-0003"]


async def test_each_message_of_a_connection_is_answered_by_what_became_of_it(lab: Lab) -> None:
    names = [
        "10-latin-1-A01",
        "11-lf-line-ends-A01",
        "12-truncated-A01",
        "13-unknown-member-A01",
        "14-outpatient-visit-A04",
    ]
    async with run_listening_stays(lab) as services, station(services) as port:
        found = await ask(port, *(framed(sample_message(name)) for name in names))
    assert found == ["AA MER-0010", "AA MER-0011", "AR MER-0012", "AE MER-0013", "AA MER-0014"]


async def test_a_bad_block_is_kept_and_refused_and_the_connection_goes_on(lab: Lab) -> None:
    bad = [framed(b"nonsense"), b"no start" + END, framed(bytes(range(0x20, 0x100))), framed(b"MSH|^~\\&|\xff")]
    async with run_listening_stays(lab) as services, station(services) as port:
        found = await ask(port, *bad, framed(sample_message("03-to-inpatient-A06")))
    assert [answer.split()[0] for answer in found] == ["AR", "AR", "AR", "AR", "AA"]
    assert arrivals(lab) == [*bad, framed(sample_message("03-to-inpatient-A06"))]


async def test_a_large_message_passes(lab: Lab) -> None:
    large = sample_message("03-to-inpatient-A06") + b"".join(b"NTE|%d||%s\r" % (n, b"x" * 1000) for n in range(3000))
    async with run_listening_stays(lab) as services, station(services) as port:
        assert await ask(port, framed(large)) == ["AA MER-0003"]
    assert arrivals(lab) == [framed(large)]


async def test_a_message_that_breaks_off_is_kept_and_refused(lab: Lab) -> None:
    cut = START + sample_message("03-to-inpatient-A06")[:400]
    async with run_listening_stays(lab) as services, station(services) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(cut)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.readuntil(END), 20)
        writer.close()
    assert b"MSA|AR|MER-0003|" in answer
    assert arrivals(lab) == [cut]


async def test_a_batch_in_a_block_is_answered_message_by_message(lab: Lab) -> None:
    async with run_listening_stays(lab) as services, station(services) as port:
        assert await ask(port, framed(sample_message("16-batch")), answers=2) == ["AA MER-0016", "AA MER-0017"]


async def test_nobody_answers_an_answer(lab: Lab) -> None:
    ack = sample_message("03-to-inpatient-A06").replace(b"ADT^A06^ADT_A06", b"ACK^A06^ACK")
    async with run_listening_stays(lab) as services, station(services) as port:
        assert await ask(port, framed(ack), framed(sample_message("04-transfer-A02")), answers=1) == ["AA MER-0004"]


async def test_while_the_engine_is_away_messages_are_accepted(lab: Lab) -> None:
    async with run_listening_stays(lab) as services, station(replace(services, temporal=None)) as port:
        assert await ask(port, framed(sample_message("03-to-inpatient-A06"))) == ["AA MER-0003"]


async def test_what_could_not_be_kept_is_never_accepted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    async with run_listening_stays(lab) as services, station(services) as port:
        with monkeypatch.context() as patch:
            patch.setattr(admissions.inbox, "receive", away)
            assert await ask(port, framed(sample_message("03-to-inpatient-A06"))) == ["AR MER-0003"]
        assert await ask(port, framed(sample_message("03-to-inpatient-A06"))) == ["AA MER-0003"]


async def test_a_block_without_end_does_not_fill_the_memory(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mllp, "MAX_BLOCK_BYTES", 3 * 1024 * 1024)
    async with run_listening_stays(lab) as services, station(services) as port:
        found = await ask(port, START + b"x" * 6 * 1024 * 1024, answers=1)
    assert found == ["AR"]
    (kept,) = arrivals(lab)
    assert 3 * 1024 * 1024 <= len(kept) <= 6 * 1024 * 1024


async def test_stopping_lets_the_answer_under_way_go_out(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        begun, go = asyncio.Event(), asyncio.Event()
        real = build_ack_handler(lambda: services)

        async def slow(block: bytes, sender: str) -> tuple[bytes, ...]:
            begun.set()
            await go.wait()
            return tuple(await real(block, sender))

        listener = MllpListener(slow)
        port = await listener.start("127.0.0.1", 0)
        asked = asyncio.create_task(ask(port, framed(sample_message("03-to-inpatient-A06"))))
        await begun.wait()
        stopping = asyncio.create_task(listener.stop())
        go.set()
        assert await asked == ["AA MER-0003"]
        await stopping
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_what_was_refused_is_in_the_inbox_for_a_person(lab: Lab) -> None:
    async with run_listening_stays(lab) as services, station(services) as port:
        await ask(port, framed(b"nonsense"))
    with lab.store.read() as s:
        (item,) = inbox.list_open(s)
    assert item.status is InboxStatus.REFUSED and item.problems[0].rule == "adt.no_header"
