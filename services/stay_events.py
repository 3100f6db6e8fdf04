"""Delivery of ADT events to a stay's workflow, which the first event starts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.cases.orders import CaseRun
from domain.errors import Corrupt, ValidationIssue
from domain.journal import Actor
from domain.stays.start import AdtEventReceived, StayStart
from engine.options import workflow_id
from engine.search_attributes import start_case_workflow
from engine.workflow_names import CONCURRENT_REVIEW
from services.case_client import translate_temporal_errors
from services.context import ServiceContext
from store import adt_messages, inbox, journal, stays
from store.adt_messages import AdtStatus, StoredAdt
from store.inbox import InboxStatus

ADT_EVENT_SIGNAL = "tell_stay"


class StayClosed(Exception):
    """The stay's workflow has ended and takes no more events."""

    def __init__(self, stay_id: str) -> None:
        super().__init__(stay_id)
        self.stay_id = stay_id


async def deliver_event(services: ServiceContext, event_id: str) -> tuple[ValidationIssue, ...]:
    """Deliver this message to every stay that it affects, after all earlier undelivered events of these stays.

    Safe to repeat and in several processes: the message's id is the event's. Returns the issue when a stay's workflow has
    ended; the item then waits for a person. Raises TemporalUnavailable.
    """
    stored = await services.read(adt_messages.get, event_id)
    if stored is None:
        return ()
    for row in await services.read(adt_messages.pending, stored.tells):
        try:
            for stay_id in row.tells:
                await _deliver_to_stay(services, stay_id, row)
        except StayClosed as over:
            problems = await services.write(_return_to_inbox, row, over.stay_id)
            if row.event_id == event_id:
                return problems
            continue
        await services.write(_mark_delivered, row, services.clock())
    return ()


async def _deliver_to_stay(services: ServiceContext, stay_id: str, row: StoredAdt) -> None:
    stay = await services.read(stays.get, stay_id)
    if stay is None:
        raise Corrupt(f"a message is for stay {stay_id}, which is not there")
    start = StayStart(
        stay_id=stay.stay_id,
        received_at=stay.opened_at,
        member_id=stay.member_id,
        facility_npi=stay.facility_npi,
        facility=stay.facility,
        visit_number=stay.visit_number,
    )
    actor = Actor(kind="provider", id=stay.facility_npi or stay.facility)
    message = AdtEventReceived(message_id=row.event_id, at=row.received_at, actor=actor, event=row.event)
    filed = CaseRun(workflow=CONCURRENT_REVIEW, start=start.model_dump_json())
    await services.write(journal.keep_start, stay_id, filed)
    client = services.client()
    with translate_temporal_errors():
        try:
            await start_case_workflow(
                client,
                CONCURRENT_REVIEW,
                start,
                id=workflow_id(stay_id),
                task_queue=services.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=ADT_EVENT_SIGNAL,
                start_signal_args=[message],
                rpc_timeout=services.patience,
            )
        except WorkflowAlreadyStartedError:
            await _signal_stay(client, stay_id, message, services.patience)


async def _signal_stay(client: Client, stay_id: str, message: AdtEventReceived, patience: timedelta) -> None:
    """Signal a stay that was started before. Two first messages at the same moment may each find that the other one started
    the stay, so that only a stay which takes no signal has ended."""
    try:
        await client.get_workflow_handle(workflow_id(stay_id)).signal(ADT_EVENT_SIGNAL, message, rpc_timeout=patience)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise StayClosed(stay_id) from None
        raise


def _mark_delivered(s: Session, row: StoredAdt, at: datetime) -> None:
    adt_messages.mark_sent_to_stay(s, row.event_id, at)
    if inbox.get(s, row.inbox_id).status is InboxStatus.ACCEPTED:
        inbox.mark_started(s, row.inbox_id, at)


def _return_to_inbox(s: Session, row: StoredAdt, stay_id: str) -> tuple[ValidationIssue, ...]:
    text = f"the review of stay {stay_id} has ended, and this message reports a later event"
    wanted = "a person who checks whether it matters, and 'umpire inbox resolve' with what was done"
    problem = ValidationIssue(path="PV1-19", rule="stay.closed", message=text, expected=wanted)
    adt_messages.set_status(s, row.event_id, AdtStatus.OPEN, row.stay_id)
    if inbox.get(s, row.inbox_id).status is InboxStatus.ACCEPTED:
        inbox.return_to_intake(s, row.inbox_id, (problem,))
    return (problem,)
