"""Handing letters over to the outside, each exactly once.

The outbox row is written before; the hand-over uses the letter's own key at the other side (here: the file name), so a repeat
after a crash finds that it has been done.
"""

from __future__ import annotations

import logging
import time
from typing import Protocol

from temporalio import activity

from domain.cases.orders import Delivered, DeliverOrder
from domain.errors import Unavailable
from engine.activity_errors import translated
from store import letters
from store.letters import LetterRecord
from store.session import Store

log = logging.getLogger("umpire.delivery")
# A sign of life costs the server a call, so a hand-over of a few milliseconds gives none. Well below the heartbeat timeout.
SILENCE_SECONDS = 1.0
TRIES = 5
"""How often a carrier is asked in a row before the case goes on without it for a while."""


class Carrier(Protocol):
    """Takes a letter under its key and returns a receipt; taking the same key again returns the same receipt."""

    def carry(self, letter: LetterRecord) -> str: ...


class Delivery:
    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier = store, carrier

    def deliver_at_once(self, order: DeliverOrder) -> tuple[str, ...]:
        """Hand over what can be handed over now; the letters that are out. A carrier in trouble is left to `deliver`."""
        return self._hand_over(order)

    @activity.defn
    def deliver(self, order: DeliverOrder) -> Delivered:
        """Hand over every letter of the order that is still in the house, and say which are out.

        One letter that cannot leave holds no other one back. While it takes long, each letter is a sign of life: when the
        worker dies on the way, another one goes on within seconds.
        """
        with translated():
            out = self._hand_over(order)
            if len(out) < len(order.letter_ids) and activity.info().attempt < TRIES:
                raise Unavailable("the carrier does not take every letter")
            return Delivered(out=out)

    def _hand_over(self, order: DeliverOrder) -> tuple[str, ...]:
        with self._store.read() as s:
            waiting = letters.in_the_house(s, order.letter_ids)
        receipts: dict[str, str] = {}
        heard = time.monotonic()
        for letter in waiting:
            receipt = self._receipt(letter)
            if receipt is not None:
                receipts[letter.letter_id] = receipt
            if time.monotonic() - heard > SILENCE_SECONDS:
                activity.heartbeat()
                heard = time.monotonic()
        if receipts:
            with self._store.begin() as s:
                letters.all_handed_over(s, receipts, order.now)
        left = {letter.letter_id for letter in waiting} - receipts.keys()
        return tuple(letter_id for letter_id in order.letter_ids if letter_id not in left)

    def _receipt(self, letter: LetterRecord) -> str | None:
        """The carrier's receipt, or None when it did not take the letter. Its complaint may quote the letter: not for logs."""
        try:
            return self._carrier.carry(letter)
        except Exception as trouble:
            log.warning("a letter of %s waits for its carrier: %s", letter.case_id, type(trouble).__name__)
            return None
