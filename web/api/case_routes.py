"""Routes that read one case: the case itself, its clocks, criteria, journal, records, letters. Each view is recorded."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from activities.lookups.clock_inputs import clock_inputs
from domain.authorization.orders import ReviewInput
from domain.clocks.events import ClockEvent
from domain.clocks.facts import ClockFacts
from domain.errors import NotOnFile
from domain.journal import JournalEntry
from domain.model import Model
from rulebook.rulebook import Rulebook
from services.commands import desk_actions
from services.commands.api_keys import ApiScope
from services.principals import Right
from services.queries.authorization_detail import load_authorization_detail
from services.queries.case_desk import RecordStanding, list_records
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.case_documents import AuthorizationDocument, CaseDocument, LetterDocument, case_document
from services.queries.case_history import load_detail_as_of
from services.queries.clock_survey import ClockSurveyDocument, survey_clocks, survey_document
from store import letters, requests
from store.criteria_traces import StoredCriteriaResult
from store.letters import LetterRecord
from web.api.callers import ApiCaller, require_scope
from web.api.problems import responses
from web.context import Context
from web.security.case_views import view_case

router = APIRouter(tags=["Cases"])
Reader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.CASES))]
CaseId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=60,
        pattern="^[A-Za-z0-9-]+$",
        description="The case's number.",
        examples=["PA-7K3QX2MDVH5A"],
    ),
]
_CASE_ERRORS = responses(404)


class CaseCriteria(Model):
    """The criteria of each line of a case as they came out, with the evidence of every node."""

    case_id: str
    criteria: tuple[StoredCriteriaResult, ...]


@router.get(
    "/cases/{case_id}",
    summary="A case of any process, now or as it stood",
    response_model=AuthorizationDocument | CaseDocument,
    responses=_CASE_ERRORS,
)
async def read_case(
    context: Context,
    caller: Reader,
    case_id: CaseId,
    at: Annotated[
        AwareDatetime | None,
        Query(description="As it stood at this instant, with what was known then; now unless given."),
    ] = None,
) -> CaseDocument:
    """Everything on file about the case, as `umpire show --json` gives it. The view is recorded."""
    await view_case(context, caller, case_id, "case" if at is None else "case as it stood at a past moment")
    return case_document(await context.services.read(_load_detail, case_id, caller.principal.reviewer, at))


@router.get(
    "/cases/{case_id}/clocks",
    summary="Every clock rule, with why it binds the case or not",
    response_model=ClockSurveyDocument,
    responses=_CASE_ERRORS,
)
async def read_clocks(context: Context, caller: Reader, case_id: CaseId) -> ClockSurveyDocument:
    """Each rule of the rulebook looked at for this authorization, by the facts on file now, as `umpire clocks --json`."""
    await view_case(context, caller, case_id, "clocks")
    book, now = context.rulebook, context.services.clock()
    found = await context.services.read(
        survey_clocks, case_id, book.clocks, book.calendar, partial(_clock_inputs, book), now
    )
    return survey_document(found, book.version)


@router.get(
    "/cases/{case_id}/criteria",
    summary="Criteria of each line, node by node",
    response_model=CaseCriteria,
    responses=_CASE_ERRORS,
)
async def read_criteria(context: Context, caller: Reader, case_id: CaseId) -> CaseCriteria:
    """The traces of the current lines: each criterion met, not met or unknown, with value, source and day."""
    await view_case(context, caller, case_id, "criteria")
    detail = await context.services.read(_load_detail, case_id, caller.principal.reviewer, None)
    document = case_document(detail)
    found = document.criteria if isinstance(document, AuthorizationDocument) else ()
    return CaseCriteria(case_id=case_id, criteria=found)


@router.get(
    "/cases/{case_id}/journal",
    summary="Journal of the case, with its chain of hashes",
    response_model=list[JournalEntry],
    responses=_CASE_ERRORS,
)
async def read_journal(context: Context, caller: Reader, case_id: CaseId) -> tuple[JournalEntry, ...]:
    """Every entry in order. Entries of a concern are without data for who does not work on it."""
    await view_case(context, caller, case_id, "journal")
    return (await context.services.read(_load_detail, case_id, caller.principal.reviewer, None)).entries


@router.get(
    "/cases/{case_id}/documents",
    summary="Records of the case, with when you opened each",
    response_model=list[RecordStanding],
    responses=_CASE_ERRORS,
)
async def read_documents(context: Context, caller: Reader, case_id: CaseId) -> tuple[RecordStanding, ...]:
    """The records in order of receipt, as `umpire record --json` lists them."""
    await view_case(context, caller, case_id, "documents")
    return await context.services.read(list_records, case_id, caller.principal.reviewer)


@router.get(
    "/cases/{case_id}/documents/{document_id}/content",
    summary="Content of a record; the opening is on the case",
    response_class=Response,
    responses=responses(404, 409)
    | {200: {"description": "The bytes as they arrived.", "content": {"application/octet-stream": {}}}},
)
async def open_document(
    context: Context,
    caller: Reader,
    case_id: CaseId,
    document_id: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The record's SHA-256.")],
) -> Response:
    """The content. The journal says that you opened it before anything is sent: a decision may rest on opened records alone.
    Without a worker to record it, nothing is shown (503)."""
    await view_case(context, caller, case_id, "document")
    opened = await desk_actions.open_record(context.services, case_id, document_id, caller.principal.reviewer)
    headers = {"content-disposition": "attachment", "x-document-type": _plain_type(opened.reference.content_type)}
    return Response(opened.content, media_type="application/octet-stream", headers=headers)


@router.get(
    "/cases/{case_id}/letters",
    summary="Letters of the case",
    response_model=list[LetterDocument],
    responses=_CASE_ERRORS,
)
async def read_letters(context: Context, caller: Reader, case_id: CaseId) -> tuple[LetterDocument, ...]:
    """Each letter with its text and delivery."""
    await view_case(context, caller, case_id, "letters")
    return case_document(await context.services.read(_load_detail, case_id, caller.principal.reviewer, None)).letters


@router.get(
    "/cases/{case_id}/letters/{letter_id}",
    summary="A letter as text or HTML, as its reader gets it",
    response_class=PlainTextResponse,
    responses=responses(404) | {200: {"description": "The letter.", "content": {"text/plain": {}, "text/html": {}}}},
)
async def read_letter(
    context: Context,
    caller: Reader,
    case_id: CaseId,
    letter_id: Annotated[str, Path(min_length=1, max_length=200, pattern="^[A-Za-z0-9:_.-]+$")],
    form: Annotated[str, Query(alias="format", pattern="^(text|html)$", description="text or html.")] = "text",
) -> Response:
    """The letter itself. `format=html` is the page that was sent, byte for byte."""
    await view_case(context, caller, case_id, "letter")
    one = await context.services.read(_letter_of, case_id, letter_id)
    if form == "html":
        policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
        return HTMLResponse(one.rendered.html, headers=policy)
    return PlainTextResponse(one.rendered.text)


def _load_detail(s: Session, case_id: str, reviewer: str, at: datetime | None) -> CaseDetail:
    if at is not None:
        return load_detail_as_of(s, case_id, at, reviewer)
    if requests.is_on_file(s, case_id):
        return load_authorization_detail(s, case_id)
    return load_case_detail(s, case_id, reviewer)


def _letter_of(s: Session, case_id: str, letter_id: str) -> LetterRecord:
    one = letters.get(s, letter_id)
    if one.case_id != case_id:
        raise NotOnFile(f"Case {case_id} has no such letter.", "List its letters.")
    return one


def _clock_inputs(book: Rulebook, s: Session, order: ReviewInput) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    return clock_inputs(s, book, order)


def _plain_type(said: str) -> str:
    return said if re.fullmatch(r"[A-Za-z0-9.+/; =_-]{1,100}", said) else "application/octet-stream"
