"""Routes that bring documents: requests, claims, admissions and messages as intake reads them, and records of a case.

The bytes are kept with their receipt before anything reads them; what cannot be read waits for intake, and its sender is told.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from domain.errors import NotReadable, ValidationIssue, refusal
from domain.journal import Actor
from domain.vocabulary import ArrivalKind, Channel
from intake import claims, portal, submission
from intake.admissions import admissions
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.contacts import contacts
from intake.portal import UploadedFile
from intake.requests.records import add_documents
from interop.plain.claim import read_claim
from interop.reader import read_request
from services import access
from services.commands.api_keys import ApiScope
from services.context import CommandResult
from services.principals import Right
from web.api.callers import ApiCaller, require_scope
from web.api.case_routes import CaseId
from web.api.problems import problem_response
from web.api.writes import ACT_RESPONSES, RECEIVED, DoneAct, Once, Receipt, answer_arrival, place_of
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter()
Sender = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.CASES, Right.PROVIDER))]
Staff = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.TASKS))]
Kind = Literal["request", "claim", "admission", "message"]
Title = Annotated[str, Query(min_length=1, max_length=120, description="The title under which people read it.")]
RAW_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes as they are. The content type is not believed: intake looks at the bytes.",
        "content": {
            "application/json": {"schema": {}},
            "application/fhir+json": {"schema": {}},
            "text/plain": {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post(
    "/submissions",
    tags=["Sending"],
    summary="Send a request, claim, admission or message",
    status_code=201,
    response_model=Receipt,
    responses=RECEIVED,
    openapi_extra=RAW_BODY,
)
async def submit(
    request: Request,
    context: Context,
    caller: Sender,
    once: Once,
    kind: Annotated[Kind, Query(description="The kind of document: it decides which part of intake reads it.")],
) -> Response:
    """Send a document as it is: a PAS Bundle or plain request, a plain claim, an HL7 v2 ADT message or batch, a plain callback
    message. The receipt names the arrival, its time, and the case. What cannot be read is kept for intake all the same, and
    answered with 422 and every problem.

    A provider sends requests and claims of its own NPI. The plan's staff send everything, if their role enters requests.
    """
    raw = await request.body()

    async def act(_message_id: str) -> Response:
        if not raw:
            return problem_response(422, "The body is empty.", problems=(_EMPTY,))
        await _require_own(context, caller, kind, raw)
        sender = caller.principal.npi or f"reviewer:{caller.principal.reviewer}"
        services = context.services
        match kind:
            case "claim":
                result = await claims.submit_claim(services, raw, Channel.API, sender)
                return answer_arrival(result, ArrivalKind.CLAIM, caller)
            case "message":
                result = await contacts.receive_document(services, raw, sender, Channel.API)
                return answer_arrival(result, ArrivalKind.CONTACT, caller)
            case "admission":
                return _answer_admissions(await admissions.receive_hl7(services, raw, sender), caller)
            case _:
                return answer_arrival(
                    await submission.submit(services, raw, Channel.API, sender), ArrivalKind.REQUEST, caller
                )

    return await once.once(act)


@router.post(
    "/cases/{case_id}/documents",
    tags=["Sending"],
    summary="Add records to a case",
    response_model=DoneAct,
    responses=ACT_RESPONSES,
    openapi_extra=RAW_BODY,
)
async def add_document(
    request: Request, context: Context, caller: Staff, once: Once, case_id: CaseId, title: Title
) -> Response:
    """Add a document or clinical records, as `umpire add-document`. FHIR resources and plain JSON records are read into facts;
    anything else is a document for people. It counts as received now."""
    raw = await request.body()

    async def act(_message_id: str) -> CommandResult:
        await view_case(context, caller, case_id, "documents")
        file = UploadedFile(name=file_name(raw, title), title=title, content=raw)
        if issues := portal.file_issues(file, "body"):
            raise NotReadable(issues)
        actor = Actor(kind="reviewer", id=caller.principal.reviewer)
        return await add_documents(context.services, case_id, raw, title, actor, channel=Channel.API)

    return await once.do(act)


async def _require_own(context: WebContext, caller: ApiCaller, kind: Kind, raw: bytes) -> None:
    """Raise Refused where this caller may not send this: staff by their role, and a provider by the NPI in the document. What
    cannot be read passes: intake keeps it under the name of its sender."""
    npi = caller.principal.npi
    if npi is None:
        await context.services.read(access.require_role, access.ENTER_REQUESTS, caller.principal.reviewer)
        return
    if kind not in ("request", "claim"):
        raise refusal("submit.kind", "Providers send requests and claims.", "Send admissions by your HL7 interface.")
    try:
        named = await asyncio.to_thread(_npi_of, kind, raw, context)
    except NotReadable:
        return
    if named != npi:
        raise refusal(
            "submit.requester",
            "The document is another provider's: its NPI is not that of your key.",
            "Send it with a key of the provider who asks, or bills.",
        )


def _npi_of(kind: Kind, raw: bytes, context: WebContext) -> str:
    now = context.services.clock()
    if kind == "claim":
        return read_claim(raw, now, Channel.API).claim.billing_provider.npi
    return read_request(raw, now, Channel.API).request.requesting_provider.npi


def _answer_admissions(found: tuple[AdmissionResult, ...], caller: ApiCaller) -> Response:
    """One answer for a message or batch: the worst of its messages, with all of them."""
    problems = tuple(issue for one in found for issue in one.problems)
    kinds = {one.kind for one in found}
    if kinds & {AdmissionStatus.REJECTED, AdmissionStatus.NEEDS_PERSON}:
        return problem_response(422, " ".join(one.answer for one in found), problems=problems)
    first = found[0]
    where = place_of(first.stay_id, caller) if first.stay_id is not None else None
    kept = AdmissionStatus.STORED in kinds or AdmissionStatus.WAITING in kinds
    result = {
        "kind": "kept" if kept else "started" if AdmissionStatus.OPENED in kinds else "joined",
        "inbox_id": first.inbox_id,
        "received_at": first.received_at.isoformat(),
        "case_id": first.stay_id,
        "says": " ".join(one.says for one in found),
        "problems": [],
        "notes": [issue.model_dump(mode="json") for one in found for issue in one.notes],
    }
    told = {"result": result, "arrival": ArrivalKind.ADMISSION.value, "look_at": where}
    return JSONResponse(told, 202 if kept else 201 if AdmissionStatus.OPENED in kinds else 200)


def file_name(raw: bytes, title: str) -> str:
    """A name that tells coded records from documents."""
    return f"{title}.json" if raw.lstrip()[:1] in (b"{", b"[") else title


_EMPTY = ValidationIssue(path="body", rule="submit.empty", message="nothing was sent", expected="the document")
