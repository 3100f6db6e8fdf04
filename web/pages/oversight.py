"""For those who lead: clocks at risk, people and capacity, affirmations. No page tells what anybody decided."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.errors import NotOnFile, Refused
from services.commands import case_actions
from services.context import CommandStatus
from services.principals import Right
from services.queries.leading import access_log, oversight
from store import directory
from store.oversight import affirmations
from web.context import Anybody, Context, SignedIn, require
from web.notices import leave_notice
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Leader = Annotated[SignedIn, Depends(require(Right.OVERSIGHT))]
Auditor = Annotated[SignedIn, Depends(require(Right.ACCESS_LOG))]
Words = Annotated[str, Query(max_length=200)]
AFFIRMATION = (
    "My pay, bonus and standing do not depend on how many requests I do not approve, nor on their cost. "
    "Nobody has asked me to decide otherwise than by the record and the criteria."
)
MOST_AT_ONCE = 50


@router.get("/oversight/clocks")
async def show_clocks(request: Request, context: Context, who: Leader) -> Response:
    """Every duty that is missed, at risk or due within a day, with the work behind it, and who may take it."""
    now = context.services.clock()
    read = context.services.read
    rows = await read(oversight.list_clocks_at_risk, now, who.principal)
    return render_page(
        request,
        "oversight/clocks.html",
        rows=rows,
        counts=await read(oversight.count_clocks, now, who.principal),
        groups=await read(oversight.list_work_groups, context.services.deciders, now, who.principal),
        ends=(await read(oversight.list_ends, now.date()))[:6],
        people=await read(_people),
        zone=await read(_plan_zone),
    )


@router.post("/oversight/hand-over")
async def hand_over(
    context: Context, who: Leader, to: Annotated[str, Form()] = "", task: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Hand the chosen tasks to one person. The case of each checks that they may do it; nothing is decided."""
    chosen = list(dict.fromkeys(task or ()))[:MOST_AT_ONCE]
    if not chosen or not to:
        text = "Choose at least one task, and a person." if not chosen else "Choose a person."
        await leave_notice(context, who, "warn", text, lead="Nothing was handed over.")
        return RedirectResponse("/oversight/clocks", 303)
    moved, refused = 0, []
    for task_id in chosen:
        try:
            found = await case_actions.find_task(context.services, task_id)
            await view_case(context, who, found.case_id, "task")
        except (NotOnFile, Refused):
            refused.append(f"{task_id}: There is no such task for you.")
            continue
        reply = await case_actions.reassign_task(context.services, task_id, who.principal.reviewer, to)
        if reply.kind is CommandStatus.REFUSED:
            refused.append(f"{task_id}: {' '.join(one.message for one in reply.refusals)}")
        else:
            moved += 1
    if moved:
        await leave_notice(context, who, "ok", f"{moved} of {len(chosen)} handed over.")
    for text in refused:
        await leave_notice(context, who, "warn", text, lead="Not handed over.")
    return RedirectResponse("/oversight/clocks", 303)


@router.get("/oversight/people")
async def show_people(request: Request, context: Context, who: Leader) -> Response:
    """People with their licenses, training and affirmation: what has ended, what ends, and what gates them."""
    today = context.services.clock().date()
    ends = await context.services.read(oversight.list_ends, today)
    people = await context.services.read(directory.reviewers)
    by_person = {one.reviewer_id: [end for end in ends if end.reviewer_id == one.reviewer_id] for one in people}
    given = await context.services.read(affirmations.latest)
    return render_page(request, "oversight/people.html", people=people, ends=by_person, given=given, today=today)


@router.get("/oversight/access")
async def show_access(
    request: Request,
    context: Context,
    who: Auditor,
    case: Words = "",
    subject: Words = "",
    refused: Words = "",
    after: Words = "",
) -> Response:
    """The looks at cases, the latest first: by case, by person (a reviewer's id or an NPI), or what was not allowed."""
    filters = {"case": case.strip(), "subject": subject.strip(), "refused": "yes" if refused == "yes" else ""}
    page = await context.services.read(
        access_log.list_sights,
        who.principal,
        case_id=filters["case"] or None,
        subject=filters["subject"] or None,
        refused_only=bool(filters["refused"]),
        after=after or None,
    )

    def link(**changed: str) -> str:
        return "/oversight/access?" + urlencode({name: said for name, said in (filters | changed).items() if said})

    zone = await context.services.read(_plan_zone)
    return render_page(request, "oversight/access.html", page=page, filters=filters, after=after, link=link, zone=zone)


@router.get("/affirmation")
async def show_affirmation(request: Request, context: Context, who: Anybody) -> Response:
    """The yearly affirmation on pay, for the person who is signed in."""
    given = (await context.services.read(affirmations.latest)).get(who.principal.reviewer)
    year = context.services.clock().year
    return render_page(
        request,
        "oversight/affirmation.html",
        words=AFFIRMATION,
        given=given,
        year=year,
        zone=await context.services.read(_plan_zone),
    )


@router.post("/affirmation")
async def affirm(context: Context, who: Anybody, affirmed: Annotated[str, Form()] = "") -> Response:
    """Keep this year's affirmation of the person who is signed in."""
    services = context.services
    if affirmed != "yes":
        await leave_notice(context, who, "warn", "Tick the box to affirm it.", lead="Not kept.")
        return RedirectResponse("/affirmation", 303)
    now = services.clock()
    await services.write(affirmations.affirm, who.principal.reviewer, now.year, AFFIRMATION, now)
    await leave_notice(context, who, "ok", f"Your affirmation for {now.year} is on file.")
    return RedirectResponse("/", 303)


def _people(s: Session) -> list[tuple[str, str]]:
    """Active people as ids and names."""
    return [(one.reviewer_id, one.name) for one in directory.reviewers(s) if one.active]


def _plan_zone(s: Session) -> str:
    """The zone of the plan's office."""
    found = next(iter(directory.plans(s).values()), None)
    return str(ZoneInfo(found.zone)) if found is not None and found.zone else "UTC"
