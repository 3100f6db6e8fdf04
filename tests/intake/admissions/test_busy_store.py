"""Foreign bytes are parsed and hashed outside of transactions: a large message holds up nobody."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from demo.time_skipping_lab import Lab
from intake.admissions import message_reader
from intake.admissions.admissions import receive_hl7
from interop.hl7.adt import ParsedAdt
from store.session import Store
from tests.intake.admissions.stay_listener import run_listening_stays, sample_message


class Watched:
    """A writing transaction that is counted while it is open."""

    def __init__(self, inner: AbstractContextManager[Session], open_now: list[int]) -> None:
        self._inner, self._open = inner, open_now

    def __enter__(self) -> Session:
        found = self._inner.__enter__()
        self._open.append(1)
        return found

    def __exit__(self, *error: Any) -> bool | None:
        self._open.pop()
        return self._inner.__exit__(*error)


async def test_no_foreign_bytes_are_parsed_while_others_wait_to_write(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now: list[int] = []
    seen: list[int] = []
    begin, parse = Store.begin, message_reader.parse_adt

    def watched(raw: bytes, relays: frozenset[str] = frozenset()) -> ParsedAdt:
        seen.append(len(open_now))
        return parse(raw, relays)

    monkeypatch.setattr(Store, "begin", lambda store: Watched(begin(store), open_now))
    monkeypatch.setattr(message_reader, "parse_adt", watched)
    arrival = sample_message("01-ed-register-A04")
    cancel = arrival.replace(b"ADT^A04", b"ADT^A11")
    async with run_listening_stays(lab) as services:
        for raw in (cancel, arrival, sample_message("03-to-inpatient-A06")):
            await receive_hl7(services, raw)
    assert len(seen) >= 4, "the cancel is read again when its stay is opened"
    assert not any(seen)
