"""Records of a case: read as text or as drawn pages, each opening recorded, and what cannot be shown given out as a file.

Showing a record is the one act behind a GET: it records that this reviewer opened it, once, before its content is sent. A
browser that only fetches ahead opens nothing, and what cannot be shown is not opened by trying.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from domain.errors import NotOnFile
from domain.requests.request import DocumentReference
from services.commands import desk_actions
from services.principals import Right
from services.queries.case_desk import RecordStanding, list_records
from store import cases, documents
from web.context import Context, SignedIn, WebContext, require
from web.pictures.pages import NotDrawable, RecordForm, form_of_record
from web.presentation.cases.citations import CitationList, Paragraph, find_page, mark_text, split_pages
from web.presentation.safe_names import file_name
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]
PageNumber = Annotated[int | None, Query(ge=1, le=100_000)]
_ALONE = {"content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}


@dataclass(frozen=True)
class OpenedPage:
    """One page of an opened record: `paragraphs` of a text, None where it is a picture; `problem` says why none is shown."""

    record: DocumentReference
    form: RecordForm
    page: int
    count: int
    paragraphs: tuple[Paragraph, ...] | None = None
    problem: str = ""


async def open_page(
    context: WebContext,
    who: SignedIn,
    case_id: str,
    document_id: str,
    page: int | None,
    cited: CitationList | None = None,
) -> OpenedPage:
    """Open a record for this reviewer at a page; None: where the first passage of `cited` stands.

    Raises NotOnFile, Refused, and TemporalUnavailable when the opening could not be recorded.
    """
    shown = await _prepare_page(context, who, case_id, document_id, page, cited)
    if not shown.problem:
        # What cannot be shown was not opened: it is once it is downloaded.
        await desk_actions.open_record(
            context.services, case_id, shown.record.document_id, who.principal.reviewer, once=True
        )
    return shown


async def _prepare_page(
    context: WebContext,
    who: SignedIn,
    case_id: str,
    document_id: str,
    page: int | None,
    cited: CitationList | None,
) -> OpenedPage:
    """The page as it will be shown once the opening is recorded. Raises NotOnFile and Refused."""
    record = await context.services.read(desk_actions.find_openable, case_id, document_id, who.principal.reviewer)
    content = await context.services.read(documents.get, record.document_id)
    text = desk_actions.decode_text(record, content)
    form = form_of_record(content, text is not None)
    citations = cited.of_document(record.document_id) if cited is not None else ()
    if form is RecordForm.TEXT:
        pages = split_pages(text or "")
        at = page if page is not None else find_page(pages, citations[0]) if citations else 1
        if at > len(pages):
            raise NotOnFile(f"The record has {len(pages)} pages.", "Open its first page.")
        return OpenedPage(record, form, at, len(pages), mark_text(pages[at - 1], citations))
    if form is RecordForm.OTHER:
        return OpenedPage(record, form, 1, 1, problem="Files of this kind are not shown here; download it to read it.")
    at = page if page is not None else next((one.page for one in citations if one.page is not None), 1)
    try:
        drawn = await context.drawer.draw(record.document_id, content, form, at)
    except NotDrawable:
        problem = "The file could not be drawn: it is damaged, protected or too large. Download it to read it."
        return OpenedPage(record, form, 1, 1, problem=problem)
    except LookupError:
        raise NotOnFile("The record has no such page.", "Open its first page.") from None
    return OpenedPage(record, form, at, drawn.count)


def is_fetched_ahead(request: Request) -> bool:
    """Whether a browser fetches the page before anybody asked for it."""
    return "prefetch" in (request.headers.get("sec-purpose", "") + request.headers.get("purpose", ""))


@router.get("/cases/{case_id}/documents/{document_id}")
async def show_document(
    request: Request, context: Context, who: Reader, case_id: str, document_id: str, page: PageNumber = None
) -> Response:
    """A record alone, at a page."""
    await view_case(context, who, case_id, "document")
    if is_fetched_ahead(request):
        return Response(status_code=503)
    shown = await open_page(context, who, case_id, document_id, page)
    records = await context.services.read(list_records, case_id, who.principal.reviewer)
    view = await context.services.read(cases.get, case_id)
    return render_page(
        request,
        "case_document.html",
        case_id=case_id,
        shown=shown,
        records=records,
        zone=view.zone if view is not None else "UTC",
        opened_at=_opened_at(records, shown.record.document_id),
    )


@router.get("/cases/{case_id}/documents/{document_id}/pages/{page}.png")
async def draw_page(context: Context, who: Reader, case_id: str, document_id: str, page: int) -> Response:
    """A page of a PDF or picture, drawn anew."""
    await view_case(context, who, case_id, "document")
    opened = await desk_actions.open_record(context.services, case_id, document_id, who.principal.reviewer, once=True)
    kind = form_of_record(opened.content, opened.text is not None)
    if kind not in (RecordForm.PDF, RecordForm.IMAGE):
        raise NotOnFile("The record has no drawn pages.", "Open the record itself.")
    try:
        drawn = await context.drawer.draw(opened.reference.document_id, opened.content, kind, page)
    except (NotDrawable, LookupError):
        raise NotOnFile("This page cannot be drawn.", "Download the file.") from None
    return Response(drawn.png, media_type="image/png", headers=_ALONE)


@router.get("/cases/{case_id}/documents/{document_id}/file")
async def download(context: Context, who: Reader, case_id: str, document_id: str) -> Response:
    """The record as a file, which no browser opens as a page of ours."""
    await view_case(context, who, case_id, "document")
    opened = await desk_actions.open_record(context.services, case_id, document_id, who.principal.reviewer, once=True)
    record = opened.reference
    name = file_name(record.title, record.content_type, opened.content, opened.text is not None)
    headers = _ALONE | {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(opened.content, media_type="application/octet-stream", headers=headers)


def _opened_at(records: tuple[RecordStanding, ...], document_id: str) -> object:
    return next((one.opened_at for one in records if one.record.document_id == document_id), None)
