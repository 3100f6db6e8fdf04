"""Writing what happened: journal, read models, letters and benefit reservations of a case in one transaction."""

from __future__ import annotations

from temporalio import activity

from activities.delivery import Delivery
from activities.faults import translated
from activities.letters import LetterWriter
from domain.orders import BlockedLetter, DeliverOrder, Recorded, RecordOrder, Reviewers, ReviewersOrder, WrittenLetter
from rulebook.book import Rulebook
from store import benefits, directory, projection
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
            for reservation in order.reservations:
                benefits.reserve(s, order.case_id, reservation.line_id, reservation.benefit_id, reservation.units)
            for letter in order.letters:
                result = self._writer.write(s, letter)
                if isinstance(result, BlockedLetter):
                    blocked.append(result)
                else:
                    written.extend(result)
        return Recorded(letters=tuple(written), blocked=tuple(blocked), handed_over=self._deliver(order, written))

    def _deliver(self, order: RecordOrder, written: list[WrittenLetter]) -> tuple[str, ...]:
        if not written:
            return ()
        ids = tuple(letter.letter_id for letter in written)
        return self._delivery.deliver_at_once(
            DeliverOrder(case_id=order.case_id, letter_ids=ids, now=order.letters[0].now)
        )

    @activity.defn
    def read_reviewers(self, order: ReviewersOrder) -> Reviewers:
        """What the directory holds on these reviewers right now."""
        with translated(), self._store.read() as s:
            known = (directory.reviewer(s, reviewer_id) for reviewer_id in order.reviewer_ids)
            return Reviewers(found=tuple(reviewer for reviewer in known if reviewer is not None))
