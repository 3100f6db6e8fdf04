"""The provider's side of a peer-to-peer: pick a time, move or cancel it, or name times that suit. Times stand in both zones."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from engine import edge_clock
from services.commands import call_times
from services.context import CommandResult
from services.principals import Right
from services.queries.providers.peer_to_peer import load_call_sheet
from services.queries.providers.provider_requests import require_own
from store.portal.slots import CallWishes
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out, refused
from web.presentation.entered_values import form_text, parse_count, parse_local_time
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Provider = Annotated[SignedIn, Depends(require(Right.PROVIDER))]
_MOST_WISHES = 3


@router.get("/provider/requests/{case_id}/peer-to-peer")
async def show_calls(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """The offer, the booked time, the times that are free, and what happened so far."""
    await _require_own(context, who, case_id)
    return await _page(request, context, case_id)


@router.post("/provider/requests/{case_id}/peer-to-peer/book")
async def book(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Book one of the free times, or move the booked call to it."""
    await _require_own(context, who, case_id)
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


@router.post("/provider/requests/{case_id}/peer-to-peer/cancel")
async def cancel(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Cancel the booked time; the offer stands."""
    await _require_own(context, who, case_id)
    form = await request.form()
    act = call_times.cancel_call(context.services, case_id, who.principal.actor, act_id(form, who))
    return await _after(request, context, who, case_id, act, form)


@router.post("/provider/requests/{case_id}/peer-to-peer/wishes")
async def wish(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Name times at which the provider can be called, in the provider's own zone."""
    await _require_own(context, who, case_id)
    form = await request.form()
    services = context.services
    sheet = await services.read(load_call_sheet, case_id, services.clock())
    said = [form_text(form, f"wish-{place}") for place in range(_MOST_WISHES)]
    times = [parse_local_time(one, sheet.office_zone) for one in said if one]
    person, phone = form_text(form, "person")[:120], form_text(form, "phone")[:60]
    named = tuple(one for one in times if one is not None)
    if not named or len(named) < len(times) or not person or not phone:
        outcome = refused(
            "plan_call.wishes", "Name a day and time, whom to call, and the number.", "Fill in all three."
        )
        return await _page(request, context, case_id, outcome, form)
    wishes = CallWishes(
        case_id=case_id,
        npi=who.principal.npi or "",
        person=person,
        phone=phone,
        times=tuple(sorted(named)),
        note=form_text(form, "note")[:500],
        wished_at=services.clock(),
    )
    act = call_times.wish_for_call(services, case_id, who.principal.actor, wishes, act_id(form, who))
    return await _after(request, context, who, case_id, act, form)


def act_id(form: Mapping[str, Any], who: SignedIn) -> str:
    """The number of the act that the form was shown with; a new one where it has none."""
    given = form_text(form, "act")[:80]
    return f"{who.principal.account_id}-{given}" if given else edge_clock.new_message_id()


async def _require_own(context: WebContext, who: SignedIn, case_id: str) -> None:
    # The view comes first: a look at another provider's case is refused, and recorded all the same.
    await view_case(context, who, case_id, "peer-to-peer")
    await context.services.read(require_own, who.principal.npi or "", case_id)


async def _after(
    request: Request,
    context: WebContext,
    who: SignedIn,
    case_id: str,
    act: Awaitable[CommandResult],
    form: Mapping[str, Any],
) -> Response:
    outcome = await carry_out(context, who, act)
    if outcome.is_done:
        return RedirectResponse(f"/provider/requests/{case_id}/peer-to-peer", 303)
    return await _page(request, context, case_id, outcome, form)


async def _page(
    request: Request,
    context: WebContext,
    case_id: str,
    outcome: Outcome | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    sheet = await context.services.read(load_call_sheet, case_id, context.services.clock())
    return render_page(
        request,
        "provider/calls.html",
        outcome.status_code if outcome is not None else 200,
        sheet=sheet,
        outcome=outcome,
        typed=typed or {},
        act=edge_clock.new_message_id(),
        places=range(_MOST_WISHES),
    )
