"""Quality concerns, which are confidential: list and page are for those who may see them; anybody on staff reports one."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.concerns.views import ConcernSummary
from domain.errors import refusal
from domain.vocabulary import ConcernKind
from engine import edge_clock
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CONCERN, ConcernReport
from services.case_lookup import normalize_case_number, sees_case
from services.context import SubmissionResult
from services.principals import Right
from services.queries.processes.concern_list import load_concern, page_of_concerns
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out
from web.pages.processes.process_parts import PAGE_SIZE, dock_of, parts_of, render_list
from web.presentation.processes.act_fields import ActField, ActForm, InputKind, need_text, read_choice
from web.presentation.processes.contents import complete, items_of
from web.presentation.processes.subjects import describe_subject
from web.presentation.words import spell_out
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CONCERNS))]
_STATUSES = (("open", "Open"), ("closed", "Closed"))
_KINDS = tuple((kind, spell_out(kind)) for kind in get_args(ConcernKind))
_REPORT = ActForm(
    "/concerns/new",
    "Report a concern",
    "Report it",
    "About the quality or safety of care, or for care management. It becomes a case of its own; its text is shown only "
    "to those who work on it, and on no list.",
    (
        ActField("what", "What was observed", InputKind.AREA, needed=True),
        ActField("kind", "Kind", InputKind.CHOICE, choices=(("", "Choose"), *_KINDS), needed=True),
        ActField("about_case", "Case, stay, plan, review or call it is about", needed=True),
    ),
)


@router.get("/concerns")
async def list_concerns(
    request: Request,
    context: Context,
    who: Reader,
    status: str = "open",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """The concerns that this person may see, the least time left first, without their text."""
    page = await context.services.read(
        page_of_concerns, PAGE_SIZE, after or None, is_open=status != "closed", reader=who.principal
    )
    return render_list(request, "concerns.html", page, _STATUSES, status, after)


@router.get("/concerns/new")
async def show_report(
    request: Request, context: Context, who: Reader, about: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """The form for a concern, about a case."""
    return _render_report(request, {"about_case": about}, None)


@router.post("/concerns/new")
async def report_concern(request: Request, context: Context, who: Reader) -> Response:
    """Report a concern in the name of who is signed in. The same text about the same case joins the earlier one."""
    typed = await request.form()
    outcome = await carry_out(context, who, _send_report(context, who, typed), lead="Reported.")
    if outcome.is_done:
        return RedirectResponse("/concerns", 303)
    return _render_report(request, dict(typed), outcome)


@router.get("/concerns/{case_id}")
async def show_concern(
    request: Request, context: Context, who: Reader, case_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A concern; its peer review only for those who work on it."""
    await view_case(context, who, case_id, "concern")
    case, reads_peer_review = await context.services.read(load_concern, case_id, who.principal.reviewer)
    content = complete(case.sheet.content if case.sheet is not None else {}, ConcernSummary)
    return render_page(
        request,
        "concern.html",
        **await parts_of(context, who, case_id),
        case=case,
        content=content,
        reads_peer_review=reads_peer_review,
        referrals=[one for one in items_of(content, "care_management") if isinstance(one, dict)],
        subject=describe_subject(case, context.services.clock()),
        dock=await dock_of(context, who, case_id, task, outcome),
    )


async def _send_report(context: WebContext, who: SignedIn, typed: FormData) -> SubmissionResult:
    kind = read_choice(typed, "kind", set(get_args(ConcernKind)))
    if not kind:
        raise refusal("form.kind", "The kind of concern is missing.", "Choose it.")
    what = need_text(typed, "what", "What was observed")
    number = normalize_case_number(need_text(typed, "about_case", "The case"))
    if not await context.services.read(sees_case, who.principal, number):
        raise refusal("form.about_case", f"There is no case {number[:40]}.", "Find it by member or number.")
    await view_case(context, who, number, "concern report")
    report = ConcernReport.model_validate(
        {
            "format": CONCERN,
            "kind": kind,
            "what": what,
            "raised_by": who.principal.reviewer,
            "about_case": number,
        }
    )
    return await contacts.raise_concern(context.services, report)


def _render_report(request: Request, typed: dict[str, object], outcome: Outcome | None) -> Response:
    return render_page(
        request,
        "act.html",
        outcome.status_code if outcome is not None else 200,
        back=("/concerns", "Concerns"),
        form=_REPORT,
        typed={name: said for name, said in typed.items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
    )
