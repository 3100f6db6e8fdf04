"""Acknowledgments to MLLP senders: each message is stored and interpreted before it is acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from engine import edge_clock
from intake.admissions import admissions
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from interop.hl7.acks import AckCode, build_acknowledgment, is_acknowledgment
from interop.hl7.mllp import MessageHandler
from services.context import ServiceContext
from store import inbox

log = logging.getLogger("umpire.intake")
NOT_STORED = "Not kept: send it again"


def build_ack_handler(services: Callable[[], ServiceContext]) -> MessageHandler:
    """Build the handler that acknowledges MLLP blocks, with the current context. A block that cannot be stored gets AR."""

    async def answer(block: bytes, sender: str) -> tuple[bytes, ...]:
        here = services()
        try:
            outcomes = await admissions.receive_hl7(here, block, sender)
            if is_acknowledgment(block):
                return ()
            return await here.read(_acknowledgments, outcomes, here.clock())
        except Exception as error:
            log.error("a block of %d bytes was not kept: %s", len(block), type(error).__name__)
            return (build_acknowledgment(block, AckCode.AR, NOT_STORED, here.clock(), edge_clock.new_message_id()),)

    return answer


def _acknowledgments(s: Session, outcomes: tuple[AdmissionResult, ...], at: datetime) -> tuple[bytes, ...]:
    """One acknowledgment for each message; for a batch itself only when it has issues."""
    return tuple(
        build_acknowledgment(inbox.raw(s, one.inbox_id), one.ack, one.answer, at, edge_clock.new_message_id())
        for one in outcomes
        if one.kind is not AdmissionStatus.SPLIT
    )
