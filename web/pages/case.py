"""The case page: what it waits for, the request, the clocks, the criteria beside the records, letters, journal; now, or as it
stood at a past moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.calendars import utc_of_local_time
from domain.case_numbers import kind_of
from domain.errors import NotOnFile, refusal
from domain.vocabulary import ProcessKind
from services.context import TemporalUnavailable
from services.principals import Principal, Right
from services.queries.authorization_detail import AuthorizationDetail, load_authorization_detail
from services.queries.case_desk import RecordStanding, list_records
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.case_history import load_detail_as_of
from services.queries.providers.peer_to_peer import offers_call
from services.queries.related_cases import RelatedCase, list_related
from store import cases, directory, requests
from web.context import Context, SignedIn, WebContext, require
from web.pages.documents import OpenedPage, PageNumber, is_fetched_ahead, open_page
from web.pages.tasks.docks import load_dock
from web.presentation.addresses import process_address
from web.presentation.cases.case_page import CasePage, build_case_page, people_of
from web.presentation.dock import Dock
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]


_OWN_PAGES = {
    ProcessKind.STAY: Right.STAYS,
    ProcessKind.DISCHARGE_PLAN: Right.DISCHARGE_PLANS,
    ProcessKind.RETROSPECTIVE_REVIEW: Right.RETROSPECTIVE,
    ProcessKind.CONCERN: Right.CONCERNS,
    ProcessKind.CALLBACK: Right.CALLS,
}
"""The right to the page of each process that has one of its own."""
_ONLY_HERE = frozenset({"at", "print"})
"""Parts of an address that only this page answers, whatever the process."""
_YEARS = range(1900, 2200)
"""Years of a past moment; the ends of the calendar have no time in every zone."""
_LOST_PLUS = re.compile(r"(?<=:\d\d) (?=\d\d:\d\d$)")
"""The plus of an offset, which an address that was typed by hand turns into a space."""


@dataclass(frozen=True)
class LoadedCase:
    """A case with what stands beside it: the records as this reader knows them, related cases, and names of people and
    records by id."""

    detail: CaseDetail
    records: tuple[RecordStanding, ...]
    related: tuple[RelatedCase, ...]
    names: Mapping[str, str]


@router.get("/cases/{case_id}")
async def show_case(
    request: Request,
    context: Context,
    who: Reader,
    case_id: str,
    at: str | None = None,
    document: str | None = None,
    page: PageNumber = None,
    task: str = "",
    outcome: str = "",
    line: str = "",
    mark: str = "",
) -> Response:
    """A case of any process, at one of its tasks. `at` is an instant, or a date and time in the case's zone; `document` opens a
    record beside it; `outcome` unfolds a part of the task's form; `line` shows the criteria of one line first;
    `mark` is the criterion whose passage is looked for."""
    if elsewhere := _own_page(request, who, case_id):
        return RedirectResponse(elsewhere, 303)
    await view_case(context, who, case_id, "case" if at is None else "case as it stood at a past moment")
    services = context.services
    then = await services.read(_parse_moment, case_id, at) if at else None
    loaded = await services.read(load_case, case_id, then, who.principal)
    shown = build_case_page(loaded.detail, context.rulebook, then or services.clock(), line)
    opened, problem = None, ""
    if then is None:
        loaded, opened, problem = await open_beside(request, context, who, loaded, shown, document, page)
    return render_page(
        request,
        "case.html" if isinstance(loaded.detail, AuthorizationDetail) else "case_other.html",
        shown=shown,
        detail=loaded.detail,
        records=loaded.records,
        related=loaded.related,
        names=loaded.names,
        opened=opened,
        problem=problem,
        then=then,
        has_call=Right.PEER_TO_PEER in who.principal.rights and offers_call(loaded.detail.entries),
        moment=then or services.clock(),
        mark=mark,
        unfold="print" in request.query_params,
        dock=await _load_dock(context, who, loaded.detail, task, outcome) if then is None else None,
    )


def _own_page(request: Request, who: SignedIn, case_id: str) -> str:
    """The address of the page of this case's process, with the task that was asked for. Empty where this page is meant: for a
    request, a past moment or print, or where this person has only this page."""
    right = _OWN_PAGES.get(kind_of(case_id) or ProcessKind.REQUEST)
    if right is None or right not in who.principal.rights or _ONLY_HERE & set(request.query_params):
        return ""
    query = request.url.query
    return process_address(case_id) + (f"?{query}" if query else "")


async def _load_dock(context: WebContext, who: SignedIn, detail: CaseDetail, task_id: str, outcome: str) -> Dock | None:
    """The dock of the named task; unless one is named, of this person's own, else of one that nobody has taken."""
    if not task_id:
        waiting = sorted((one for one in detail.tasks if one.is_open), key=lambda one: one.due_at)
        mine = [one for one in waiting if one.assignee == who.principal.reviewer]
        free = [one for one in waiting if one.assignee is None]
        task_id = next((one.task_id for one in (*mine, *free)), "")
    dock = await load_dock(context, who, task_id, outcome=outcome or None) if task_id else None
    if dock is not None and dock.case_id != detail.case_id:
        raise NotOnFile(f"The case has no task {task_id}.", "Look at the case for its open tasks.")
    return dock


def load_case(s: Session, case_id: str, then: datetime | None, who: Principal) -> LoadedCase:
    """Load a case as this reader may see it: now, or as it stood `then` (UTC). Raises NotOnFile."""
    reader = who.reviewer
    if then is not None:
        detail = load_detail_as_of(s, case_id, then, reader)
    elif requests.is_on_file(s, case_id):
        detail = load_authorization_detail(s, case_id)
    else:
        detail = load_case_detail(s, case_id, reader)
    known = {one.document_id for one in detail.documents}
    records = tuple(
        one if then is None or (one.opened_at or then) <= then else one.model_copy(update={"opened_at": None})
        for one in list_records(s, case_id, reader)
        if one.record.document_id in known
    )
    related = list_related(s, detail.view, who) if detail.view is not None else ()
    if then is not None:
        related = tuple(one for one in related if one.received_at <= then)
    people = ((one, directory.reviewer(s, one)) for one in people_of(detail))
    names = {reviewer_id: found.name for reviewer_id, found in people if found is not None}
    names |= {one.document_id[:12]: f"'{one.title}'" for one in detail.documents}
    return LoadedCase(detail, records, related, names)


def _parse_moment(s: Session, case_id: str, said: str) -> datetime:
    """The instant meant: with an offset as it stands, else in the case's zone, the earlier of two. Raises Refused."""
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub("+", said.strip()))
        if at.year not in _YEARS:
            raise ValueError
    except ValueError:
        raise refusal(
            "case.moment", "This is no date and time.", "Choose a day and a time, such as 2026-12-03T10:42."
        ) from None
    if at.tzinfo is not None:
        return at
    view = cases.get(s, case_id)
    return utc_of_local_time(at.date(), at.time(), ZoneInfo(view.zone if view is not None else "UTC"))


def _first_read(loaded: LoadedCase, shown: CasePage) -> str | None:
    """The record that stands beside the criteria unless another is chosen: one that this reader has read, best a cited one."""
    read = [one.record.document_id for one in loaded.records if one.opened_at is not None]
    cited = [one for one in read if shown.citations.of_document(one)]
    return next(iter(cited or read), None)


async def open_beside(
    request: Request,
    context: WebContext,
    who: SignedIn,
    loaded: LoadedCase,
    shown: CasePage,
    document: str | None,
    page: int | None,
) -> tuple[LoadedCase, OpenedPage | None, str]:
    """The chosen record at its page, or one that this reader has read; with the case as it is known then. None where there is
    none, or with why it cannot be opened now, while the rest of the page can be read."""
    chosen = document or _first_read(loaded, shown)
    if chosen is None or is_fetched_ahead(request):
        return loaded, None, ""
    try:
        found = await open_page(context, who, shown.case_id, chosen, page, shown.citations)
    except TemporalUnavailable:
        return loaded, None, "The opening could not be recorded, so the record is not shown. Try again in a moment."
    return _with_opening(loaded, found, context.services.clock()), found, ""


def _with_opening(loaded: LoadedCase, opened: OpenedPage | None, now: datetime) -> LoadedCase:
    """The records with the one that was just opened as read."""
    if opened is None or opened.problem:
        return loaded
    records = tuple(
        one.model_copy(update={"opened_at": one.opened_at or now})
        if one.record.document_id == opened.record.document_id
        else one
        for one in loaded.records
    )
    return LoadedCase(loaded.detail, records, loaded.related, loaded.names)
