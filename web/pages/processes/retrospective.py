"""Retrospective reviews: a claim line by line against what was authorized, with its findings, review, concerns and lessons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.errors import NotOnFile, refusal
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.retrospective.views import RetrospectiveSummary
from domain.vocabulary import ConcernKind
from engine import edge_clock
from services.commands import retrospective_actions
from services.context import CommandResult
from services.principals import Right
from services.queries.processes.claim_review import load_claim_review
from services.queries.processes.claim_review_list import page_of_claim_reviews
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out
from web.pages.processes.process_parts import dock_of, parts_of
from web.presentation.processes.act_fields import ActField, ActForm, InputKind, need_text, read_choice, read_text
from web.presentation.processes.contents import complete, items_of
from web.presentation.processes.subjects import describe_subject
from web.presentation.words import spell_out
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.RETROSPECTIVE))]
PAGE_SIZE = 50
_STATUSES = (("open", "Open"), ("closed", "Closed"), ("all", "All"))
Send = Callable[[WebContext, SignedIn, str, FormData], Awaitable[CommandResult]]


@router.get("/retrospective")
async def list_reviews(
    request: Request,
    context: Context,
    who: Reader,
    status: str = "open",
    member: Annotated[str, Query(max_length=60)] = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """The retrospective reviews that this person may see, the least time left first."""
    filters = {"status": status, "member": member.strip().upper(), "after": after}
    page = await context.services.read(
        page_of_claim_reviews,
        PAGE_SIZE,
        after or None,
        is_open={"closed": False, "all": None}.get(status, True),
        member_id=filters["member"] or None,
        reader=who.principal,
    )

    def link(**changed: str) -> str:
        return "/retrospective?" + urlencode({name: said for name, said in (filters | changed).items() if said})

    return render_page(
        request, "retrospectives.html", page=page, filters=filters, statuses=_STATUSES, link=link, size=PAGE_SIZE
    )


@router.get("/retrospective/{case_id}")
async def show_review(
    request: Request, context: Context, who: Reader, case_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A retrospective review."""
    await view_case(context, who, case_id, "retrospective review")
    detail = await context.services.read(load_claim_review, case_id, who.principal.reviewer)
    content = complete(detail.case.sheet.content if detail.case.sheet is not None else {}, RetrospectiveSummary)
    listed = (
        "lines",
        "documentation_gaps",
        "readmission_after",
        "review_lines",
        "referred_to_compliance",
        "concerns",
        "lessons",
    )
    return render_page(
        request,
        "retrospective.html",
        **await parts_of(context, who, case_id),
        detail=detail,
        case=detail.case,
        content=content,
        parts_of={name: [one for one in items_of(content, name) if isinstance(one, dict)] for name in listed},
        subject=describe_subject(detail.case, context.services.clock()),
        dock=await dock_of(context, who, case_id, task, outcome),
    )


@router.get("/retrospective/{case_id}/{act}")
async def show_act(request: Request, context: Context, who: Reader, case_id: str, act: str) -> Response:
    """The form of an act on a review."""
    await view_case(context, who, case_id, "retrospective review")
    return _render_act(request, case_id, act, {}, None)


@router.post("/retrospective/{case_id}/{act}")
async def do_act(request: Request, context: Context, who: Reader, case_id: str, act: str) -> Response:
    """Do the act in the name of who is signed in."""
    await view_case(context, who, case_id, "retrospective review")
    typed = await request.form()
    send = _find(act)[1]
    outcome = await carry_out(context, who, send(context, who, case_id, typed), lead="Recorded.")
    if outcome.is_done:
        return RedirectResponse(f"/retrospective/{case_id}", 303)
    return _render_act(request, case_id, act, dict(typed), outcome)


def _render_act(
    request: Request, case_id: str, act: str, typed: dict[str, object], outcome: Outcome | None
) -> Response:
    make, _ = _find(act)
    return render_page(
        request,
        "act.html",
        outcome.status_code if outcome is not None else 200,
        back=(f"/retrospective/{case_id}", case_id),
        form=make(case_id),
        typed={name: said for name, said in typed.items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
    )


def _find(act: str) -> tuple[Callable[[str], ActForm], Send]:
    if act not in _ACTS:
        raise NotOnFile("There is no such act on a retrospective review.", "Choose one on the page of the review.")
    return _ACTS[act]


# -- the acts --------------------------------------------------------------------------------------------------------------


def _lesson_form(case_id: str) -> ActForm:
    stages = tuple((one.value, spell_out(one.value)) for one in ProcessStage)
    return ActForm(
        f"/retrospective/{case_id}/lesson",
        "Lesson of this review",
        "Record it",
        "What fell short in the process, and what would help the next time. It is in the list of all lessons.",
        (
            ActField("what", "What went wrong", InputKind.AREA, needed=True),
            ActField("suggestion", "What would help", InputKind.AREA, needed=True),
            ActField("stage", "Step of the process", InputKind.CHOICE, choices=(("", "Choose"), *stages), needed=True),
        ),
    )


async def _send_lesson(context: WebContext, who: SignedIn, case_id: str, typed: FormData) -> CommandResult:
    stage = _need_choice(typed, "stage", set(ProcessStage))
    what, suggestion = need_text(typed, "what", "What went wrong"), need_text(typed, "suggestion", "What would help")
    return await retrospective_actions.record_lesson(
        context.services,
        case_id,
        who.principal.reviewer,
        ProcessStage(stage),
        what,
        suggestion,
        read_text(typed, "act") or None,
    )


def _compliance_form(case_id: str) -> ActForm:
    suspicions = tuple((one.value, spell_out(one.value)) for one in Suspicion)
    return ActForm(
        f"/retrospective/{case_id}/compliance",
        "Question for compliance",
        "Refer it",
        "A suspicion, or a question of coverage. Compliance answers it; the review does not decide it.",
        (
            ActField("what", "What is it", InputKind.AREA, needed=True),
            ActField("about", "About", InputKind.CHOICE, choices=(("", "Choose"), *suspicions), needed=True),
        ),
    )


async def _send_compliance(context: WebContext, who: SignedIn, case_id: str, typed: FormData) -> CommandResult:
    about, what = _need_choice(typed, "about", set(Suspicion)), need_text(typed, "what", "What it is")
    return await retrospective_actions.refer_to_compliance(
        context.services, case_id, who.principal.reviewer, Suspicion(about), what, read_text(typed, "act") or None
    )


def _concern_form(case_id: str) -> ActForm:
    kinds = tuple((kind, spell_out(kind)) for kind in get_args(ConcernKind))
    return ActForm(
        f"/retrospective/{case_id}/concern",
        "Concern about the care",
        "Report it",
        "About its quality or safety. It becomes a case of its own, which only those who work on it see.",
        (
            ActField("what", "What was observed", InputKind.AREA, needed=True),
            ActField("kind", "Kind", InputKind.CHOICE, choices=(("", "Choose"), *kinds), needed=True),
        ),
    )


async def _send_concern(context: WebContext, who: SignedIn, case_id: str, typed: FormData) -> CommandResult:
    said, what = _need_choice(typed, "kind", set(get_args(ConcernKind))), need_text(typed, "what", "What was observed")
    kind: ConcernKind = next(one for one in get_args(ConcernKind) if one == said)
    return await retrospective_actions.raise_concern(
        context.services, case_id, who.principal.reviewer, kind, what, read_text(typed, "act") or None
    )


def _need_choice(typed: FormData, name: str, known: set[str]) -> str:
    said = read_choice(typed, name, known)
    if not said:
        raise refusal(f"form.{name}", "A choice is missing.", "Choose one from the list.")
    return said


_ACTS: Mapping[str, tuple[Callable[[str], ActForm], Send]] = {
    "lesson": (_lesson_form, _send_lesson),
    "compliance": (_compliance_form, _send_compliance),
    "concern": (_concern_form, _send_concern),
}
