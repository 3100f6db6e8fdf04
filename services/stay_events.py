"""Telling a stay's process what happened, and starting it with the first thing that it hears."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Corrupt, Problem
from domain.journal import Actor
from domain.stays.start import StayStart, TellStay
from engine.options import workflow_id
from services.case_client import reaching_engine
from services.context import Desk
from store import adt_messages, inbox, stays
from store.adt_messages import AdtStatus, StoredAdt
from store.inbox import InboxStatus
from store.stays import Stay

CONCURRENT_REVIEW = "ConcurrentReview"
TELL_STAY = "tell_stay"


class StayOver(Exception):
    """The stay's process has ended: there is nobody to tell."""

    def __init__(self, stay_id: str) -> None:
        super().__init__(stay_id)
        self.stay_id = stay_id


async def tell_of(desk: Desk, event_id: str) -> tuple[Problem, ...]:
    """Tell every stay that has to hear of this message, and all that happened to these stays before and is not told yet.

    Safe to repeat and in several processes: the message's id is the event's. Gives the problem when a stay's process is over,
    and then the item waits for a person. Raises EngineDown.
    """
    stored = await asyncio.to_thread(_stored, desk, event_id)
    if stored is None:
        return ()
    for row in await asyncio.to_thread(_untold, desk, stored):
        try:
            for stay_id in row.tells:
                await _tell(desk, stay_id, row)
        except StayOver as over:
            problems = await asyncio.to_thread(_take_back, desk, row, over.stay_id)
            if row.event_id == event_id:
                return problems
            continue
        await asyncio.to_thread(_told, desk, row)
    return ()


async def _tell(desk: Desk, stay_id: str, row: StoredAdt) -> None:
    stay = await asyncio.to_thread(_stay, desk, stay_id)
    start = StayStart(
        stay_id=stay.stay_id,
        received_at=stay.opened_at,
        member_id=stay.member_id,
        facility_npi=stay.facility_npi,
        facility=stay.facility,
        visit_number=stay.visit_number,
    )
    actor = Actor(kind="provider", id=stay.facility_npi or stay.facility)
    message = TellStay(message_id=row.event_id, at=row.received_at, actor=actor, event=row.event)
    client = desk.client()
    with reaching_engine():
        try:
            await client.start_workflow(
                CONCURRENT_REVIEW,
                start,
                id=workflow_id(stay_id),
                task_queue=desk.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=TELL_STAY,
                start_signal_args=[message],
                rpc_timeout=desk.patience,
            )
        except WorkflowAlreadyStartedError:
            await _signal(client, stay_id, message, desk.patience)


async def _signal(client: Client, stay_id: str, message: TellStay, patience: timedelta) -> None:
    """Tell a stay that was started before. Two first messages at the same moment may both be told that the other one
    started it, so that only a stay which does not listen is over."""
    try:
        await client.get_workflow_handle(workflow_id(stay_id)).signal(TELL_STAY, message, rpc_timeout=patience)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise StayOver(stay_id) from None
        raise


def _stored(desk: Desk, event_id: str) -> StoredAdt | None:
    with desk.store.read() as s:
        return adt_messages.get(s, event_id)


def _untold(desk: Desk, stored: StoredAdt) -> tuple[StoredAdt, ...]:
    with desk.store.read() as s:
        return adt_messages.pending(s, stored.tells)


def _stay(desk: Desk, stay_id: str) -> Stay:
    with desk.store.read() as s:
        stay = stays.get(s, stay_id)
    if stay is None:
        raise Corrupt(f"a message is for stay {stay_id}, which is not there")
    return stay


def _told(desk: Desk, row: StoredAdt) -> None:
    with desk.store.begin() as s:
        adt_messages.mark_told(s, row.event_id, desk.clock())
        if inbox.get(s, row.inbox_id).status is InboxStatus.ACCEPTED:
            inbox.mark_started(s, row.inbox_id, desk.clock())


def _take_back(desk: Desk, row: StoredAdt, stay_id: str) -> tuple[Problem, ...]:
    text = f"the review of stay {stay_id} has ended, and this says that something more happened to it"
    wanted = "somebody who sees whether it matters, and 'umpire inbox resolve' with what was done"
    problem = Problem(path="PV1-19", rule="stay.closed", message=text, expected=wanted)
    with desk.store.begin() as s:
        adt_messages.decide(s, row.event_id, AdtStatus.OPEN, row.stay_id)
        if inbox.get(s, row.inbox_id).status is InboxStatus.ACCEPTED:
            inbox.take_back(s, row.inbox_id, (problem,))
    return (problem,)
