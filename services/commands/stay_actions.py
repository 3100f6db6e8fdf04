"""Actions on an open stay other than clinical updates: proposed reductions, avoidable days, QIO updates.

The stay itself validates: a violation comes back at once with the rule and its remedy. All of these raise NotOnFile for a
stay that is not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, Literal

from domain.journal import Actor
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.messages import ProposeReduction, RecordAvoidableDay
from domain.stays.plan_messages import QioUpdate
from engine import edge_clock
from services import access
from services.commands.case_actions import reviewer_actor
from services.context import CommandResult, NotOnFile, ServiceContext
from services.stay_client import KnownStay, find_stay, send_to_stay
from store import cases


async def propose_reduction(
    desk: ServiceContext, stay: str, effective_on: date, why: str, reviewer_id: str
) -> CommandResult:
    """Propose that approved days end early (physicians only). A separate review decides; until then the approval stands."""
    found = await _find_stay(desk, stay)
    message = ProposeReduction(
        **_message_header(desk, reviewer_actor(reviewer_id)),
        reviewer_id=reviewer_id,
        effective_on=effective_on,
        why=why,
    )
    return await send_to_stay(desk, found.stay_id, message)


async def record_avoidable_day(desk: ServiceContext, stay: str, entry: AvoidableDay, reviewer_id: str) -> CommandResult:
    """Record an avoidable day."""
    found = await _find_stay(desk, stay)
    message = RecordAvoidableDay(
        **_message_header(desk, reviewer_actor(reviewer_id)), reviewer_id=reviewer_id, entry=entry
    )
    return await send_to_stay(desk, found.stay_id, message)


async def report_qio_update(
    desk: ServiceContext,
    stay: str,
    about: Literal["end_of_services", "discharge"],
    what: Literal["asked", "has_information", "decided"],
    upheld: bool | None,
    timely: bool | None,
    actor: Actor | None = None,
) -> CommandResult:
    """Report a QIO update to the discharge plan of the stay. `actor` is the QIO unless given."""
    await asyncio.to_thread(_require_active, desk, actor)
    found = await _find_stay(desk, stay)
    if await asyncio.to_thread(_has_no_plan, desk, found.plan_id):
        raise NotOnFile(
            f"{found.stay_id} has no discharge plan yet.",
            "It begins with observation or the admission; see the stay with 'umpire show'.",
        )
    by = actor or Actor(kind="system", id="qio")
    message = QioUpdate(**_message_header(desk, by), about=about, what=what, upheld=upheld, timely=timely)
    return await send_to_stay(desk, found.plan_id, message)


async def _find_stay(desk: ServiceContext, said: str) -> KnownStay:
    return await asyncio.to_thread(_read_stay, desk, said)


def _read_stay(desk: ServiceContext, said: str) -> KnownStay:
    with desk.store.read() as s:
        return find_stay(s, said)


def _require_active(desk: ServiceContext, actor: Actor | None) -> None:
    with desk.store.read() as s:
        access.require_active(s, actor)


def _has_no_plan(desk: ServiceContext, plan_id: str) -> bool:
    with desk.store.read() as s:
        return cases.get(s, plan_id) is None


def _message_header(desk: ServiceContext, actor: Actor) -> dict[str, Any]:
    return {"message_id": edge_clock.new_message_id(), "at": desk.clock(), "actor": actor}
