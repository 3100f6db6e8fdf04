"""Results of arrivals, for their senders."""

from __future__ import annotations

from domain.case_numbers import kind_of
from domain.errors import ValidationIssue
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ProcessKind
from services.context import SubmissionResult, SubmissionStatus
from store.inbox import SYSTEM, InboxItem, InboxStatus

Issues = tuple[ValidationIssue, ...]


def submission_result(
    kind: SubmissionStatus, item: InboxItem, case_id: str | None, says: str, problems: Issues = (), notes: Issues = ()
) -> SubmissionResult:
    """The result of the item."""
    return SubmissionResult(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
        notes=notes,
    )


def rejected_result(item: InboxItem, problems: Issues) -> SubmissionResult:
    """The result of an item that was not accepted; it is in the inbox, as a task for intake."""
    says = f"Not accepted; it is stored as INBOX-{item.inbox_id} for intake to review."
    return submission_result(SubmissionStatus.REFUSED, item, None, says, problems)


def joined_result(item: InboxItem, first: InboxItem, problems: Issues) -> SubmissionResult:
    """The result of an item that joined an open one: intake reviews it once."""
    times = count_phrase(first.times_received or 1, "time")
    says = f"Not accepted; the same document waits as INBOX-{first.inbox_id} already, received {times}, for intake to review."
    return submission_result(SubmissionStatus.REFUSED, item, None, says, problems)


def processed_result(item: InboxItem) -> SubmissionResult:
    """The result of an item that no step is left for."""
    match item.status:
        case InboxStatus.ACCEPTED:
            says = f"Recorded on {'stay' if is_for_stay(item) else 'case'} {item.case_id}."
            return submission_result(SubmissionStatus.STARTED, item, item.case_id, says)
        case InboxStatus.RESOLVED:
            says = f"INBOX-{item.inbox_id} was resolved by {item.resolved_by}."
            if item.resolved_by == SYSTEM:
                says = f"INBOX-{item.inbox_id}: {item.note}"
            return submission_result(SubmissionStatus.REFUSED, item, None, says, item.problems)
        case _:
            return rejected_result(item, item.problems)


def is_for_stay(item: InboxItem) -> bool:
    """Whether an accepted arrival belongs to a stay and not to an authorization."""
    return item.case_id is not None and kind_of(item.case_id) is ProcessKind.STAY
