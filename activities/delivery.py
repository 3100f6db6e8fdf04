"""Handing letters over to the outside, each exactly once.

The outbox row is written before; the hand-over uses the letter's own key at the other side (here: the file name), so a repeat
after a crash finds that it has been done.
"""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from activities.faults import translated
from domain.orders import DeliverOrder
from store import letters
from store.letters import LetterRecord
from store.session import Store


class Carrier(Protocol):
    """Takes a letter under its key and returns a receipt; taking the same key again returns the same receipt."""

    def carry(self, letter: LetterRecord) -> str: ...


class Delivery:
    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier = store, carrier

    @activity.defn
    def deliver(self, order: DeliverOrder) -> None:
        """Hand over every letter of the order that is still in the house.

        Each letter is a sign of life: when the worker dies on the way, another one goes on within seconds.
        """
        with translated():
            with self._store.read() as s:
                waiting = [letter for key in order.letter_ids if (letter := letters.get(s, key)).handed_over_at is None]
            receipts: dict[str, str] = {}
            for letter in waiting:
                receipts[letter.letter_id] = self._carrier.carry(letter)
                activity.heartbeat()
            if receipts:
                with self._store.begin() as s:
                    for key, receipt in receipts.items():
                        letters.handed_over(s, key, order.now, receipt)
