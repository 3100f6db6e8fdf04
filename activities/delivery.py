"""Delivery of letters to the carrier, each exactly once.

The outbox row is written before. The carrier knows each letter by its key (here: the file name), so a repeat after a crash
finds that it has been delivered.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.cases.orders import DeliveryInput, DeliveryResult
from domain.errors import Unavailable
from engine.activity_errors import translate_errors
from store import letters
from store.correspondence import standalone_letters
from store.letters import LetterRecord
from store.session import Store

log = logging.getLogger("umpire.delivery")
# A heartbeat costs the server a call, so a delivery of a few milliseconds sends none. Well below the heartbeat timeout.
HEARTBEAT_INTERVAL_SECONDS = 1.0
CARRIER_ATTEMPTS = 5
"""Number of attempts in a row before the case continues without the carrier for a while."""


STANDALONE_AT_ONCE = 100
"""The most letters of no case that one round hands over."""


class CarriedPages(Protocol):
    """The pages of a letter, as HTML and as plain text."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


class CarriedLetter(Protocol):
    """A letter as a carrier takes it: of a case (`LetterRecord`) or of none (`StandaloneLetter`)."""

    @property
    def letter_id(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def rendered(self) -> CarriedPages: ...


class Carrier(Protocol):
    """Port to whatever delivers letters. Accepts a letter under its key and returns a receipt; the same key again returns
    the same receipt."""

    def carry(self, letter: CarriedLetter) -> str: ...


class LetterDelivery:
    """Delivers letters from the outbox and records their receipts."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier = store, carrier

    def deliver_at_once(self, order: DeliveryInput) -> tuple[str, ...]:
        """Deliver the letters that can be delivered now and return their ids. The rest are retried by `deliver`."""
        return self._hand_over(order)

    @activity.defn
    def deliver(self, order: DeliveryInput) -> DeliveryResult:
        """Deliver every letter of the input that is not mailed yet, and return the ids of those that are mailed.

        A letter that cannot be delivered does not block the others. A long delivery heartbeats after each letter: when the
        worker dies, another worker continues within seconds.
        """
        with translate_errors():
            out = self._hand_over(order)
            if len(out) < len(order.letter_ids) and activity.info().attempt < CARRIER_ATTEMPTS:
                raise Unavailable("the carrier does not take every letter")
            return DeliveryResult(out=out)

    def _hand_over(self, order: DeliveryInput) -> tuple[str, ...]:
        with self._store.read() as s:
            waiting = letters.not_mailed_among(s, order.letter_ids)
        receipts: dict[str, str] = {}
        heard = time.monotonic()
        for letter in waiting:
            receipt = self._receipt(letter)
            if receipt is not None:
                receipts[letter.letter_id] = receipt
            if time.monotonic() - heard > HEARTBEAT_INTERVAL_SECONDS:
                activity.heartbeat()
                heard = time.monotonic()
        if receipts:
            with self._store.begin() as s:
                letters.mark_all_mailed(s, receipts, order.now)
        left = {letter.letter_id for letter in waiting} - receipts.keys()
        return tuple(letter_id for letter_id in order.letter_ids if letter_id not in left)

    def _receipt(self, letter: LetterRecord) -> str | None:
        """The carrier's receipt, or None when it rejected the letter. Its error may quote the letter, so it is not logged."""
        try:
            return self._carrier.carry(letter)
        except Exception as trouble:
            log.warning("a letter of %s waits for its carrier: %s", letter.case_id, type(trouble).__name__)
            return None


def hand_over_standalone(store: Store, carrier: Carrier, now: datetime) -> int:
    """Hand over the letters that belong to no case and wait, as of `now` (UTC); how many the carrier took.

    Safe to repeat, and in several workers at once: the carrier knows each letter by its id. One that it rejects holds no other
    one up, and is tried again in the next round.
    """
    with store.read() as s:
        if not standalone_letters.list_waiting(s, 1):
            return 0
    with store.begin() as s:
        standalone_letters.drop_stale_reminders(s, now)
        waiting = standalone_letters.list_waiting(s, STANDALONE_AT_ONCE)
    taken = 0
    for letter in waiting:
        try:
            receipt = carrier.carry(letter)
        except Exception as trouble:  # its error may quote the letter
            log.warning("a letter of the desk waits for its carrier: %s", type(trouble).__name__)
            with store.begin() as s:
                standalone_letters.note_failure(s, letter.letter_id, type(trouble).__name__)
            continue
        with store.begin() as s:
            standalone_letters.mark_handed_over(s, letter.letter_id, receipt, now)
        taken += 1
    return taken
