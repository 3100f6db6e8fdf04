"""Discharge plans: the list for planners, which is their first page, and a plan with all that belongs to it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.case_numbers import stay_number
from domain.cases.views import CaseStatus
from domain.errors import refusal
from engine import edge_clock
from services.commands import stay_actions
from services.context import CommandResult
from services.principals import Right
from services.queries.case_detail import CaseDetail
from services.queries.processes.discharge_plans import PlanDetail, load_plan, page_of_plans
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out
from web.pages.processes.process_parts import PAGE_SIZE, dock_of, parts_of, render_list
from web.presentation.dock import Dock
from web.presentation.processes.act_fields import YES_NO, ActField, ActForm, InputKind, read_choice
from web.presentation.processes.discharge_view import view_plan
from web.presentation.processes.subjects import describe_subject
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.DISCHARGE_PLANS))]
_STATUSES = (("open", "Open"), ("closed", "Closed"))
_ABOUT = (("", "Choose"), ("end_of_services", "The end of services (NOMNC)"), ("discharge", "The discharge (IM)"))
_WHAT = (
    ("", "Choose"),
    ("asked", "It was asked"),
    ("has_information", "It has the records"),
    ("decided", "It decided"),
)


@router.get("/discharge")
async def list_plans(
    request: Request,
    context: Context,
    who: Reader,
    status: str = "open",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """Discharge plans, the least time left first."""
    page = await context.services.read(
        page_of_plans, PAGE_SIZE, after or None, is_open=status != "closed", reader=who.principal
    )
    return render_list(request, "discharge_plans.html", page, _STATUSES, status, after)


@router.get("/discharge/{plan_id}")
async def show_plan(
    request: Request, context: Context, who: Reader, plan_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A discharge plan."""
    await view_case(context, who, plan_id, "discharge plan")
    dock = await dock_of(context, who, plan_id, task, outcome)
    return await _render(request, context, who, plan_id, dock=dock)


@router.get("/discharge/{plan_id}/qio")
async def show_qio_form(request: Request, context: Context, who: Reader, plan_id: str) -> Response:
    """The form for what the QIO was asked, got, or decided."""
    await view_case(context, who, plan_id, "discharge plan")
    return await _render(request, context, who, plan_id, qio=True)


@router.post("/discharge/{plan_id}/qio")
async def report_qio_update(request: Request, context: Context, who: Reader, plan_id: str) -> Response:
    """Record what the QIO was asked, got, or decided, as reported by who is signed in."""
    await view_case(context, who, plan_id, "discharge plan")
    typed = await request.form()
    outcome = await carry_out(context, who, _send_qio_update(context, who, plan_id, typed), lead="Recorded.")
    if outcome.is_done:
        return RedirectResponse(f"/discharge/{plan_id}", 303)
    return await _render(request, context, who, plan_id, qio=True, typed=typed, outcome=outcome)


async def _send_qio_update(context: WebContext, who: SignedIn, plan_id: str, typed: FormData) -> CommandResult:
    about = read_choice(typed, "about", {value for value, _ in _ABOUT})
    what = read_choice(typed, "what", {value for value, _ in _WHAT})
    subjects: dict[str, Literal["end_of_services", "discharge"]] = {
        "end_of_services": "end_of_services",
        "discharge": "discharge",
    }
    events: dict[str, Literal["asked", "has_information", "decided"]] = {
        "asked": "asked",
        "has_information": "has_information",
        "decided": "decided",
    }
    if about not in subjects or what not in events:
        raise refusal("qio.what", "What it is about, or what happened, is missing.", "Choose both.")
    said = {"yes": True, "no": False}
    upheld, timely = (said.get(read_choice(typed, name, {"yes", "no"})) for name in ("upheld", "timely"))
    return await stay_actions.report_qio_update(
        context.services, plan_id, subjects[about], events[what], upheld, timely, who.principal.actor
    )


async def _render(
    request: Request,
    context: WebContext,
    who: SignedIn,
    plan_id: str,
    qio: bool = False,
    typed: FormData | None = None,
    outcome: Outcome | None = None,
    dock: Dock | None = None,
) -> Response:
    detail: PlanDetail = await context.services.read(load_plan, plan_id, who.principal.reviewer)
    case: CaseDetail = detail.case
    content = case.sheet.content if case.sheet is not None else {}
    view = view_plan(content, case.tasks, context.rulebook.stays.transitions, case.zone)
    return render_page(
        request,
        "discharge_plan.html",
        outcome.status_code if outcome is not None else 200,
        **await parts_of(context, who, plan_id),
        detail=detail,
        case=case,
        view=view,
        is_open=case.view is not None and case.view.status is CaseStatus.OPEN,
        stay_id=stay_number(plan_id),
        subject=describe_subject(case, context.services.clock()),
        form=_qio_form(plan_id) if qio else None,
        typed={name: said for name, said in (typed or {}).items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
        dock=dock,
    )


def _qio_form(plan_id: str) -> ActForm:
    return ActForm(
        f"/discharge/{plan_id}/qio",
        "News of the QIO",
        "Record it",
        "What the quality improvement organization was asked, has, or decided. While it was asked in time and has not decided, "
        "nothing ends, and what is not known counts for the member.",
        (
            ActField("about", "What it is about", InputKind.CHOICE, choices=_ABOUT, needed=True),
            ActField("what", "What happened", InputKind.CHOICE, choices=_WHAT, needed=True),
            ActField("timely", "Asked: was it in time", InputKind.CHOICE, choices=YES_NO),
            ActField("upheld", "Decided: does the end stand", InputKind.CHOICE, choices=YES_NO),
        ),
    )
