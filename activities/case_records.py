"""Activities that write a case's journal, read models, letters and benefit reservations, and that load reviewers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session
from temporalio import activity

from activities import booked_calls
from activities.delivery import LetterDelivery
from activities.letters.writer import Drafts, LetterWriter
from activities.lookups.follow_ups import note_on_closed_case, read_follow_up
from domain.authorization.orders import (
    BookedCall,
    BookedCallInput,
    ClaimedSupplies,
    ReserveInput,
    ReserveResult,
    SupplyClaims,
)
from domain.cases.assignment import states_with_a_nurse
from domain.cases.orders import (
    DeliveryInput,
    DirectorySnapshot,
    KeptCase,
    KeptCaseInput,
    RecordInput,
    RecordResult,
    ReviewersInput,
    StartInput,
)
from domain.cases.views import CaseStatus
from domain.decisions.signed import RecordOnFile
from domain.errors import NotOnFile
from domain.follow_ups.notes import FollowUp, FollowUpInput
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from engine.activity_errors import translate_errors
from engine.workflow_names import PRIOR_AUTHORIZATION
from rulebook.rulebook import Rulebook
from store import benefits, cases, directory, documents, journal, read_models, requests
from store.session import Store


class CaseRecords:
    """Activities that record a case. Idempotent by construction: entries by case and number, letters by their key,
    reservations by case and line."""

    def __init__(self, store: Store, rulebook: Rulebook, delivery: LetterDelivery) -> None:
        self._store, self._writer, self._delivery = store, LetterWriter(rulebook), delivery

    @activity.defn(no_thread_cancel_exception=True)
    def record(self, order: RecordInput) -> RecordResult:
        """Write it all, or nothing. A letter that cannot be written is reported; the journal is written all the same.
        For a run that the journal contradicts nothing is written."""
        written: list[WrittenLetter] = []
        blocked: list[BlockedLetter] = []
        with translate_errors():
            drafts = self._draft_letters(order.letters)
            try:
                with self._store.begin() as s:
                    read_models.record_entries(s, order.case_id, order.entries)
                    if order.entries:
                        journal.keep_state(s, order.case_id, order.entries[-1].seq, order.run)
                        booked_calls.free_time_without_offer(s, order.case_id, order.run)
                    for letter, draft in zip(order.letters, drafts, strict=True):
                        if isinstance(draft, BlockedLetter):
                            blocked.append(draft)
                        else:
                            written.extend(self._writer.put(s, letter, draft))
            except journal.ContradictedEntry:
                return RecordResult(contradicts=True)
        return RecordResult(letters=tuple(written), blocked=tuple(blocked), handed_over=self._deliver(order, written))

    def _draft_letters(self, orders: Sequence[LetterOrder]) -> list[Drafts | BlockedLetter]:
        """Render the letters before the write begins: whatever a page takes, nobody waits for it."""
        if not orders:
            return []
        with self._store.read() as s:
            return [self._writer.draft(s, letter) for letter in orders]

    def _deliver(self, order: RecordInput, written: list[WrittenLetter]) -> tuple[str, ...]:
        """Deliver the letters at once, which saves the case a second activity when the carrier is quick. Only on the first
        attempt: a carrier that hangs must not block the journal."""
        if not written or activity.info().attempt > 1:
            return ()
        ids = tuple(letter.letter_id for letter in written)
        now = order.letters[0].now
        with translate_errors():
            return self._delivery.deliver_at_once(DeliveryInput(case_id=order.case_id, letter_ids=ids, now=now))

    @activity.defn(no_thread_cancel_exception=True)
    def try_letters(self, order: RecordInput) -> RecordResult:
        """Try whether these letters could be written, and report those that could not. Nothing is written."""
        with translate_errors(), self._store.read() as s:
            found = [self._writer.find_obstacle(s, letter) for letter in order.letters]
        return RecordResult(blocked=tuple(one for one in found if one is not None))

    @activity.defn(no_thread_cancel_exception=True)
    def read_kept_case(self, order: KeptCaseInput) -> KeptCase:
        """Read the case as it was kept with its last journal entry, or its start; and whether a case started the run."""
        with translate_errors(), self._store.read() as s:
            return KeptCase(
                run=requests.run_on_file(s, order.case_id, PRIOR_AUTHORIZATION), is_of_case=_is_of_case(s, order)
            )

    @activity.defn(no_thread_cancel_exception=True)
    def await_start(self, order: KeptCaseInput) -> KeptCase:
        """Read the same. Raises ApplicationError until the run may begin by either: it is tried again."""
        found = self.read_kept_case(order)
        with translate_errors():
            if found.run is None and not found.is_of_case:
                raise NotOnFile("Nothing is on file under the number of this run.", "It begins as soon as there is.")
        return found

    @activity.defn(no_thread_cancel_exception=True)
    def keep_start(self, order: StartInput) -> None:
        """Keep the start of a case on file, so that its workflow begins as its file says, whoever starts it."""
        with translate_errors(), self._store.begin() as s:
            journal.keep_start(s, order.case_id, order.run)

    @activity.defn(no_thread_cancel_exception=True)
    def read_follow_up(self, order: FollowUpInput) -> FollowUp | None:
        """Read what the record of a case says about a decided one; None where it follows no decision of that case."""
        with translate_errors(), self._store.read() as s:
            return read_follow_up(s, order.case_id, order.about)

    @activity.defn(no_thread_cancel_exception=True)
    def read_booked_call(self, order: BookedCallInput) -> BookedCall:
        """Read the time that the calendar has booked for the case's peer-to-peer."""
        with translate_errors(), self._store.read() as s:
            return booked_calls.read_booked_call(s, order.case_id)

    @activity.defn(no_thread_cancel_exception=True)
    def note_follow_up(self, order: FollowUpInput) -> None:
        """Put what a case says about a decided one on the journal of the decided case, whose workflow has ended."""
        with translate_errors(), self._store.begin() as s:
            found = read_follow_up(s, order.case_id, order.about)
            if found is not None:
                note_on_closed_case(s, found)

    @activity.defn(no_thread_cancel_exception=True)
    def reserve(self, order: ReserveInput) -> ReserveResult:
        """Reserve units of benefit limits, line by line, and release all others of the case. A line that must stay within its
        limit and does not is not reserved.

        Two cases that draw on one limit are asked one after the other, so that only one of them gets the last unit. Repeating
        is harmless, also for a task that was lost and went another way the second time: the case holds what it asked for last.
        """
        refused: list[str] = []
        with translate_errors(), self._store.begin() as s:
            benefits.release_all(s, order.case_id)
            for each in order.reservations:
                left = benefits.reserve(s, order.case_id, each.line_id, each.benefit_id, each.units)
                if left < 0 and each.within_limit:
                    benefits.release(s, order.case_id, each.line_id)
                    refused.append(each.line_id)
        return ReserveResult(refused=tuple(refused))

    @activity.defn(no_thread_cancel_exception=True)
    def claim_supplies(self, order: SupplyClaims) -> ClaimedSupplies:
        """Claim temporary supplies for the case. Of two cases that ask for one drug at once, one gets it."""
        with translate_errors(), self._store.begin() as s:
            found = {
                offer.claim_key: benefits.claim_supply(s, order.case_id, order.member_id, offer)
                for offer in order.offers
            }
        return ClaimedSupplies(claimed=found)

    @activity.defn(no_thread_cancel_exception=True)
    def read_known(self, order: ReviewersInput) -> DirectorySnapshot:
        """Load these reviewers as the directory has them now, and the case's newest request and the records on its file."""
        with translate_errors(), self._store.read() as s:
            found = (directory.reviewer(s, reviewer_id) for reviewer_id in order.reviewer_ids)
            return DirectorySnapshot(
                reviewers=tuple(reviewer for reviewer in found if reviewer is not None),
                newest_version=requests.load(s, order.case_id).version if order.with_request else 0,
                later_documents=_later_documents(s, order),
                records=_records(s, order.case_id) if order.with_request or order.with_records else None,
                nurse_states=_nurse_states(s, order),
            )


def _nurse_states(s: Session, order: ReviewersInput) -> tuple[str, ...] | None:
    if order.nurses_on is None:
        return None
    return tuple(sorted(states_with_a_nurse(directory.reviewers(s), order.nurses_on)))


def _records(s: Session, case_id: str) -> tuple[RecordOnFile, ...]:
    held = documents.of_case(s, case_id)
    return tuple(RecordOnFile(document_id=each.document_id, title=each.title) for each in held)


def _later_documents(s: Session, order: ReviewersInput) -> dict[str, int]:
    """Those of the documents that a later version of the case's request brought, each with that version."""
    found: dict[str, int] = {}
    if not order.document_ids:
        return found
    for version in range(requests.load(s, order.case_id).version, 0, -1):
        for document in requests.load(s, order.case_id, version).request.documents:
            if document.document_id in order.document_ids:
                found[document.document_id] = version
    return {document_id: version for document_id, version in found.items() if version > 1}


def _is_of_case(s: Session, order: KeptCaseInput) -> bool:
    """Whether the workflow that started the run has the number of a case that was open then: later anybody may take it."""
    parent = cases.get(s, order.started_by) if order.started_by is not None else None
    if parent is None or order.started_at is None:
        return False
    return parent.status is CaseStatus.OPEN or (parent.closed_at is not None and parent.closed_at >= order.started_at)
