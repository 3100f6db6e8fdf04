"""Writing what happened: journal, read models and letters of a case in one transaction; and what is known of people."""

from __future__ import annotations

from temporalio import activity

from activities.delivery import Delivery
from activities.letters.writer import LetterWriter
from domain.authorization.orders import Reserved, ReserveOrder
from domain.cases.orders import DeliverOrder, Known, KnownOrder, Recorded, RecordOrder
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from domain.letters.stay_facts import StayLetterOrder
from engine.activity_errors import translated
from rulebook.rulebook import Rulebook
from store import benefits, directory, requests
from store import read_models as projection
from store.session import Store


class Records:
    """Idempotent by construction: entries by case and number, letters by their key, reservations by case and line."""

    def __init__(self, store: Store, rulebook: Rulebook, delivery: Delivery) -> None:
        self._store, self._writer, self._delivery = store, LetterWriter(rulebook), delivery

    @activity.defn
    def record(self, order: RecordOrder) -> Recorded:
        """Write it all, or nothing. A letter that cannot be written is reported; the journal is written all the same."""
        written: list[WrittenLetter] = []
        blocked: list[BlockedLetter] = []
        with translated(), self._store.begin() as s:
            projection.record(s, order.case_id, order.entries)
            for letter in _letters(order):
                result = self._writer.write(s, letter)
                if isinstance(result, BlockedLetter):
                    blocked.append(result)
                else:
                    written.extend(result)
        return Recorded(letters=tuple(written), blocked=tuple(blocked), handed_over=self._deliver(order, written))

    def _deliver(self, order: RecordOrder, written: list[WrittenLetter]) -> tuple[str, ...]:
        """Spare the case a second activity, when the carrier is quick. Only once: a carrier that hangs must not keep the
        journal from being done."""
        if not written or activity.info().attempt > 1:
            return ()
        ids = tuple(letter.letter_id for letter in written)
        now = _letters(order)[0].now
        with translated():
            return self._delivery.deliver_at_once(DeliverOrder(case_id=order.case_id, letter_ids=ids, now=now))

    @activity.defn
    def reserve(self, order: ReserveOrder) -> Reserved:
        """Take units of benefit limits, line by line; what has to stay within its limit and does not, is not taken.

        Two cases that draw on one limit are asked one after the other, so that only one of them gets the last unit.
        """
        refused: list[str] = []
        with translated(), self._store.begin() as s:
            for line_id in (*order.given_back, *(each.line_id for each in order.reservations)):
                benefits.release(s, order.case_id, line_id)
            for each in order.reservations:
                left = benefits.reserve(s, order.case_id, each.line_id, each.benefit_id, each.units)
                if left < 0 and each.within_limit:
                    benefits.release(s, order.case_id, each.line_id)
                    refused.append(each.line_id)
        return Reserved(refused=tuple(refused))

    @activity.defn
    def read_known(self, order: KnownOrder) -> Known:
        """What the directory holds on these reviewers right now, and the newest version of the case's request."""
        with translated(), self._store.read() as s:
            found = (directory.reviewer(s, reviewer_id) for reviewer_id in order.reviewer_ids)
            return Known(
                reviewers=tuple(reviewer for reviewer in found if reviewer is not None),
                newest_version=requests.load(s, order.case_id).version if order.with_request else 0,
            )


def _letters(order: RecordOrder) -> tuple[LetterOrder | StayLetterOrder, ...]:
    return (*order.letters, *order.stay_letters)
