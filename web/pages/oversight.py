"""For those who lead: clocks at risk, people and capacity, affirmations. No page tells what anybody decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.errors import NotOnFile, Refused
from services.commands import case_actions
from services.context import CommandStatus
from services.fitting_work import list_people_for
from services.principals import Right
from services.queries import worklists
from services.queries.leading import access_log, oversight
from store import directory
from store.oversight import affirmations
from web.context import Anybody, Context, SignedIn, require
from web.notices import leave_notice
from web.presentation.worklist import describe_row
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
async def show_clocks(request: Request, context: Context, who: Leader, after: Words = "") -> Response:
    """Every duty that is missed, at risk or due within a day, with the work behind it, and who may take it."""
    now = context.services.clock()
    found = await context.services.read(
        oversight.load_oversight, who.principal, context.services.deciders, now, _read_place(after)
    )
    more = urlencode({"after": "~".join((found.more.due_at.isoformat(), *found.more[1:]))}) if found.more else ""
    return render_page(request, "oversight/clocks.html", found=found, names=dict(found.people), more=more, after=after)


@router.get("/oversight/hand-over")
async def choose_person(
    request: Request, context: Context, who: Leader, task: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The people who may do every one of the chosen tasks, to hand them over to one of them; the others with the rule."""
    services, chosen = context.services, []
    for task_id in list(dict.fromkeys(task or ()))[:MOST_AT_ONCE]:
        found = await case_actions.find_task(services, task_id)
        await view_case(context, who, found.case_id, "task")
        if found.task.is_open:
            chosen.append(await services.read(worklists.find_work, task_id))
    if not chosen:
        await leave_notice(context, who, "warn", "Choose at least one open task.", lead="Nothing was handed over.")
        return RedirectResponse("/oversight/clocks", 303)
    now = services.clock()
    people = await services.read(list_people_for, [one.task_id for one in chosen], services.deciders, now)
    return render_page(
        request,
        "oversight/hand_over.html",
        chosen=[describe_row(one, who.principal.reviewer, now, None) for one in chosen],
        people=[one for one in people if one.fits],
        others=[one for one in people if not one.fits],
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
            refused.append(f"{task_id}: {' '.join(f'{one.message} [{one.rule}]' for one in reply.refusals)}")
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


def _read_place(said: str) -> oversight.ClockPlace | None:
    """The place in the list that an address names; None where it names none that can be read."""
    due, _, rest = said.partition("~")
    case_id, _, rule_id = rest.partition("~")
    try:
        due_at = datetime.fromisoformat(due.replace(" ", "+"))
    except ValueError:
        return None
    return oversight.ClockPlace(due_at, case_id, rule_id) if due_at.tzinfo is not None else None


def _plan_zone(s: Session) -> str:
    """The zone of the plan's office."""
    found = next(iter(directory.plans(s).values()), None)
    return str(ZoneInfo(found.zone)) if found is not None and found.zone else "UTC"
