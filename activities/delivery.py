"""Handing letters over to the outside, each exactly once.

The outbox row is written before; the hand-over uses the letter's own key at the other side (here: the file name), so a repeat
after a crash finds that it has been done.
"""

from __future__ import annotations

import logging
import time
from typing import Protocol

from temporalio import activity

from activities.faults import translated
from domain.errors import UmpireError
from domain.orders import DeliverOrder
from store import letters
from store.letters import LetterRecord
from store.session import Store

log = logging.getLogger("umpire.delivery")
# A sign of life costs the server a call, so a hand-over of a few milliseconds gives none. Well below the heartbeat timeout.
SILENCE_SECONDS = 1.0


class Carrier(Protocol):
    """Takes a letter under its key and returns a receipt; taking the same key again returns the same receipt."""

    def carry(self, letter: LetterRecord) -> str: ...


class Delivery:
    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier = store, carrier

    def deliver_at_once(self, order: DeliverOrder) -> tuple[str, ...]:
        """Hand over what can be handed over now; the letters that are out. A carrier in trouble is left to `deliver`."""
        try:
            self._hand_over(order)
        except (UmpireError, OSError) as trouble:
            log.warning("letters wait for their carrier: %s", type(trouble).__name__)
            return ()
        return order.letter_ids

    @activity.defn
    def deliver(self, order: DeliverOrder) -> None:
        """Hand over every letter of the order that is still in the house.

        While it takes long, each letter is a sign of life: when the worker dies on the way, another one goes on within
        seconds.
        """
        with translated():
            self._hand_over(order)

    def _hand_over(self, order: DeliverOrder) -> None:
        with self._store.read() as s:
            waiting = letters.in_the_house(s, order.letter_ids)
        receipts: dict[str, str] = {}
        heard = time.monotonic()
        for letter in waiting:
            receipts[letter.letter_id] = self._carrier.carry(letter)
            if time.monotonic() - heard > SILENCE_SECONDS:
                activity.heartbeat()
                heard = time.monotonic()
        if receipts:
            with self._store.begin() as s:
                letters.all_handed_over(s, receipts, order.now)
