"""The plan's side of peer-to-peers: the calendar of free times, and a case's call with its wishes, attempts and result."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from domain.authorization.messages import ContactLog
from domain.cases.desk_messages import CaseContact
from domain.errors import NotOnFile, Refused
from domain.vocabulary import Role
from engine import edge_clock
from services.commands import call_times
from services.commands.desk_actions import log_contact
from services.context import CommandResult
from services.principals import Right
from services.queries.providers.peer_to_peer import CallSheet, load_call_calendar, load_call_sheet
from web.context import Context, RowNumber, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.acts import Outcome, carry_out, refused
from web.pages.providers.calls import act_id
from web.presentation.entered_values import form_text, parse_count, parse_local_time
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Staff = Annotated[SignedIn, Depends(require(Right.PEER_TO_PEER))]
RESULTS = (
    ("held", "Held"),
    ("plan_no_show", "The plan missed it: offer it again"),
    ("provider_no_show", "The provider was not reached"),
    ("declined", "The provider declined"),
)
_LEADING = frozenset({Role.INTAKE, Role.SUPERVISOR, Role.MEDICAL_DIRECTOR})
Result = Literal["held", "declined", "provider_no_show", "plan_no_show"]


# -- the calendar ----------------------------------------------------------------------------------------------------------


@router.get("/peer-to-peer")
async def show_calendar(request: Request, context: Context, who: Staff) -> Response:
    """Free and booked times from now on: one's own, and everybody's for those who enter them for others."""
    return await _calendar(request, context, who)


@router.post("/peer-to-peer/times")
async def offer_times(request: Request, context: Context, who: Staff) -> Response:
    """Enter free times of a physician, in the plan's zone."""
    form = await request.form()
    services = context.services
    calendar = await services.read(load_call_calendar, None, services.clock())
    begin, end = (
        parse_local_time(f"{form_text(form, 'day')}T{form_text(form, name)}", calendar.zone) for name in ("from", "to")
    )
    minutes = parse_count(form_text(form, "minutes"))
    if begin is None or end is None or minutes is None:
        outcome = refused("call_times.span", "Day, times or length are missing.", "Give the day, from when to when.")
        return await _calendar(request, context, who, outcome, form)
    physician = form_text(form, "physician") or who.principal.reviewer
    try:
        made = await call_times.offer_times(services, physician, begin, end, minutes, who.principal.reviewer)
    except Refused as error:
        return await _calendar(request, context, who, Outcome(409, error.refusals), form)
    text = f"{len(made)} free times of {calendar.name_of(physician)} are in the calendar."
    await leave_notice(
        context, who, "ok" if made else "warn", text if made else "All of it was in the calendar already."
    )
    return RedirectResponse("/peer-to-peer", 303)


@router.post("/peer-to-peer/times/{slot_id}/remove")
async def remove_time(request: Request, context: Context, who: Staff, slot_id: RowNumber) -> Response:
    """Take a free time out of the calendar."""
    try:
        await call_times.withdraw_time(context.services, slot_id, who.principal.reviewer)
    except Refused as error:
        return await _calendar(request, context, who, Outcome(409, error.refusals))
    await leave_notice(context, who, "ok", "The time is out of the calendar.")
    return RedirectResponse("/peer-to-peer", 303)


async def _calendar(
    request: Request,
    context: WebContext,
    who: SignedIn,
    outcome: Outcome | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    mine = who.principal.reviewer
    for_others = bool(_LEADING & who.principal.roles)
    now = context.services.clock()
    calendar = await context.services.read(load_call_calendar, None if for_others else mine, now, who.principal)
    offering = [one for one in calendar.peers if for_others or one.reviewer_id == mine]
    status = outcome.status_code if outcome is not None else 200
    return render_page(
        request,
        "call_calendar.html",
        status,
        calendar=calendar,
        offering=offering,
        outcome=outcome,
        typed=typed or {},
    )


# -- the call of a case ----------------------------------------------------------------------------------------------------


@router.get("/cases/{case_id}/peer-to-peer")
async def show_call(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """The peer-to-peer of a case: slots of both sides, attempts and result."""
    await view_case(context, who, case_id, "peer-to-peer")
    return await _page(request, context, case_id)


@router.post("/cases/{case_id}/peer-to-peer/book")
async def book(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """Book or move the call in the provider's name, as agreed by telephone."""
    await view_case(context, who, case_id, "peer-to-peer")
    form = await request.form()
    slot, person, phone = (form_text(form, name)[:120] for name in ("slot", "person", "phone"))
    slot_id = parse_count(slot)
    if slot_id is None or not person or not phone:
        outcome = refused("plan_call.incomplete", "Pick a time, and say whom to call under which number.", "Do both.")
        return await _page(request, context, case_id, outcome, form)
    act = call_times.book_call(
        context.services, case_id, slot_id, who.principal.actor, person, phone, act_id(form, who)
    )
    return await _after(request, context, who, case_id, act, form)


@router.post("/cases/{case_id}/peer-to-peer/wish")
async def take_wish(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """Take one of the times that the provider named, for a physician whose specialty fits."""
    await view_case(context, who, case_id, "peer-to-peer")
    form = await request.form()
    try:
        at = datetime.fromisoformat(form_text(form, "time"))
    except ValueError:
        outcome = refused("plan_call.wish", "No time is picked.", "Pick one of the times that the provider named.")
        return await _page(request, context, case_id, outcome, form)
    physician, by = form_text(form, "physician"), who.principal.reviewer
    act = call_times.book_wish(context.services, case_id, at, physician, by, act_id(form, who))
    return await _after(request, context, who, case_id, act, form)


@router.post("/cases/{case_id}/peer-to-peer/cancel")
async def cancel(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """Cancel the booked time; the offer stands."""
    await view_case(context, who, case_id, "peer-to-peer")
    form = await request.form()
    act = call_times.cancel_call(context.services, case_id, who.principal.actor, act_id(form, who))
    return await _after(request, context, who, case_id, act, form)


@router.post("/cases/{case_id}/peer-to-peer/attempt")
async def log_attempt(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """Log an attempt to reach the provider; it settles nothing."""
    await view_case(context, who, case_id, "peer-to-peer")
    form = await request.form()
    sheet = await _sheet(context, case_id)
    entry = CaseContact(
        person=form_text(form, "person")[:120],
        role="requesting provider",
        organization=sheet.requester,
        number=form_text(form, "phone")[:60],
        at=_called_at(form, sheet, context.services.clock()),
        result=form_text(form, "said")[:500],
    )
    act = log_contact(context.services, case_id, who.principal.reviewer, entry)
    return await _after(request, context, who, case_id, act, form)


@router.post("/cases/{case_id}/peer-to-peer/result")
async def record_result(request: Request, context: Context, who: Staff, case_id: str) -> Response:
    """Record what became of the call. A call that the plan missed is offered again."""
    await view_case(context, who, case_id, "peer-to-peer")
    form = await request.form()
    sheet, by = await _sheet(context, case_id), who.principal.reviewer
    result = form_text(form, "result")
    if result not in dict(RESULTS):
        outcome = refused("peer_to_peer.result", "No result is picked.", "Say what became of the call.")
        return await _page(request, context, case_id, outcome, form)
    contact = ContactLog(
        called=form_text(form, "person")[:120],
        number=form_text(form, "phone")[:60],
        at=_called_at(form, sheet, context.services.clock()),
        by=sheet.booked.reviewer_id if sheet.booked is not None and result == "held" else by,
    )
    note = form_text(form, "said")[:2000] or None
    logged = contact if result != "plan_no_show" else None
    act = call_times.settle_call(context.services, case_id, cast("Result", result), by, logged, note)
    return await _after(request, context, who, case_id, act, form)


def _called_at(form: Mapping[str, Any], sheet: CallSheet, now: datetime) -> datetime:
    """The time of the call as typed in the plan's zone; now where nothing is."""
    return parse_local_time(form_text(form, "called_at"), sheet.plan_zone) or now


async def _sheet(context: WebContext, case_id: str) -> CallSheet:
    return await context.services.read(load_call_sheet, case_id, context.services.clock())


async def _after(
    request: Request,
    context: WebContext,
    who: SignedIn,
    case_id: str,
    act: Awaitable[CommandResult],
    form: Mapping[str, Any],
) -> Response:
    try:
        outcome = await carry_out(context, who, act)
    except NotOnFile as error:
        outcome = refused("peer_to_peer.none", error.message, error.way_out, 409)
    if outcome.is_done:
        return RedirectResponse(f"/cases/{case_id}/peer-to-peer", 303)
    return await _page(request, context, case_id, outcome, form)


async def _page(
    request: Request,
    context: WebContext,
    case_id: str,
    outcome: Outcome | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    sheet = await _sheet(context, case_id)
    return render_page(
        request,
        "peer_to_peer.html",
        outcome.status_code if outcome is not None else 200,
        sheet=sheet,
        names={one.reviewer_id: one.name for one in sheet.peers},
        outcome=outcome,
        typed=typed or {},
        results=RESULTS,
        act=edge_clock.new_message_id(),
    )
