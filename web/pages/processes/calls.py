"""The call desk: messages to be called back, the script and the record of a call, and a new message."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.callbacks.policy import CallTopic
from domain.callbacks.views import CallbackSummary
from domain.errors import refusal
from engine import edge_clock
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CALLBACK, CallbackMessage
from services.case_lookup import is_on_file, normalize_case_number
from services.context import SubmissionResult
from services.principals import Right
from services.queries.processes.call_desk import load_call, page_of_calls
from store import directory
from web.context import Context, SignedIn, WebContext, require
from web.pages.acts import Outcome, carry_out
from web.pages.processes.process_parts import PAGE_SIZE, dock_of, parts_of, render_list
from web.presentation.processes.act_fields import (
    YES_NO,
    ActField,
    ActForm,
    InputKind,
    need_text,
    read_choice,
    read_text,
)
from web.presentation.processes.callers import CALLER_KINDS, need_caller
from web.presentation.processes.contents import complete, items_of
from web.presentation.processes.subjects import describe_subject
from web.presentation.words import spell_out
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CALLS))]
_STATUSES = (("open", "To call back"), ("returned", "Returned"))


@router.get("/calls")
async def list_calls(
    request: Request,
    context: Context,
    who: Reader,
    status: str = "open",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """Messages that wait for a call, what is due first in front, in the plan's zone."""
    page = await context.services.read(
        page_of_calls, PAGE_SIZE, after or None, is_open=status != "returned", reader=who.principal
    )
    return render_list(request, "calls.html", page, _STATUSES, status, after)


@router.get("/calls/new")
async def show_new_message(
    request: Request, context: Context, who: Reader, about: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """The form for a message that a caller leaves."""
    return _render_new(request, {"about_case": about}, None)


@router.post("/calls/new")
async def log_message(request: Request, context: Context, who: Reader) -> Response:
    """Log a message, taken by who is signed in. It is stored before anything else, and called back in the next window."""
    typed = await request.form()
    outcome = await carry_out(context, who, _send_message(context, who, typed), lead="Logged.")
    if outcome.is_done:
        return RedirectResponse("/calls", 303)
    return _render_new(request, dict(typed), outcome)


@router.get("/calls/{case_id}")
async def show_call(
    request: Request, context: Context, who: Reader, case_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A message: what to say first, the caller's needs, the number, the calls that were placed."""
    await view_case(context, who, case_id, "call")
    detail = await context.services.read(load_call, case_id, who.principal.reviewer)
    content = complete(detail.case.sheet.content if detail.case.sheet is not None else {}, CallbackSummary)
    return render_page(
        request,
        "call.html",
        **await parts_of(context, who, case_id),
        detail=detail,
        case=detail.case,
        content=content,
        calls=[one for one in items_of(content, "calls") if isinstance(one, dict)],
        subject=describe_subject(detail.case, context.services.clock()),
        dock=await dock_of(
            context, who, case_id, task or (detail.task.task_id if detail.task is not None else ""), outcome
        ),
    )


async def _send_message(context: WebContext, who: SignedIn, typed: FormData) -> SubmissionResult:
    caller = need_caller(typed)
    phone = need_text(typed, "phone", "The number to call back")
    about = read_choice(typed, "about", set(CallTopic)) or CallTopic.OTHER
    member = read_text(typed, "member").upper()
    case = read_text(typed, "about_case")
    if member and await context.services.read(directory.member, member) is None:
        raise refusal("form.member", "The directory has no member of this number.", "Leave it out if it is not known.")
    number = normalize_case_number(case) if case else None
    if number is not None and not await context.services.read(is_on_file, number):
        raise refusal("form.about_case", f"There is no case {number[:40]}.", "Leave it out if it is not known.")
    try:
        message = CallbackMessage.model_validate(
            {
                "format": CALLBACK,
                "from_whom": caller.kind,
                "caller_name": caller.name,
                "caller_organization": caller.organization or None,
                "phone": phone,
                "about": about,
                "member_id": member or None,
                "about_case": number,
                "message": read_text(typed, "message") or None,
                "language": read_text(typed, "language").lower() or None,
                "tty": {"yes": True, "no": False}.get(read_choice(typed, "tty", {"yes", "no"})),
                "plan_id": read_text(typed, "plan") or None,
                "reference": read_text(typed, "act") or None,
                "taken_by": who.principal.reviewer,
            }
        )
    except ValueError:
        raise refusal(
            "form.language",
            "A language is a code, and a number has at least three digits.",
            "Write a language such as es.",
        ) from None
    return await contacts.record_message(context.services, message)


def _render_new(request: Request, typed: dict[str, object], outcome: Outcome | None) -> Response:
    shown = {name: said for name, said in typed.items() if isinstance(said, str)}
    return render_page(
        request,
        "act.html",
        outcome.status_code if outcome is not None else 200,
        back=("/calls", "Call desk"),
        form=_MESSAGE_FORM,
        typed=shown,
        act=edge_clock.new_message_id(),
        outcome=outcome,
    )


_TOPICS = tuple((one.value, spell_out(one.value)) for one in CallTopic)
_MESSAGE_FORM = ActForm(
    "/calls/new",
    "A message for the plan's staff",
    "Log the message",
    "It is called back in the plan's next business hours. Only who returns calls reads name and number.",
    (
        ActField("message", "The message", InputKind.AREA),
        ActField("kind", "Who calls", InputKind.CHOICE, choices=(("", "Choose"), *CALLER_KINDS), needed=True),
        ActField("name", "Caller's name", needed=True),
        ActField("organization", "Caller's organization", hint="Needed for all but a member who calls."),
        ActField("phone", "Number to call back", needed=True),
        ActField("about", "About", InputKind.CHOICE, choices=(("", "Choose"), *_TOPICS), needed=True),
        ActField("language", "Language, if not English", hint="A code such as es."),
        ActField("tty", "Calls by TTY", InputKind.CHOICE, choices=YES_NO),
        ActField("member", "Member number, if known"),
        ActField("about_case", "Case number, if named"),
        ActField("plan", "Plan, if there are several and the caller is no member"),
    ),
)
