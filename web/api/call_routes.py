"""Routes of peer-to-peer calls, for both sides: free times, and a call that is booked, moved, cancelled or wished for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, Field, TypeAdapter
from sqlalchemy.orm import Session

from domain.model import Model
from services.commands import call_times
from services.commands.api_keys import ApiScope
from services.context import CommandResult
from services.principals import Right
from services.queries.providers.peer_to_peer import CallCalendar, CallSheet, load_call_calendar, load_call_sheet
from services.queries.providers.provider_requests import require_own
from store.portal import slots
from store.portal.slots import CallSlot, CallWishes
from web.api.callers import ApiCaller, require_scope
from web.api.case_routes import CaseId
from web.api.problems import responses
from web.api.writes import Once, post_act
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter()
StaffReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.PEER_TO_PEER))]
Staff = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.PEER_TO_PEER))]
ProviderReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.PROVIDER))]
Provider = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.PROVIDER))]
SlotId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of a time in the calendar.")]
_CALLS = "Peer-to-peer"
Person = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
Phone = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]


class CallBooking(Model):
    """A free time for the call, and who is to be called. Where the case has a time already, the call is moved."""

    slot_id: int = Field(ge=1, le=2**31 - 1, description="One of the free times.")
    person: Person = Field(description="Who is to be called.")
    phone: Phone


class NamedTimes(Model):
    """Times at which the provider can be called, for the plan to choose from."""

    times: tuple[AwareDatetime, ...] = Field(min_length=1, max_length=3)
    person: Person
    phone: Phone
    note: str = Field(default="", max_length=500)


class TakenWish(Model):
    """A time that the provider named, and the physician who calls."""

    at: AwareDatetime = Field(description="One of the named times.")
    physician: str = Field(min_length=1, max_length=100, description="The physician's id.")


class FreeTimes(Model):
    """Free times of a physician, from one instant to another within twelve hours, cut into calls."""

    physician: str | None = Field(
        default=None, min_length=1, max_length=100, description="The physician's id; your own unless given."
    )
    begin: AwareDatetime
    end: AwareDatetime
    minutes: int = Field(ge=call_times.SHORTEST, le=call_times.LONGEST, description="Length of a call.")


class OwnCallTime(Model):
    """A time of the plan's calendar as a provider sees it: by specialty, without a name."""

    slot_id: int
    starts_at: AwareDatetime
    minutes: int
    specialty: str


class OwnCallSheet(Model):
    """The peer-to-peer of your request. `until` is the end of an open offer, null without one; `booked` the time you have."""

    case_id: str
    until: AwareDatetime | None
    result: str | None
    booked: OwnCallTime | None
    free: tuple[OwnCallTime, ...]
    wishes: tuple[AwareDatetime, ...]


@router.get(
    "/call-times",
    tags=[_CALLS],
    summary="Calendar of free and booked times",
    response_model=CallCalendar,
    responses=responses(),
)
async def read_calendar(context: Context, caller: StaffReader) -> CallCalendar:
    """Times from now on. Of a call about a case that you may not see, the time alone is told."""
    services = context.services
    return await services.read(load_call_calendar, None, services.clock(), caller.principal)


@router.post(
    "/call-times",
    tags=[_CALLS],
    summary="Enter free times",
    response_model=list[CallSlot],
    responses=responses(400, 404, 409, 413, 415),
)
async def offer_times(context: Context, caller: Staff, once: Once, form: FreeTimes) -> Response:
    """One's own, or those of others for intake and who leads. Times that overlap others stay out. The answer has the
    physician's times between the two instants."""

    async def act(_message_id: str) -> Response:
        services, by = context.services, caller.principal.reviewer
        physician = form.physician or by
        await call_times.offer_times(services, physician, form.begin, form.end, form.minutes, by)
        there = await services.read(_times_between, physician, form.begin, form.end)
        return JSONResponse(TypeAdapter(tuple[CallSlot, ...]).dump_python(there, mode="json"))

    return await once.once(act)


@router.post(
    "/call-times/{slot_id}/remove",
    tags=[_CALLS],
    summary="Take a free time out of the calendar",
    response_model=CallCalendar,
    responses=responses(400, 404, 409, 413, 415),
)
async def remove_time(context: Context, caller: Staff, once: Once, slot_id: SlotId) -> Response:
    """Not one in which a call is booked: move or cancel the call first. The answer is the calendar without the time."""

    async def act(_message_id: str) -> Response:
        services = context.services
        await call_times.withdraw_time(services, slot_id, caller.principal.reviewer)
        left = await services.read(load_call_calendar, None, services.clock(), caller.principal)
        return JSONResponse(left.model_dump(mode="json"))

    return await once.once(act)


@router.get(
    "/cases/{case_id}/peer-to-peer",
    tags=[_CALLS],
    summary="Peer-to-peer of a case",
    response_model=CallSheet,
    responses=responses(404),
)
async def read_call(context: Context, caller: StaffReader, case_id: CaseId) -> CallSheet:
    """The offer, the booked time, free times that fit, the provider's wishes, and what happened."""
    await view_case(context, caller, case_id, "peer-to-peer")
    return await context.services.read(load_call_sheet, case_id, context.services.clock())


@post_act(router, "/cases/{case_id}/peer-to-peer/book", "Book a call, or move it", _CALLS)
async def book(context: Context, caller: Staff, once: Once, case_id: CaseId, form: CallBooking) -> Response:
    """For the provider who asked on the telephone."""

    async def act(message_id: str) -> CommandResult:
        await view_case(context, caller, case_id, "peer-to-peer")
        return await _book(context, caller, case_id, form, message_id)

    return await once.do(act)


@post_act(router, "/cases/{case_id}/peer-to-peer/cancel", "Cancel a call", _CALLS)
async def cancel(context: Context, caller: Staff, once: Once, case_id: CaseId) -> Response:
    """The offer stands."""

    async def act(message_id: str) -> CommandResult:
        await view_case(context, caller, case_id, "peer-to-peer")
        return await call_times.cancel_call(context.services, case_id, caller.principal.actor, message_id)

    return await once.do(act)


@post_act(router, "/cases/{case_id}/peer-to-peer/take-wish", "Take a time that the provider named", _CALLS)
async def take_wish(context: Context, caller: Staff, once: Once, case_id: CaseId, form: TakenWish) -> Response:
    """The physician's specialty has to fit the case."""

    async def act(message_id: str) -> CommandResult:
        await view_case(context, caller, case_id, "peer-to-peer")
        by = caller.principal.reviewer
        return await call_times.book_wish(context.services, case_id, form.at, form.physician, by, message_id)

    return await once.do(act)


@router.get(
    "/provider/requests/{case_id}/peer-to-peer",
    tags=["Providers"],
    summary="Peer-to-peer of your request",
    response_model=OwnCallSheet,
    responses=responses(404),
)
async def read_own_call(context: Context, caller: ProviderReader, case_id: CaseId) -> OwnCallSheet:
    """The offer and the times that are free, by specialty. No physician is named."""
    await _require_own(context, caller, case_id)
    sheet = await context.services.read(load_call_sheet, case_id, context.services.clock())
    return OwnCallSheet(
        case_id=case_id,
        until=sheet.until,
        result=sheet.result,
        booked=_own_time(sheet, sheet.booked) if sheet.booked is not None else None,
        free=tuple(_own_time(sheet, one) for one in sheet.free),
        wishes=sheet.wishes.times if sheet.wishes is not None else (),
    )


@post_act(router, "/provider/requests/{case_id}/peer-to-peer/book", "Book your call, or move it", "Providers")
async def book_own(context: Context, caller: Provider, once: Once, case_id: CaseId, form: CallBooking) -> Response:
    """One of the free times."""

    async def act(message_id: str) -> CommandResult:
        await _require_own(context, caller, case_id)
        return await _book(context, caller, case_id, form, message_id)

    return await once.do(act)


@post_act(router, "/provider/requests/{case_id}/peer-to-peer/cancel", "Cancel your call", "Providers")
async def cancel_own(context: Context, caller: Provider, once: Once, case_id: CaseId) -> Response:
    """The offer stands."""

    async def act(message_id: str) -> CommandResult:
        await _require_own(context, caller, case_id)
        return await call_times.cancel_call(context.services, case_id, caller.principal.actor, message_id)

    return await once.do(act)


@post_act(router, "/provider/requests/{case_id}/peer-to-peer/wishes", "Name times that suit you", "Providers")
async def wish(context: Context, caller: Provider, once: Once, case_id: CaseId, form: NamedTimes) -> Response:
    """They replace those that you named before."""

    async def act(message_id: str) -> CommandResult:
        await _require_own(context, caller, case_id)
        wishes = CallWishes(
            case_id=case_id,
            npi=caller.principal.npi or "",
            person=form.person,
            phone=form.phone,
            times=tuple(sorted(form.times)),
            note=form.note,
            wished_at=context.services.clock(),
        )
        return await call_times.wish_for_call(context.services, case_id, caller.principal.actor, wishes, message_id)

    return await once.do(act)


async def _book(
    context: WebContext, caller: ApiCaller, case_id: str, form: CallBooking, message_id: str
) -> CommandResult:
    return await call_times.book_call(
        context.services, case_id, form.slot_id, caller.principal.actor, form.person, form.phone, message_id
    )


async def _require_own(context: WebContext, caller: ApiCaller, case_id: str) -> None:
    # The view comes first: a look at another provider's case is refused, and recorded all the same.
    await view_case(context, caller, case_id, "peer-to-peer")
    await context.services.read(require_own, caller.principal.npi or "", case_id)


def _own_time(sheet: CallSheet, slot: CallSlot) -> OwnCallTime:
    return OwnCallTime(
        slot_id=slot.slot_id,
        starts_at=slot.starts_at,
        minutes=slot.minutes,
        specialty=sheet.specialty_of(slot.reviewer_id),
    )


def _times_between(s: Session, physician: str, begin: datetime, end: datetime) -> tuple[CallSlot, ...]:
    return tuple(one for one in slots.of_reviewer(s, physician, begin) if begin <= one.starts_at < end)
