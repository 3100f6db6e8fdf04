"""Parts of a case that have pages of their own: why its clocks bind it, and its whole journal."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from activities.lookups.clock_inputs import clock_inputs
from domain.authorization.orders import ReviewInput
from domain.case_numbers import kind_of
from domain.clocks.events import ClockEvent
from domain.clocks.facts import ClockFacts
from domain.errors import NotOnFile
from domain.journal import EntryKind
from domain.vocabulary import ProcessKind
from rulebook.rulebook import Rulebook
from services.case_lookup import sees_case
from services.principals import Principal, Right
from services.queries.clock_survey import describe_facts, survey_clocks
from store import cases, journal
from web.context import Context, SignedIn, require
from web.pages.case import load_case
from web.presentation.cases.case_page import describe_news
from web.presentation.instants import describe_instant, describe_moment
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]
ENTRIES_A_PAGE = 50


@router.get("/cases/{case_id}/clocks")
async def show_clocks(request: Request, context: Context, who: Reader, case_id: str) -> Response:
    """Every clock rule with the reason that it does or does not bind the request."""
    await view_case(context, who, case_id, "clocks")
    if kind_of(case_id) is not ProcessKind.REQUEST:
        raise NotOnFile("Only requests have a survey of clock rules.", "See the clocks on the page of the case.")
    book, services = context.rulebook, context.services
    found = await services.read(
        survey_clocks, case_id, book.clocks, book.calendar, partial(_inputs, book), services.clock()
    )
    return render_page(
        request,
        "case_clocks.html",
        case_id=case_id,
        survey=found,
        total=len(book.clocks),
        version=book.version,
        facts=describe_facts(found.facts, describe_instant),
        describe=describe_instant,
    )


@router.get("/cases/{case_id}/journal")
async def show_journal(
    request: Request,
    context: Context,
    who: Reader,
    case_id: str,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The journal, the latest entries first; `before` is the number of an entry, for older ones."""
    await view_case(context, who, case_id, "journal")
    loaded = await context.services.read(load_case, case_id, None, who.principal)
    entries = [one for one in loaded.detail.entries if before is None or one.seq < before]
    page = entries[-ENTRIES_A_PAGE:]
    return render_page(
        request,
        "case_journal.html",
        case_id=case_id,
        entries=tuple(reversed(page)),
        total=len(loaded.detail.entries),
        older=page[0].seq if page and len(page) < len(entries) else None,
        newer=before is not None,
        names=loaded.names,
        zone=loaded.detail.zone,
    )


@router.get("/cases/{case_id}/news")
async def tell_news(
    request: Request, context: Context, who: Reader, case_id: str, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> Response:
    """A line about what came to the case behind entry `after`, for a page that is open; empty while nothing did. An open page
    asks for it in the background, so it is no view of the case: it holds nothing of it but kinds of entries."""
    kinds = await context.services.read(_kinds_behind, who.principal, case_id, after)
    if not kinds:
        return Response(status_code=204)
    return render_page(request, "parts/case_news.html", case_id=case_id, news=describe_news(kinds))


@router.get("/cases/{case_id}/print.css")
async def foot_printed_pages(context: Context, who: Reader, case_id: str) -> Response:
    """The style of a printed case: on each page's foot its number, who printed it and when."""
    await view_case(context, who, case_id, "case")
    view = await context.services.read(cases.get, case_id)
    at = describe_moment(context.services.clock(), view.zone if view is not None else "UTC")
    foot = f"{case_id} · printed by {who.principal.name}, {at}"
    quoted = "".join(one if one.isalnum() or one in " .,:·-" else " " for one in foot)
    style = f'@page{{@bottom-left{{content:"{quoted}";font-size:8pt}}}}'
    return Response(style, media_type="text/css")


def _kinds_behind(s: Session, who: Principal, case_id: str, after: int) -> tuple[EntryKind, ...]:
    """The kinds of the later entries, but for what this reader did and what others read.

    Raises NotOnFile for a case that is not for them.
    """
    if not sees_case(s, who, case_id):
        raise NotOnFile(f"There is no case {case_id} for you.", "Search by member, provider or number.")
    later = journal.entries(s, case_id, after)
    return tuple(one.kind for one in later if one.actor != who.actor and one.kind is not EntryKind.RECORD_OPENED)


def _inputs(book: Rulebook, s: Session, order: ReviewInput) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    return clock_inputs(s, book, order)
