"""Stays: the list of them, a stay with its strip of days, and what people do on one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.cases.views import CaseStatus
from engine import edge_clock
from services.context import CommandResult
from services.principals import Right
from services.queries.processes.stay_detail import StayDetail, load_stay_detail
from services.queries.processes.stay_lists import page_of_stays
from store.stays import StaySelection
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out
from web.pages.processes.process_parts import dock_of, parts_of
from web.pages.processes.stay_acts import StayAct, act_of, may_propose_reduction
from web.presentation.dock import Dock
from web.presentation.processes.discharge_view import plan_lines
from web.presentation.processes.stay_view import StayView, view_stay
from web.presentation.processes.subjects import describe_subject
from web.presentation.words import spell_out
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.STAYS))]
PAGE_SIZE = 50
_STATUSES = (("open", "Open"), ("closed", "Closed"), ("all", "All"))


@router.get("/stays")
async def list_stays(
    request: Request,
    context: Context,
    who: Reader,
    status: str = "open",
    facility: Annotated[str, Query(max_length=100)] = "",
    member: Annotated[str, Query(max_length=60)] = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """The stays that match, the least time left first."""
    filters = {"status": status, "facility": facility.strip(), "member": member.strip(), "after": after}
    wanted = StaySelection(
        status=CaseStatus.OPEN if status == "open" else None,
        is_over=status == "closed",
        facility=filters["facility"] or None,
        member_id=filters["member"].upper() or None,
    )
    page = await context.services.read(page_of_stays, wanted, PAGE_SIZE, after or None, who.principal)

    def link(**changed: str) -> str:
        return "/stays?" + urlencode({name: said for name, said in (filters | changed).items() if said})

    number = f"{len(page.rows)}{' or more' if page.after or after else ''}"
    return render_page(
        request,
        "stays.html",
        page=page,
        filters=filters,
        filtered=bool(filters["facility"] or filters["member"]),
        statuses=_STATUSES,
        link=link,
        size=PAGE_SIZE,
        counted=f"{number} {'' if status == 'all' else status + ' '}{'stay' if number == '1' else 'stays'}",
    )


@router.get("/stays/{stay_id}")
async def show_stay(
    request: Request, context: Context, who: Reader, stay_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A stay: what it waits for, its days, reviews, notices, plan, tasks and journal."""
    await view_case(context, who, stay_id, "stay")
    dock = await dock_of(context, who, stay_id, task, outcome)
    return await _render(request, context, who, stay_id, dock=dock)


@router.get("/stays/{stay_id}/{act}")
async def show_act(request: Request, context: Context, who: Reader, stay_id: str, act: str) -> Response:
    """The form of an act on a stay, under the strip of its days."""
    await view_case(context, who, stay_id, "stay")
    return await _render(request, context, who, stay_id, act)


@router.post("/stays/{stay_id}/{act}")
async def do_act(request: Request, context: Context, who: Reader, stay_id: str, act: str) -> Response:
    """Do the act in the name of who is signed in; on a refusal the form comes back as it was typed."""
    await view_case(context, who, stay_id, "stay")
    typed = await request.form()
    known = act_of(act, who)
    outcome = await carry_out(context, who, _read_and_send(context, who, stay_id, known, typed), lead=known.done)
    if outcome.is_done:
        return RedirectResponse(f"/stays/{stay_id}", 303)
    return await _render(request, context, who, stay_id, act, typed, outcome)


async def _read_and_send(
    context: WebContext, who: SignedIn, stay_id: str, act: StayAct, typed: FormData
) -> CommandResult:
    detail = await context.services.read(load_stay_detail, stay_id, who.principal.reviewer)
    return await act.send(context, who, detail, typed)


async def _render(
    request: Request,
    context: WebContext,
    who: SignedIn,
    stay_id: str,
    act: str = "",
    typed: Mapping[str, object] | None = None,
    outcome: Outcome | None = None,
    dock: Dock | None = None,
) -> Response:
    detail = await context.services.read(load_stay_detail, stay_id, who.principal.reviewer)
    rules, now = context.rulebook.stays, context.services.clock()
    view = view_stay(detail, rules.levels, now)
    made = act_of(act, who).form(context, detail, view) if act else None
    return render_page(
        request,
        "stay.html",
        outcome.status_code if outcome is not None else 200,
        **await parts_of(request, context, who, stay_id, has_records=not act),
        detail=detail,
        case=detail.case,
        view=view,
        subject=_subject(detail, now),
        offered=_offered(detail, view, who),
        plan=detail.plan,
        plan_lines=plan_lines(detail.plan, detail.case.zone),
        reasons={one.reason: one.title for one in rules.delays.reasons},
        form=made,
        typed={name: said for name, said in (typed or {}).items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
        dock=dock,
    )


def _subject(detail: StayDetail, now: datetime) -> str:
    content = detail.case.sheet.content if detail.case.sheet is not None else {}
    status, visit = content.get("status"), content.get("visit_number")
    said = spell_out(str(status)).lower() if status else ""
    return describe_subject(detail.case, now, said, f"visit {visit}" if visit else "")


def _offered(detail: StayDetail, view: StayView, who: SignedIn) -> tuple[tuple[str, str], ...]:
    """The acts that this person may do here. No day that stands certified has one that would deny it."""
    base = f"/stays/{detail.case.case_id}"
    is_open = detail.case.view is not None and detail.case.view.status is CaseStatus.OPEN
    acts = [(f"{base}/avoidable-day", "Record an avoidable day")] if view.days else []
    if is_open and any(day.glyph == "not" for day in view.days):
        acts.append((f"{base}/second-look", "Ask for a second look"))
    if is_open and view.has_certified_ahead and may_propose_reduction(who):
        acts.append((f"{base}/reduction", "Propose an earlier end"))
    if is_open:
        acts.append((f"{base}/update", "Add a clinical update"))
    return tuple(acts)
