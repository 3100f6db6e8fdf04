"""What a sender over MLLP hears: each message is kept and understood first, then acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from engine import edge_clock
from intake.admissions import admissions
from intake.admissions.outcome import AdmissionKind, AdmissionOutcome
from interop.hl7.acks import AckCode, acknowledgment, is_acknowledgment
from interop.hl7.mllp import Answerer
from services.context import Desk
from store import inbox

log = logging.getLogger("umpire.intake")
NOT_KEPT = "Not kept: send it again"


def answerer(desk: Callable[[], Desk]) -> Answerer:
    """Answers blocks at the desk as it is at that moment. What could not be kept is refused (AR), and never raises."""

    async def answer(block: bytes, sender: str) -> tuple[bytes, ...]:
        here = desk()
        try:
            outcomes = await admissions.receive(here, block, sender)
            if is_acknowledgment(block):
                return ()
            return await asyncio.to_thread(_answers, here, outcomes)
        except Exception as error:
            log.error("a block of %d bytes was not kept: %s", len(block), type(error).__name__)
            return (acknowledgment(block, AckCode.AR, NOT_KEPT, here.clock(), edge_clock.message_id()),)

    return answer


def _answers(desk: Desk, outcomes: tuple[AdmissionOutcome, ...]) -> tuple[bytes, ...]:
    """One for each message; a batch as such is answered only when something is wrong with it."""
    with desk.store.read() as s:
        return tuple(
            acknowledgment(inbox.raw(s, one.inbox_id), one.ack, one.answer, desk.clock(), edge_clock.message_id())
            for one in outcomes
            if one.kind is not AdmissionKind.SPLIT
        )
