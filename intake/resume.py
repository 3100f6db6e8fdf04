"""Resumption of interrupted arrivals of every kind.

A crash, or an outage of Temporal, loses nothing and moves no receipt time.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

from sqlalchemy.orm import Session

from domain.errors import UmpireError, ValidationIssue
from domain.vocabulary import ArrivalKind, Channel
from intake import appeals, claims, follow_ups, reinstatement, submission
from intake.admissions import admissions
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.contacts import contacts
from intake.requests import records
from intake.results import is_for_stay, rejected_result
from intake.stays.submission import process_form
from interop.plain.admission import is_admission
from interop.plain.callbacks_and_concerns import is_callback_or_concern
from interop.plain.claim import is_claim
from interop.plain.stay_form import is_stay_form
from services.context import ServiceContext, SubmissionResult, SubmissionStatus
from store import adt_messages, inbox
from store.inbox import InboxItem, InboxStatus

ArrivalResult = SubmissionResult | AdmissionResult

PROCESSES: dict[ArrivalKind, Callable[[ServiceContext, int], Awaitable[ArrivalResult | tuple[AdmissionResult, ...]]]]
PROCESSES = {
    ArrivalKind.REQUEST: submission.process_item,
    ArrivalKind.RECORDS: records.process_item,
    ArrivalKind.ADMISSION: admissions.process_item,
    ArrivalKind.STAY_FORM: process_form,
    ArrivalKind.CONTACT: contacts.process_item,
    ArrivalKind.CLAIM: claims.process_item,
    ArrivalKind.REINSTATEMENT: reinstatement.process_item,
    ArrivalKind.AFTER_DECISION: follow_ups.process_item,
    ArrivalKind.APPEAL: appeals.process_item,
}
MOST_FAILURES = 5
"""Unexpected failures of one arrival, one in each round, after which it is a person's: it would fail forever."""

_NOT_PROCESSED = ValidationIssue(
    path="document",
    rule="intake.not_processed",
    message=f"the document could not be processed; {MOST_FAILURES} attempts failed unexpectedly",
    expected="intake to read the document, and operations to find out why",
)
log = logging.getLogger("umpire.intake")


async def resume_arrivals(
    services: ServiceContext, kinds: Collection[ArrivalKind] = frozenset(ArrivalKind)
) -> tuple[ArrivalResult, ...]:
    """Process every arrival of these kinds that is unread or whose case does not have it, oldest first; the result of each.

    An item that fails does not stop the others; it is tried again the next time, and after MOST_FAILURES unexpected failures it
    is a task for intake. While Temporal is unavailable only the
    steps that do not need it are done.
    """
    items, events = await services.read(_unfinished_items)
    if any(item.kind is None for item in (*items, *events)):
        items, events = await services.write(_set_kinds, items), await services.write(_set_kinds, events)
    done: list[ArrivalResult] = []
    for item in items:
        if item.kind in kinds:
            done += await _process(services, item)
    for item in events if ArrivalKind.ADMISSION in kinds else ():
        outcomes = await _process(services, item)
        done += outcomes
        if outcomes and is_stored(outcomes[-1]):
            break  # Temporal is unavailable: the other events would each only wait for it
    return tuple(done)


def is_stored(outcome: ArrivalResult) -> bool:
    """Whether the arrival waits for Temporal."""
    return outcome.kind in (SubmissionStatus.STORED, AdmissionStatus.STORED)


async def _process(services: ServiceContext, item: InboxItem) -> tuple[ArrivalResult, ...]:
    try:
        outcome = await PROCESSES[item.kind or ArrivalKind.REQUEST](services, item.inbox_id)
    except UmpireError as error:
        log.warning("inbox item %d stays: %s", item.inbox_id, error)
        return ()
    except Exception as error:
        # An error in one arrival must not stop the others; its text may quote the document.
        log.error("inbox item %d failed: %s", item.inbox_id, type(error).__name__)
        return await _count_failure(services, item)
    return outcome if isinstance(outcome, tuple) else (outcome,)


async def _count_failure(services: ServiceContext, item: InboxItem) -> tuple[ArrivalResult, ...]:
    try:
        counted = await services.write(inbox.count_failure, item.inbox_id, MOST_FAILURES, (_NOT_PROCESSED,))
    except UmpireError as error:
        log.warning("inbox item %d stays: %s", item.inbox_id, error)
        return ()
    if counted.status is not InboxStatus.REFUSED:
        return ()
    log.error("inbox item %d is refused: it could not be processed", item.inbox_id)
    return (rejected_result(counted, counted.problems),)


def _unfinished_items(s: Session) -> tuple[tuple[InboxItem, ...], tuple[InboxItem, ...]]:
    """Arrivals with steps left, and those with an undelivered ADT event, in the order of the events."""
    events = dict.fromkeys(row.inbox_id for row in adt_messages.pending(s))
    left = {item.inbox_id: item for item in (*inbox.unread(s), *inbox.unstarted(s)) if item.inbox_id not in events}
    return tuple(left[key] for key in sorted(left)), tuple(inbox.get(s, key) for key in events)


def _set_kinds(s: Session, items: tuple[InboxItem, ...]) -> tuple[InboxItem, ...]:
    """The items with their kinds, which arrivals from before kinds were stored get here."""
    return tuple(
        item if item.kind is not None else inbox.set_kind(s, item.inbox_id, _determine_kind(s, item)) for item in items
    )


def _determine_kind(s: Session, item: InboxItem) -> ArrivalKind:
    content = inbox.raw(s, item.inbox_id)
    if item.channel is Channel.HL7_V2 or is_admission(content):
        return ArrivalKind.ADMISSION
    if is_callback_or_concern(content):
        return ArrivalKind.CONTACT
    if is_claim(content):
        return ArrivalKind.CLAIM
    if is_for_stay(item):
        return ArrivalKind.STAY_FORM if is_stay_form(content) else ArrivalKind.REQUEST
    # A request is delivered and accepted at once, except as the first version of its case.
    later = item.request_version is not None and item.request_version > 1
    return ArrivalKind.RECORDS if later else ArrivalKind.REQUEST
