"""The inbox: arrivals that could not be read, with the raw document, what is wrong with it, and the ways to go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import NotOnFile
from domain.vocabulary import ArrivalKind
from intake.mending import resubmit_mended
from services.commands import inbox_actions
from services.context import SubmissionStatus
from services.fitting_work import plan_zone
from services.principals import Right
from store import inbox
from store.inbox import InboxItem, InboxStatus
from web.context import Context, RowNumber, SignedIn, WebContext, require
from web.notices import leave_notice
from web.presentation.raw_documents import marked_lines, text_of
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.INBOX))]
MOST_SHOWN = 200
_DOWNLOAD = {"content-disposition": "attachment", "content-security-policy": "sandbox; default-src 'none'"}


@router.get("/inbox")
async def list_arrivals(request: Request, context: Context, who: Reader) -> Response:
    """Arrivals that wait for intake, the least time left first."""
    items = await context.services.read(inbox.list_open)
    ordered = sorted(items, key=lambda item: (item.due_at, item.inbox_id))
    zone = await context.services.read(plan_zone)
    return render_page(request, "inbox.html", items=ordered[:MOST_SHOWN], total=len(items), zone=zone)


@router.get("/inbox/{number}")
async def show_arrival(request: Request, context: Context, who: Reader, number: RowNumber) -> Response:
    """One arrival, its raw document beside what is wrong with it."""
    await _view(context, who, number)
    return await _render(request, context, number)


@router.get("/inbox/{number}/raw")
async def download_raw(context: Context, who: Reader, number: RowNumber) -> Response:
    """The bytes as they arrived, as a download that no browser runs."""
    await _view(context, who, number)
    raw = await context.services.read(inbox.raw, number)
    return Response(raw, media_type="application/octet-stream", headers=_DOWNLOAD)


@router.post("/inbox/{number}/mend")
async def mend_arrival(
    request: Request, context: Context, who: Reader, number: RowNumber, mended: Annotated[str, Form()]
) -> Response:
    """Submit the document as it was mended."""
    await _view(context, who, number)
    found = await resubmit_mended(context.services, number, mended.encode(), who.principal.reviewer)
    if found.kind is SubmissionStatus.REFUSED:
        return await _render(request, context, number, mended=mended, problems=found.problems, status=422)
    await leave_notice(context, who, "ok", found.says, lead=f"INBOX-{number} is mended.")
    return RedirectResponse(f"/cases/{found.case_id}" if found.case_id else "/inbox", 303)


@router.post("/inbox/{number}/resolve")
async def resolve_arrival(
    request: Request, context: Context, who: Reader, number: RowNumber, note: Annotated[str, Form()] = ""
) -> Response:
    """Resolve an arrival that was handled otherwise, with a note of how."""
    await _view(context, who, number)
    if not note.strip():
        return await _render(request, context, number, wrong="Write what was done with it.", status=422)
    services = context.services
    await services.write(inbox_actions.resolve_items, (number,), who.principal.reviewer, note, services.clock())
    await leave_notice(context, who, "ok", f"INBOX-{number} is resolved. Its bytes stay on file.")
    return RedirectResponse("/inbox", 303)


async def _view(context: WebContext, who: SignedIn, number: int) -> None:
    """Raise NotOnFile for an arrival that became a case which is not for this person; the view of any case is recorded."""
    item = await context.services.read(inbox.get, number)
    if item.case_id is None:
        return
    try:
        await view_case(context, who, item.case_id, "arrival")
    except NotOnFile:
        raise inbox.not_on_file(number) from None


async def _render(
    request: Request,
    context: WebContext,
    number: int,
    *,
    mended: str | None = None,
    problems: tuple[object, ...] = (),
    wrong: str | None = None,
    status: int = 200,
) -> Response:
    item, raw = await context.services.read(inbox.load, number)
    text = text_of(raw)
    return render_page(
        request,
        "inbox_item.html",
        status,
        item=item,
        zone=await context.services.read(plan_zone),
        lines=marked_lines(text, item.problems) if text is not None else (),
        text=mended if mended is not None else text,
        still=problems,
        wrong=wrong,
        is_open=item.status is InboxStatus.REFUSED,
        may_mend=_may_mend(item) and text is not None,
    )


def _may_mend(item: InboxItem) -> bool:
    return item.status is InboxStatus.REFUSED and item.kind in (None, ArrivalKind.REQUEST)
