"""The worklist: open work with the least time left first, and the acts on its rows."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from domain.vocabulary import Lob, Urgency
from engine.edge_clock import new_message_id
from services.commands import case_actions
from services.commands.next_task import claim_id, claim_next
from services.context import CommandResult, CommandStatus
from services.fitting_work import list_people_for, plan_zone
from services.principals import Right
from services.queries import worklists
from services.queries.worklists import WorkView
from web.context import Context, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.acts import tell_holder
from web.presentation import kept_lists
from web.presentation import worklist as shown
from web.presentation.instants import describe_time
from web.presentation.words import STATES
from web.rendering import render_page, render_part
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.WORKLIST))]
Worker = Annotated[SignedIn, Depends(require(Right.TASKS))]
TaskId = Annotated[str, Form()]
Text = Annotated[str, Form()]


@router.get("/worklist")
async def show_worklist(request: Request, context: Context, who: Reader, part: str = "") -> Response:
    """A page of open work; with `part=rows` only what a refresh replaces."""
    asked = request.query_params
    view = WorkView(asked["who"]) if asked.get("who") in set(WorkView) else WorkView.FIT
    filters = kept_lists.read_filters(dict(asked))
    now = context.services.clock()
    found = await context.services.read(
        worklists.load_worklist,
        who.principal,
        view,
        filters,
        context.services.deciders,
        now,
        after=shown.read_place(asked.get("after")),
        before=shown.read_place(asked.get("before")),
    )
    address = {name: value for name, value in asked.items() if name != "part" and value}
    filtered = filters.is_any
    render = render_part if part == "rows" else render_page
    return render(
        request,
        "worklist_rows.html" if part == "rows" else "worklist.html",
        found=found,
        groups=shown.group_lines(found, who.principal.reviewer, now),
        summary=shown.summary_sentence(found, filtered, now),
        empty=shown.empty_sentence(found, filtered),
        views=[(one, shown.VIEW_WORDS[one], shown.count_label(found.counts[one])) for one in WorkView],
        filters=filters,
        filtered=filtered,
        leads=bool(worklists.LEADING & who.principal.roles),
        number=shown.count_label(found.counts[view]),
        as_of=shown.as_of(now, found.zone),
        choices={
            "lob": list(Lob),
            "kind": kept_lists.KINDS,
            "urgency": list(Urgency),
            "specialty": found.specialties,
            "state": STATES,
        },
        address=address,
        following=kept_lists.add_list("", kept_lists.name_list(asked)),
        with_query=with_query,
        place=shown.write_place,
        at=asked.get("at", ""),
        live=asked.get("live", "on" if who.preferences.refresh else "off") != "off",
        act=new_message_id(),
    )


@router.get("/keys")
async def show_keys(request: Request, who: Reader) -> Response:
    """The list of single keys."""
    return render_page(request, "keys.html")


@router.post("/worklist/claim")
async def claim(context: Context, who: Worker, task: TaskId, act: Text = "", back: Text = "") -> Response:
    """Claim a task; who was slower is told who has it."""
    await _view_task(context, who, task)
    me = who.principal.reviewer
    answer = await case_actions.claim_task(context.services, task, me, claim_id(act, task, me))
    if answer.kind is CommandStatus.ACCEPTED:
        kept = kept_lists.name_list(dict(parse_qsl(back)))
        link = ((kept_lists.add_list(f"/tasks/{task}", kept), "Open it"),)
        await leave_notice(context, who, "ok", answer.says, lead="Claimed.", links=link)
    else:
        await _tell(context, who, "claim", task, answer)
    return _to_list(back, task)


@router.post("/worklist/release")
async def release(
    request: Request, context: Context, who: Worker, task: TaskId, act: Text = "", back: Text = ""
) -> Response:
    """Give a task back to the list, as it was on the page before."""
    await _view_task(context, who, task)
    me = who.principal.reviewer
    answer = await case_actions.release_task(context.services, task, me, claim_id(act, task, me))
    if answer.kind is CommandStatus.ACCEPTED:
        await leave_notice(context, who, "ok", answer.says, lead="Released.")
    else:
        await _tell(context, who, "release", task, answer)
    return _to_list(back or kept_lists.name_list(kept_lists.read_list(request.query_params)), task)


@router.get("/worklist/hand-over")
async def show_hand_over(request: Request, context: Context, who: Worker, task: str, back: str = "") -> Response:
    """The people who may do a task, to hand it over to one of them."""
    await _view_task(context, who, task)
    found = await context.services.read(worklists.find_work, task)
    people = await context.services.read(list_people_for, [task], context.services.deciders, context.services.clock())
    line = shown.describe_row(found, who.principal.reviewer, context.services.clock(), None)
    return render_page(
        request,
        "worklist_hand_over.html",
        line=line,
        task=task,
        people=[one for one in people if one.fits],
        others=[one for one in people if not one.fits],
        back=with_query(dict(parse_qsl(back))),
        act=new_message_id(),
    )


@router.post("/worklist/hand-over")
async def hand_over(context: Context, who: Worker, task: TaskId, to: Text, act: Text = "", back: Text = "") -> Response:
    """Give a task to somebody who may do it; the case checks both."""
    await _view_task(context, who, task)
    answer = await case_actions.reassign_task(
        context.services, task, who.principal.reviewer, to, claim_id(act, task, who.principal.reviewer)
    )
    if answer.kind is CommandStatus.ACCEPTED:
        await leave_notice(context, who, "ok", answer.says, lead="Handed over.")
    else:
        await _tell(context, who, "hand-over", task, answer)
    return _to_list(back, task)


@router.post("/worklist/next")
async def take_next(request: Request, context: Context, who: Worker, act: Text = "", skip: Text = "") -> Response:
    """Claim the first task that one may do, least time left first, and open it. `skip` is the task that lies open already."""
    services = context.services
    asked = dict(request.query_params)
    kept = kept_lists.name_list(asked)
    wanted = await services.read(worklists.choose_filtered, kept_lists.read_filters(asked), who.principal)
    taken = await claim_next(services, who.principal.reviewer, wanted, but=frozenset({skip}), act=act)
    if taken is None:
        await leave_notice(context, who, "ok", "No task that you may do is open.", lead="That was the last one.")
        return RedirectResponse(f"/worklist?{kept}" if kept else "/worklist", 303)
    if taken.answer is not None and taken.answer.kind is not CommandStatus.ACCEPTED:
        await _tell(context, who, "claim", taken.task_id, taken.answer)
    return RedirectResponse(kept_lists.add_list(f"/tasks/{taken.task_id}", kept), 303)


def with_query(address: dict[str, str], **changes: str | None) -> str:
    """The query of an address with some of its parts changed (None: left out)."""
    return urlencode({name: value for name, value in (address | changes).items() if value})


async def _view_task(context: WebContext, who: SignedIn, task: str) -> None:
    """Raise NotOnFile for a task that is none, or is of a case that is not for this person."""
    found = await case_actions.find_task(context.services, task)
    await view_case(context, who, found.case_id, "task")


async def _tell(context: WebContext, who: SignedIn, what: str, task: str, answer: CommandResult) -> None:
    """Leave the notice of an act that was refused, or is not answered yet."""
    if answer.kind is not CommandStatus.REFUSED:
        zone = await context.services.read(plan_zone)
        at = describe_time(context.services.clock(), zone)
        text = f"Your {what} of {at} is kept and goes on by itself; you need not send it again."
        await leave_notice(context, who, "warn", text, lead="Handed over, not yet answered.")
        return
    if not await tell_holder(context, who, task, answer):
        text = " ".join(f"{one.message} {one.way_out}" for one in answer.refusals)
        await leave_notice(context, who, "warn", text, lead="Not done.")


def _to_list(back: str, task: str) -> Response:
    """Back to the list as it was, at this row."""
    asked = {name: value for name, value in parse_qsl(back) if name != "part"}
    return RedirectResponse(f"/worklist?{with_query(asked, at=task)}", 303)
