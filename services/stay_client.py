"""Reaching a stay: finding it by its number, and telling it something after everything that the hospital said before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.cases.messages import Message
from domain.cases.views import CaseStatus, CaseView
from domain.errors import Refusal
from services import case_client as telling
from services.case_client import CaseGone
from services.context import Desk, EngineDown, NotFound, Reply, ReplyKind
from services.starting import adrift, view_of
from services.stay_events import tell_of
from store import adt_messages, cases, stays

STAY, PLAN = "ST-", "DP-"
_CLOSED = "Send the claim, or appeal the decision; what happened later goes to 'umpire admit'."


@dataclass(frozen=True)
class KnownStay:
    """A stay that somebody named, and whose it is."""

    stay_id: str
    member_id: str
    facility_npi: str | None
    facility: str
    view: CaseView | None

    @property
    def is_over(self) -> bool:
        return self.view is not None and self.view.status is not CaseStatus.OPEN

    @property
    def plan_id(self) -> str:
        """The number of its discharge plan."""
        return PLAN + self.stay_id.removeprefix(STAY)


def known_stay(s: Session, said: str) -> KnownStay:
    """The stay under a number that somebody typed, in any case; its discharge plan's number does too. Raises NotFound.

    A stay that was merged into another one is that other one.
    """
    number = said.strip().upper()
    number = STAY + number.removeprefix(STAY).removeprefix(PLAN)
    found = stays.get(s, number)
    if found is not None:
        found = stays.standing(s, found)
        view = cases.get(s, found.stay_id)
        return KnownStay(found.stay_id, found.member_id, found.facility_npi, found.facility, view)
    view = cases.get(s, number)
    if view is None:
        raise NotFound(f"There is no stay {said.strip()}.", "List the stays with 'umpire stays'.")
    return KnownStay(number, view.member_id, None, view.title, view)


async def tell(desk: Desk, stay_id: str, message: Message) -> Reply:
    """Tell the stay (or its discharge plan) and hear its answer. What the hospital said before is told first.

    A stay that is closed says so with the way out. Raises EngineDown.
    """
    await hear_hospital(desk, stay_id)
    try:
        reply = await telling.tell(desk, stay_id, message)
    except CaseGone:
        return await _gone(desk, stay_id, message)
    if reply.kind is ReplyKind.HANDED_ON:
        says = f"{stay_id} has the message; nobody has answered yet. Its journal will tell whether it was accepted."
        return reply.model_copy(update={"says": says})
    return reply


async def hear_hospital(desk: Desk, stay_id: str) -> None:
    """Tell the stay what the hospital said and it has not heard: also what starts it. Raises EngineDown."""
    for event_id in await asyncio.to_thread(_untold, desk, stay_id):
        await tell_of(desk, event_id)


def closed(view: CaseView) -> Refusal:
    """Why a stay whose review has ended takes nothing more."""
    word = view.status.value.replace("_", " ")
    return Refusal(rule="stay.closed", message=f"The review of the stay has ended ({word}).", way_out=_CLOSED)


async def _gone(desk: Desk, stay_id: str, message: Message) -> Reply:
    view = await asyncio.to_thread(view_of, desk, stay_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise EngineDown(adrift(stay_id))
    way_out = "Look at what became of it with 'umpire show'."
    over = Refusal(rule="plan.closed", message="The discharge plan is closed.", way_out=way_out)
    refusal = over if stay_id.startswith(PLAN) else closed(view)
    return Reply(
        kind=ReplyKind.REFUSED, case_id=stay_id, message_id=message.message_id, says="Refused.", refusals=(refusal,)
    )


def _untold(desk: Desk, stay_id: str) -> tuple[str, ...]:
    with desk.store.read() as s:
        return tuple(row.event_id for row in adt_messages.pending(s) if stay_id in row.tells)
