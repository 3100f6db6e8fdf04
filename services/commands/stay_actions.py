"""Actions on an open stay other than clinical updates: proposed reductions, avoidable days, QIO updates.

The stay itself validates: a violation comes back at once with the rule and its remedy. All of these raise NotOnFile for a
stay that is not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from domain.errors import NotOnFile
from domain.journal import Actor
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.messages import ProposeReduction, RecordAvoidableDay
from domain.stays.plan_messages import QioUpdate
from services import access
from services.commands.case_actions import message_header, reviewer_actor
from services.context import CommandResult, ServiceContext
from services.stay_client import find_stay, send_to_stay
from store import cases


async def propose_reduction(
    services: ServiceContext, stay: str, effective_on: date, why: str, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Propose that approved days end early (physicians only). A separate review decides; until then the approval stands."""
    found = await services.read(find_stay, stay)
    message = ProposeReduction(
        **message_header(services, reviewer_actor(reviewer_id), message_id),
        reviewer_id=reviewer_id,
        effective_on=effective_on,
        why=why,
    )
    return await send_to_stay(services, found.stay_id, message)


async def record_avoidable_day(
    services: ServiceContext, stay: str, entry: AvoidableDay, reviewer_id: str, message_id: str | None = None
) -> CommandResult:
    """Record an avoidable day."""
    found = await services.read(find_stay, stay)
    message = RecordAvoidableDay(
        **message_header(services, reviewer_actor(reviewer_id), message_id), reviewer_id=reviewer_id, entry=entry
    )
    return await send_to_stay(services, found.stay_id, message)


async def report_qio_update(
    services: ServiceContext,
    stay: str,
    about: Literal["end_of_services", "discharge"],
    what: Literal["asked", "has_information", "decided"],
    upheld: bool | None,
    timely: bool | None,
    actor: Actor | None = None,
    message_id: str | None = None,
) -> CommandResult:
    """Report a QIO update to the discharge plan of the stay. `actor` is the QIO unless given."""
    await services.read(access.require_active, actor)
    found = await services.read(find_stay, stay)
    if await services.read(cases.get, found.plan_id) is None:
        raise NotOnFile(
            f"{found.stay_id} has no discharge plan yet.",
            "It begins with observation or the admission; see the stay with 'umpire show'.",
        )
    by = actor or Actor(kind="system", id="qio")
    message = QioUpdate(
        **message_header(services, by, message_id), about=about, what=what, upheld=upheld, timely=timely
    )
    return await send_to_stay(services, found.plan_id, message)
