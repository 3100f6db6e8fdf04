"""Routes that read lists: open work, cases, stays, plans, authorizations, arrivals, clocks at risk, criteria."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.cases.tasks import TaskOutcome
from domain.cases.views import CaseStatus
from domain.criteria.statements import CriteriaText
from domain.errors import NotOnFile
from domain.model import Model
from domain.vocabulary import Lob, ProcessKind, Role, Urgency
from services.case_lookup import sees_case
from services.commands import case_actions, task_completion
from services.commands.api_keys import ApiScope
from services.fitting_work import TaskPerson, list_people_for
from services.principals import Principal, Right
from services.queries import search
from services.queries.authorizations import AuthorizationFilter, AuthorizationSheet, find_authorizations
from services.queries.case_lists import CaseRow, WorkRow, choose_work, list_cases, work_rows
from services.queries.criteria_catalog import CriteriaEntry, find_criteria, state_criteria
from services.queries.fact_catalog import FactEntry, list_facts
from services.queries.leading import access_log, oversight
from services.queries.processes.discharge_plans import PlanPage, page_of_plans
from services.queries.processes.stay_lists import StayListPage, page_of_stays
from store import inbox
from store.cases import CaseSelection
from store.inbox import InboxItem
from store.stays import StaySelection
from store.tasks import select_work
from store.worklist.paging import WorkPlace
from store.worklist.selection import WorkSelection
from web.api.callers import ApiCaller, require_scope
from web.api.pages_of_lists import Cursor, Size, read_cursor, read_place, with_cursor, write_cursor
from web.api.problems import responses
from web.context import Context
from web.security.case_views import view_case

router = APIRouter()
Words = Annotated[str | None, Query(max_length=100)]
CriteriaReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.CRITERIA, Right.PROVIDER))]
Before = Annotated[AwareDatetime | None, Query(description="Due before this instant.")]


def _of(scope: ApiScope, right: Right) -> Any:
    return Depends(require_scope(scope, right))


class OpenWorkPage(Model):
    """A page of open work, the earliest due first; `next` goes on behind it, null at its end."""

    rows: tuple[WorkRow, ...]
    next: str | None


class CaseListPage(Model):
    """A page of cases, the earliest decision due first; `next` goes on behind it, null at its end."""

    rows: tuple[CaseRow, ...]
    next: str | None


class ArrivalPage(Model):
    """A page of arrivals that wait for intake, the earliest due first; `next` goes on behind it, null at its end."""

    rows: tuple[InboxItem, ...]
    next: str | None


class ClocksAtRisk(Model):
    """Duties missed, at risk, or due within a day, with the open work behind them."""

    counts: oversight.ClockCounts
    rows: tuple[oversight.ClockRow, ...]


class TaskSheet(Model):
    """A task with its case, and its empty form: the fields of its kind, what each means, and for a review the worksheet."""

    case_id: str
    task: dict[str, Any]
    blank: dict[str, Any]


@router.get("/worklist", tags=["Work"], summary="Open work", response_model=OpenWorkPage, responses=responses())
async def read_worklist(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.WORKLIST)],
    mine: Annotated[bool, Query(description="Only what you have claimed, or may claim by your roles.")] = False,
    unclaimed: Annotated[bool, Query(description="Only what nobody has claimed.")] = False,
    role: Role | None = None,
    kind: Words = None,
    process: ProcessKind | None = None,
    lob: Lob | None = None,
    urgency: Urgency | None = None,
    member: Words = None,
    provider: Words = None,
    due_before: Before = None,
    limit: Size = 50,
    after: Cursor = None,
) -> OpenWorkPage:
    """Tasks and unread arrivals, as `umpire worklist --json`, of cases that you may see."""
    place = read_cursor(after, bool, datetime, int, str, int)
    wanted = CaseSelection(
        process=process, lob=lob, urgency=urgency, member=member, provider=provider, due_before=due_before
    )
    return await context.services.read(
        _page_of_work,
        partial(choose_work, kind=kind, role=role, unclaimed=unclaimed, reader=caller.principal),
        wanted,
        caller.principal.reviewer if mine else None,
        limit,
        WorkPlace(*place) if place is not None and None not in place else None,
    )


@router.get(
    "/tasks/{task_id}",
    tags=["Work"],
    summary="A task with its empty form and worksheet",
    response_model=TaskSheet,
    responses=responses(404, 409),
)
async def read_task(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.TASKS)],
    task_id: Annotated[str, Path(min_length=1, max_length=100, pattern="^[A-Za-z0-9:._-]+$")],
    outcome: Annotated[TaskOutcome | None, Query(description="Only the fields of this outcome.")] = None,
) -> TaskSheet:
    """The task as `umpire complete --form` prints it. A review's worksheet comes from its running case."""
    found = await case_actions.find_task(context.services, task_id)
    await view_case(context, caller, found.case_id, "task")
    blank = await task_completion.load_blank_form(context.services, task_id, caller.principal.reviewer, outcome)
    return TaskSheet(case_id=found.case_id, task=found.task.model_dump(mode="json"), blank=blank)


@router.get(
    "/tasks/{task_id}/people",
    tags=["Work"],
    summary="People who may have a task",
    response_model=list[TaskPerson],
    responses=responses(404, 409),
)
async def read_people(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.TASKS)],
    task_id: Annotated[str, Path(min_length=1, max_length=100, pattern="^[A-Za-z0-9:._-]+$")],
) -> tuple[TaskPerson, ...]:
    """As `umpire reassign TASK` lists them: who may do it first, with the rules against everybody else."""
    found = await case_actions.find_task(context.services, task_id)
    await view_case(context, caller, found.case_id, "task")
    services = context.services
    return await services.read(list_people_for, [task_id], services.deciders, services.clock())


@router.get("/cases", tags=["Cases"], summary="Cases by filters", response_model=CaseListPage, responses=responses())
async def read_cases(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.WORKLIST)],
    status: CaseStatus | None = None,
    process: ProcessKind | None = ProcessKind.REQUEST,
    lob: Lob | None = None,
    urgency: Urgency | None = None,
    member: Words = None,
    provider: Words = None,
    due_before: Before = None,
    limit: Size = 50,
    after: Cursor = None,
) -> CaseListPage:
    """Cases that you may see, as `umpire cases --json`; authorizations unless another process is named."""
    place = read_cursor(after, datetime, str)
    wanted = CaseSelection(
        status=status,
        process=process,
        lob=lob,
        urgency=urgency,
        member=member,
        provider=provider,
        due_before=due_before,
    )
    behind = (place[0], place[1] or "") if place is not None else None
    found = await context.services.read(list_cases, wanted, limit + 1, caller.principal, behind)
    rows = found[:limit]
    more = write_cursor(rows[-1].decision_due, rows[-1].case_id) if len(found) > limit else None
    return CaseListPage(rows=rows, next=more)


@router.get("/find", tags=["Cases"], summary="Search", response_model=search.Found, responses=responses())
async def find(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.WORKLIST)],
    q: Annotated[str, Query(min_length=1, max_length=200, description="A number, a name, or a birth date.")],
    limit: Size = 50,
) -> search.Found:
    """Cases, members and providers by a number or name, as `umpire find --json`."""
    return await context.services.read(search.find, q, limit, caller.principal)


@router.get("/stays", tags=["Stays"], summary="Hospital stays", response_model=StayListPage, responses=responses())
async def read_stays(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.STAYS)],
    status: CaseStatus | None = None,
    member: Words = None,
    facility: Words = None,
    limit: Size = 50,
    after: Cursor = None,
) -> StayListPage:
    """Stays that you may see, the least time left first. Each is a case: read it at /cases/{case_id}."""
    wanted = StaySelection(status=status, member_id=member, facility=facility)
    page = await context.services.read(page_of_stays, wanted, limit, read_place(after), caller.principal)
    return with_cursor(page)


@router.get(
    "/discharge-plans", tags=["Stays"], summary="Discharge plans", response_model=PlanPage, responses=responses()
)
async def read_plans(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.DISCHARGE_PLANS)],
    ended: Annotated[bool, Query(description="Ended plans instead of open ones.")] = False,
    limit: Size = 50,
    after: Cursor = None,
) -> PlanPage:
    """Discharge plans that you may see, the least time left first. Each is a case: read it at /cases/{case_id}."""
    page = await context.services.read(
        page_of_plans, limit, read_place(after), is_open=not ended, reader=caller.principal
    )
    return with_cursor(page)


@router.get(
    "/authorizations",
    tags=["Cases"],
    summary="Authorizations with what is left of them",
    response_model=list[AuthorizationSheet],
    responses=responses(404),
)
async def read_authorizations(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.READ, Right.CASES)],
    number: Words = None,
    member: Words = None,
    provider: Words = None,
    claim: Words = None,
) -> tuple[AuthorizationSheet, ...]:
    """By number, member, NPI, or the number of a claim's case; as `umpire authorization show --json`. Name one at least."""
    if not any((number, member, provider, claim)):
        raise NotOnFile("No authorization was named.", "Give number, member, provider or claim.")
    wanted = AuthorizationFilter(number=number, member_id=member, npi=provider, claim=claim)
    services = context.services
    return await services.read(_seen_authorizations, wanted, services.clock(), caller.principal)


@router.get(
    "/inbox",
    tags=["Oversight"],
    summary="Arrivals that wait for intake",
    response_model=ArrivalPage,
    responses=responses(),
)
async def read_inbox(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.OVERSIGHT, Right.INBOX)],
    limit: Size = 50,
    after: Cursor = None,
) -> ArrivalPage:
    """Arrivals that could not be read or accepted, with each finding, as `umpire inbox --json`."""
    place = read_cursor(after, datetime, int)
    items = sorted(await context.services.read(inbox.list_open), key=lambda one: (one.due_at, one.inbox_id))
    behind = [one for one in items if place is None or (one.due_at, one.inbox_id) > (place[0], place[1])]
    rows = behind[:limit]
    more = write_cursor(rows[-1].due_at, rows[-1].inbox_id) if len(behind) > limit else None
    return ArrivalPage(rows=tuple(rows), next=more)


@router.get(
    "/oversight/clocks",
    tags=["Oversight"],
    summary="Clocks at risk and missed",
    response_model=ClocksAtRisk,
    responses=responses(),
)
async def read_clocks_at_risk(
    context: Context, caller: Annotated[ApiCaller, _of(ApiScope.OVERSIGHT, Right.OVERSIGHT)], limit: Size = 200
) -> ClocksAtRisk:
    """Duties missed and not yet reviewed, and those due within a day, of cases that you may see; and counts of all."""
    services, now = context.services, context.services.clock()
    rows = await services.read(oversight.list_clocks_at_risk, now, caller.principal, limit)
    return ClocksAtRisk(counts=await services.read(oversight.count_clocks, now, caller.principal), rows=rows)


@router.get(
    "/oversight/views",
    tags=["Oversight"],
    summary="Record of who looked at which case",
    response_model=access_log.SightPage,
    responses=responses(),
)
async def read_views(
    context: Context,
    caller: Annotated[ApiCaller, _of(ApiScope.OVERSIGHT, Right.ACCESS_LOG)],
    case: Words = None,
    subject: Words = None,
    refused: Annotated[bool, Query(description="Only views that were not allowed.")] = False,
    after: Annotated[str | None, Query(max_length=200, description="`after` of the page before.")] = None,
) -> access_log.SightPage:
    """Views by case and by person (a reviewer's id or an NPI), the latest first. Programs' views are among them."""
    return await context.services.read(
        access_log.list_sights,
        caller.principal,
        case_id=case,
        subject=subject,
        refused_only=refused,
        after=after,
    )


@router.get(
    "/criteria",
    tags=["Criteria"],
    summary="Criteria by service",
    response_model=list[CriteriaEntry],
    responses=responses(404),
)
async def read_criteria_list(
    context: Context,
    caller: CriteriaReader,
    service: Annotated[
        str, Query(max_length=100, description="A code, service group, level of care, guideline, or words of a title.")
    ] = "",
) -> tuple[CriteriaEntry, ...]:
    """The guidelines that are about a service, those in force first; all of them where none is named."""
    return find_criteria(context.fact_sources, service, context.services.clock().date())


@router.get(
    "/criteria/{guideline_id}",
    tags=["Criteria"],
    summary="Criteria in plain words",
    response_model=CriteriaText,
    responses=responses(404),
)
async def read_criteria_text(
    context: Context,
    caller: CriteriaReader,
    guideline_id: Annotated[str, Path(min_length=1, max_length=100, pattern="^[A-Za-z0-9._-]+$")],
) -> CriteriaText:
    """A guideline as it is read out to whoever asks: each criterion, its source, date and confidence."""
    return state_criteria(context.fact_sources, guideline_id)


@router.get(
    "/facts",
    tags=["Criteria"],
    summary="Facts that criteria ask for",
    response_model=list[FactEntry],
    responses=responses(404),
)
async def read_facts(
    context: Context,
    caller: CriteriaReader,
    service: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="A code, service group, guideline, or words of a title."),
    ] = None,
) -> tuple[FactEntry, ...]:
    """The facts that a sender may state, with question, unit and values, as `umpire facts --json`."""
    return list_facts(context.fact_sources, service)


def _page_of_work(
    s: Session,
    choose: Callable[..., WorkSelection],
    wanted: CaseSelection,
    mine: str | None,
    limit: int,
    after: WorkPlace | None,
) -> OpenWorkPage:
    page = select_work(s, choose(s, wanted, reviewer=mine), limit, after=after)
    more = write_cursor(*page.rows[-1][0]) if page.has_later and page.rows else None
    return OpenWorkPage(rows=work_rows(s, page.items), next=more)


def _seen_authorizations(
    s: Session, wanted: AuthorizationFilter, now: datetime, reader: Principal
) -> tuple[AuthorizationSheet, ...]:
    found = find_authorizations(s, wanted, now)
    seen = tuple(one for one in found if sees_case(s, reader, one.case_id))
    if not seen:
        raise NotOnFile("There is no authorization for that.", "Search by another number.")
    return seen
