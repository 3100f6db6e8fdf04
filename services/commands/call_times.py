"""Actions on the time of a peer-to-peer, for providers and staff alike: book, move, cancel, wish, and offer free times.

The calendar gives a time to one case alone; the case journals each step, and its refusal puts the calendar back as it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from domain.authorization.messages import ContactLog, PlanCall
from domain.authorization.peer_to_peer.planning import offer_until
from domain.errors import NotOnFile, UmpireError, refusal
from domain.journal import Actor
from domain.vocabulary import Role
from services.access import require_on_file
from services.call_offers import fitting_peers, fitting_slots, load_case_state, peers
from services.commands.case_actions import message_header, record_peer_to_peer, send_to_case
from services.context import CommandResult, CommandStatus, ServiceContext
from store import directory
from store.portal import slots
from store.portal.slots import Booking, CallSlot, CallWishes

MOST_SLOTS = 60
SHORTEST, LONGEST = 10, 60
_FOR_OTHERS = frozenset({Role.INTAKE, Role.SUPERVISOR, Role.MEDICAL_DIRECTOR})
"""Roles that enter the free times of others and book for them."""


async def book_call(
    services: ServiceContext,
    case_id: str,
    slot_id: int,
    actor: Actor,
    person: str,
    number: str,
    message_id: str | None = None,
) -> CommandResult:
    """Book a free time for the case; a time that it had is given up. Raises Refused when somebody else was faster or the time
    does not fit, and TemporalUnavailable when Temporal does not answer: then nothing was done."""
    if (done := await services.read(_answered, case_id, message_id)) is not None:
        return done
    now = services.clock()
    had, slot = await services.read(_slots, case_id, slot_id, now)
    said = Booking(case_id=case_id, person=person, phone=number, booked_by=str(actor), booked_at=now)
    if not await services.write(slots.book, slot_id, said):
        raise refusal("plan_call.taken", "Somebody took this time a moment ago.", "Pick another time.")
    message = PlanCall(
        **message_header(services, actor, message_id),
        step="booked" if had is None else "moved",
        starts_at=slot.starts_at,
        physician=slot.reviewer_id,
        person=person,
        number=number,
    )
    return await _tell(services, case_id, message, had)


async def cancel_call(
    services: ServiceContext, case_id: str, actor: Actor, message_id: str | None = None
) -> CommandResult:
    """Cancel the booked time; the offer stands. Raises NotOnFile where none is booked."""
    if (done := await services.read(_answered, case_id, message_id)) is not None:
        return done
    had = await services.read(slots.of_case, case_id)
    if had is None:
        raise NotOnFile("No call is booked for this case.", "Pick a time.")
    await services.write(slots.release, case_id)
    message = PlanCall(
        **message_header(services, actor, message_id),
        step="cancelled",
        starts_at=had.starts_at,
        physician=had.reviewer_id,
    )
    return await _tell(services, case_id, message, had)


async def wish_for_call(
    services: ServiceContext,
    case_id: str,
    actor: Actor,
    wishes: CallWishes,
    message_id: str | None = None,
) -> CommandResult:
    """Name times at which the provider can be called, for the plan to choose from."""
    message = PlanCall(
        **message_header(services, actor, message_id),
        step="wished",
        wishes=wishes.times,
        person=wishes.person,
        number=wishes.phone,
    )
    result = await send_to_case(services, case_id, message)
    if result.kind is not CommandStatus.REFUSED:
        await services.write(slots.wish, wishes)
    return result


async def book_wish(
    services: ServiceContext,
    case_id: str,
    at: datetime,
    physician: str,
    by: str,
    message_id: str | None = None,
) -> CommandResult:
    """Take a time that the provider wished for, for this physician, in the name of the reviewer `by`."""
    if (done := await services.read(_answered, case_id, message_id)) is not None:
        return done
    now = services.clock()
    wishes = await services.read(slots.wishes_of, case_id)
    if wishes is None or at not in wishes.times:
        raise refusal("plan_call.wish", "The provider did not wish for this time.", "Take one of those named.")
    await services.read(_require_fitting, case_id, physician)
    await services.read(_require_may_offer, physician, by)
    made = await services.write(slots.offer, physician, [at], 20, by, now)
    if not made:
        raise refusal("plan_call.taken", "The physician is not free at this time.", "Choose another, or a colleague.")
    actor = Actor(kind="reviewer", id=by)
    try:
        result = await book_call(services, case_id, made[0].slot_id, actor, wishes.person, wishes.phone, message_id)
    except UmpireError:
        await services.write(slots.withdraw, made[0].slot_id)
        raise
    if result.kind is CommandStatus.REFUSED:
        await services.write(slots.withdraw, made[0].slot_id)
    return result


async def settle_call(
    services: ServiceContext,
    case_id: str,
    result: Literal["held", "declined", "provider_no_show", "plan_no_show"],
    by: str,
    contact: ContactLog | None,
    note: str | None,
    message_id: str | None = None,
) -> CommandResult:
    """Record what became of the call. Its time is free again; when the plan missed it, the offer goes on."""
    answer = await record_peer_to_peer(services, case_id, result, by, contact, note, message_id)
    if answer.kind is not CommandStatus.REFUSED:
        await services.write(slots.release, case_id)
    return answer


async def offer_times(
    services: ServiceContext, physician: str, begin: datetime, end: datetime, minutes: int, by: str
) -> tuple[CallSlot, ...]:
    """Enter the free times of a physician from `begin` to `end` (aware), cut into calls of so many minutes; those that overlap
    others are left out. Raises NotOnFile, and Refused for times that are none or not theirs to enter."""
    now = services.clock()
    await services.read(_require_may_offer, physician, by)
    if not SHORTEST <= minutes <= LONGEST or not now < begin < end or end - begin > timedelta(hours=12):
        message = f"Free times lie ahead, on one day, in calls of {SHORTEST} to {LONGEST} minutes."
        raise refusal("call_times.span", message, "Correct day, times or length.")
    length = timedelta(minutes=minutes)
    starts = [begin + length * place for place in range(min(int((end - begin) / length), MOST_SLOTS))]
    return await services.write(slots.offer, physician, starts, minutes, by, now)


async def withdraw_time(services: ServiceContext, slot_id: int, by: str) -> None:
    """Take a free time out of the calendar. Raises Refused when a call is booked in it."""
    slot = await services.read(slots.get, slot_id)
    if slot is None:
        raise NotOnFile("There is no such time in the calendar.", "Look at the calendar.")
    await services.read(_require_may_offer, slot.reviewer_id, by)
    if not await services.write(slots.withdraw, slot_id):
        raise refusal("call_times.booked", "A call is booked in this time.", "Move or cancel the call first.")


async def _tell(services: ServiceContext, case_id: str, message: PlanCall, had: CallSlot | None) -> CommandResult:
    """Tell the case; what it refuses, or cannot be told, is undone in the calendar."""
    try:
        result = await send_to_case(services, case_id, message)
    except UmpireError:
        await services.write(_put_back, case_id, had)
        raise
    if result.kind is CommandStatus.REFUSED:
        await services.write(_put_back, case_id, had)
    return result


def _answered(s: Session, case_id: str, message_id: str | None) -> CommandResult | None:
    """The answer of the case to the message with this id, when it has heard it before: the calendar was changed then."""
    state = load_case_state(s, case_id) if message_id is not None else None
    heard = state.answers.get(message_id) if state is not None and message_id is not None else None
    if heard is None or not heard.accepted:
        return None
    return CommandResult(kind=CommandStatus.ACCEPTED, case_id=case_id, message_id=heard.message_id, says=heard.says)


def _put_back(s: Session, case_id: str, had: CallSlot | None) -> None:
    """Put the case's time back as it was; where the offer is over meanwhile, the case has none any more."""
    slots.restore(s, case_id, had if offer_until(load_case_state(s, case_id)) is not None else None)


def _slots(s: Session, case_id: str, slot_id: int, now: datetime) -> tuple[CallSlot | None, CallSlot]:
    """The time that the case has, and the one that is asked for, which fits it. Raises Refused."""
    until = offer_until(load_case_state(s, case_id))
    if until is None:
        raise refusal("peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already.")
    had = slots.of_case(s, case_id)
    slot = slots.get(s, slot_id)
    if slot is None or (slot.case_id not in (None, case_id)):
        raise refusal("plan_call.taken", "Somebody took this time a moment ago.", "Pick another time.")
    fits = {one.slot_id for one in fitting_slots(s, case_id, until, now)}
    if slot_id not in fits and (had is None or had.slot_id != slot_id):
        message = "This time does not fit: it is past, after the offer, or of another specialty."
        raise refusal("plan_call.fit", message, "Pick one of the times that are listed.")
    return had, slot


def _require_fitting(s: Session, case_id: str, physician: str) -> None:
    if physician not in {who.reviewer_id for who in fitting_peers(s, case_id)}:
        message = "The specialty of this physician does not fit the case."
        raise refusal("plan_call.fit", message, "Choose one whose specialty fits.")


def _require_may_offer(s: Session, physician: str, by: str) -> None:
    """Raise unless `by` may enter times of the physician: their own, or anybody's for intake and those who lead."""
    who = require_on_file(s, by)
    if physician not in {one.reviewer_id for one in peers(s)} or directory.reviewer(s, physician) is None:
        raise NotOnFile(f"Nobody named {physician[:40]} speaks with providers as a peer.", "Choose one of the list.")
    if not who.active or (by != physician and not _FOR_OTHERS & set(who.roles)):
        message = "Free times are entered by the physician, intake, a supervisor or a medical director."
        raise refusal("call_times.role", message, "Ask one of them.")
