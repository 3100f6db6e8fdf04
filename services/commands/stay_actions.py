"""What people do with a running stay beside updating it: a reduction proposed, an avoidable day, news of the QIO.

The stay is the judge: what breaks a rule comes back at once with the rule and the way out. All of these raise NotFound for a
stay that is not here, and EngineDown when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, Literal

from domain.journal import Actor
from domain.stays.avoidable_days import AvoidableDay
from domain.stays.messages import NoteAvoidableDay, ProposeReduction
from domain.stays.plan_messages import QioNews
from engine import edge_clock
from services.commands.case_actions import reviewer
from services.context import Desk, NotFound, Reply
from services.stay_client import KnownStay, known_stay, tell
from store import cases


async def reduce(desk: Desk, stay: str, effective_on: date, why: str, reviewer_id: str) -> Reply:
    """A physician proposes that approved days end early. A review of its own decides; until then the days stand."""
    found = await _known(desk, stay)
    message = ProposeReduction(
        **_stamp(desk, reviewer(reviewer_id)), reviewer_id=reviewer_id, effective_on=effective_on, why=why
    )
    return await tell(desk, found.stay_id, message)


async def note_avoidable_day(desk: Desk, stay: str, entry: AvoidableDay, reviewer_id: str) -> Reply:
    """Record a day that better work of somebody would have saved."""
    found = await _known(desk, stay)
    message = NoteAvoidableDay(**_stamp(desk, reviewer(reviewer_id)), reviewer_id=reviewer_id, entry=entry)
    return await tell(desk, found.stay_id, message)


async def qio_news(
    desk: Desk,
    stay: str,
    about: Literal["end_of_services", "discharge"],
    what: Literal["asked", "has_information", "decided"],
    upheld: bool | None,
    timely: bool | None,
    actor: Actor | None = None,
) -> Reply:
    """What the QIO said, for the discharge plan of the stay. `actor` is the QIO unless given."""
    found = await _known(desk, stay)
    if await asyncio.to_thread(_no_plan, desk, found.plan_id):
        raise NotFound(
            f"{found.stay_id} has no discharge plan yet.",
            "It begins with observation or the admission; look at the stay with 'umpire show'.",
        )
    by = actor or Actor(kind="system", id="qio")
    message = QioNews(**_stamp(desk, by), about=about, what=what, upheld=upheld, timely=timely)
    return await tell(desk, found.plan_id, message)


async def _known(desk: Desk, said: str) -> KnownStay:
    return await asyncio.to_thread(_find, desk, said)


def _find(desk: Desk, said: str) -> KnownStay:
    with desk.store.read() as s:
        return known_stay(s, said)


def _no_plan(desk: Desk, plan_id: str) -> bool:
    with desk.store.read() as s:
        return cases.get(s, plan_id) is None


def _stamp(desk: Desk, actor: Actor) -> dict[str, Any]:
    return {"message_id": edge_clock.message_id(), "at": desk.clock(), "actor": actor}
