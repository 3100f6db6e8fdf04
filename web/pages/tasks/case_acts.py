"""Acts on a case that are no task, as pages: the list of those that somebody may do, and the form of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from domain.cases.views import CaseView
from domain.errors import NotOnFile, Refused
from domain.plain_language.value_errors import describe_value_error
from engine import edge_clock
from services.context import CommandResult, CommandStatus, SubmissionResult, SubmissionStatus, TemporalUnavailable
from services.principals import Right
from services.queries.providers.peer_to_peer import offers_call
from store import journal
from web.act_commands import ActOn, CaseAct, offered_acts
from web.context import Context, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.tasks.completion import AGAINST, LATE, WRONG, act_id, typed_form
from web.presentation import ways_out
from web.presentation.form_reading import place_errors, read_typed
from web.presentation.forms import build_form, change_entries, find_errors
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Worker = Annotated[SignedIn, Depends(require(Right.TASKS))]


@router.get("/cases/{case_id}/acts")
async def list_acts(request: Request, context: Context, who: Worker, case_id: str) -> Response:
    """The acts on this case that this person may do."""
    await view_case(context, who, case_id, "acts")
    view, offered = await context.services.read(offered_acts, case_id, who.principal.reviewer)
    entries = await context.services.read(journal.entries, view.case_id)
    has_call = Right.PEER_TO_PEER in who.principal.rights and offers_call(entries)
    return render_page(request, "case_acts.html", case_id=view.case_id, acts=offered, has_call=has_call)


@router.get("/cases/{case_id}/acts/{name}")
async def show_act(request: Request, context: Context, who: Worker, case_id: str, name: str) -> Response:
    """The form of one act."""
    await view_case(context, who, case_id, "acts")
    view, act = await _find(context, who, case_id, name)
    return _page(request, view, act, {}, {}, edge_clock.new_message_id())


@router.post("/cases/{case_id}/acts/{name}")
async def do_act(request: Request, context: Context, who: Worker, case_id: str, name: str) -> Response:
    """Do the act as its form says. The form comes back with everything typed when anything stands against it."""
    await view_case(context, who, case_id, "acts")
    view, act = await _find(context, who, case_id, name)
    form = await request.form()
    typed, number = typed_form(form), act_id(form)
    more, less = form.get("more"), form.get("less")
    if isinstance(more, str) or isinstance(less, str):
        changed = change_entries(typed, str(more) if more else None, str(less) if less else None)
        return _page(request, view, act, changed, {}, number)
    read = read_typed(act.form, typed, view.zone)
    try:
        filled = act.form.model_validate(read.values)
    except ValidationError as wrong:
        said = (
            (".".join(map(str, one["loc"])) or "form", describe_value_error(one))
            for one in wrong.errors(include_url=False, include_input=False)
        )
        placed, others = place_errors(read, said)
        return _page(request, view, act, typed, placed, number, WRONG, others=tuple(others))
    if read.problems:
        return _page(request, view, act, typed, read.problems, number, WRONG)
    try:
        reply = await act.send(ActOn(context, who.principal, view, number), filled)
        refusals = reply.refusals if isinstance(reply, CommandResult) else ()
    except Refused as refused:
        reply, refusals = None, refused.refusals
    except TemporalUnavailable:
        return _page(request, view, act, typed, {}, number, LATE, late=True)
    if reply is None or refusals or reply.kind in (CommandStatus.REFUSED, SubmissionStatus.REFUSED):
        problems = tuple(str(one.message) for one in reply.problems) if isinstance(reply, SubmissionResult) else ()
        found = ways_out.shown_refusals(refusals, case_id)
        return _page(request, view, act, typed, {}, edge_clock.new_message_id(), AGAINST, found=found, others=problems)
    await _leave_notice(context, who, reply)
    return RedirectResponse(f"/cases/{case_id}", 303)


async def _leave_notice(context: WebContext, who: SignedIn, reply: CommandResult | SubmissionResult) -> None:
    answered = reply.kind not in (
        CommandStatus.QUEUED,
        CommandStatus.STORED,
        SubmissionStatus.QUEUED,
        SubmissionStatus.STORED,
    )
    if answered:
        await leave_notice(context, who, "ok", ways_out.words_for_pages(reply.says))
        return
    text = "Umpire's engine is slow. What you sent is kept and goes on by itself; you need not send it again."
    await leave_notice(context, who, "warn", text, lead="Handed over, not yet answered.")


def _page(
    request: Request,
    view: CaseView,
    act: CaseAct,
    typed: dict[str, list[str]],
    errors: dict[str, str],
    number: str,
    status: int = 200,
    *,
    others: tuple[str, ...] = (),
    found: tuple[ways_out.ShownRefusal, ...] = (),
    late: bool = False,
) -> Response:
    fields = build_form(act.form, typed, view.zone, errors)
    return render_page(
        request,
        "case_act.html",
        status,
        case_id=view.case_id,
        act=act,
        number=number,
        fields=fields,
        errors=tuple(find_errors(fields)),
        others=others,
        found=found,
        late=late,
    )


async def _find(context: WebContext, who: SignedIn, case_id: str, name: str) -> tuple[CaseView, CaseAct]:
    """The act by its name, where it is offered here. Raises NotOnFile."""
    view, offered = await context.services.read(offered_acts, case_id, who.principal.reviewer)
    found = next((act for act in offered if act.name == name), None)
    if found is None:
        raise NotOnFile("This is not offered on this case to you.", "See what is, among the acts on the case.")
    return view, found
