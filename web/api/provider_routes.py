"""Routes for a provider's own requests: read them, answer what is asked, add records, expedite, withdraw; and look up whether
a service needs authorization. The provider is who the credential is of; another's request is not on file for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import Field

from domain.errors import NotReadable, ValidationIssue
from domain.evidence.facts import FactValue
from domain.model import Model
from domain.vocabulary import ArrivalKind, AskedBy
from intake import portal
from intake.portal import TypedAnswer, UploadedFile
from services.commands.api_keys import ApiScope
from services.commands.case_actions import request_expedite
from services.context import CommandResult
from services.principals import Right
from services.queries.providers import provider_requests
from services.queries.providers.authorization_need import LookUp, NeedQuestion, load_look_up, look_up
from services.queries.providers.information_items import document_title
from services.queries.providers.provider_requests import OwnRequest, OwnRequestDetail
from web.api.callers import ApiCaller, require_scope
from web.api.case_routes import CaseId
from web.api.problems import responses
from web.api.submission_routes import RAW_BODY, Title, file_name
from web.api.writes import ACT_RESPONSES, RECEIVED, DoneAct, Once, Receipt, answer_arrival, post_act
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter(prefix="/provider", tags=["Providers"])
Reader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.PROVIDER))]
Sender = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.PROVIDER))]


class FactAnswer(Model):
    """A fact of an information request, in the provider's bare word."""

    fact_id: str = Field(min_length=1, max_length=200)
    value: FactValue
    unit: str | None = None
    effective: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="The day of the value.")


class WordAnswer(Model):
    """An answer in words to an item that is no coded fact."""

    item_id: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=20_000)


class InformationAnswers(Model):
    """Answers to some or all items of an information request."""

    facts: tuple[FactAnswer, ...] = ()
    words: tuple[WordAnswer, ...] = ()


class ProviderExpedite(Model):
    """A provider's request for a faster answer."""

    physician_statement: bool = Field(
        description="Whether a physician states that the standard time could seriously harm; it then binds."
    )


class ProviderWithdrawal(Model):
    """A provider takes its request back."""

    why: str = Field(default="", max_length=2000, description="The reason, if it is to be on file.")


@router.get("/requests", summary="Your requests", response_model=list[OwnRequest], responses=responses())
async def read_own_requests(
    context: Context,
    caller: Reader,
    all_of_them: Annotated[bool, Query(alias="all", description="Also old ones.")] = False,
) -> tuple[OwnRequest, ...]:
    """Those that are open or were decided in the last 30 days: what waits for you first, each with its standing in one
    sentence."""
    services = context.services
    return await services.read(
        provider_requests.list_own_requests,
        _npi(caller),
        services.fact_definitions,
        services.clock(),
        all_of_them=all_of_them,
    )


@router.get(
    "/requests/{case_id}",
    summary="One of your requests",
    response_model=OwnRequestDetail,
    responses=responses(404),
)
async def read_own_request(context: Context, caller: Reader, case_id: CaseId) -> OwnRequestDetail:
    """With lines, letters to you, and what is asked of you. No reviewer is named: the plan answers."""
    return await _own(context, caller, case_id, "request")


@router.get(
    "/requests/{case_id}/letters/{letter_id}",
    summary="A letter to you",
    response_class=PlainTextResponse,
    responses=responses(404) | {200: {"description": "The letter.", "content": {"text/plain": {}, "text/html": {}}}},
)
async def read_own_letter(
    context: Context,
    caller: Reader,
    case_id: CaseId,
    letter_id: Annotated[str, Path(min_length=1, max_length=200, pattern="^[A-Za-z0-9:_.-]+$")],
    form: Annotated[str, Query(alias="format", pattern="^(text|html)$", description="text or html.")] = "text",
) -> Response:
    """The letter as it was sent."""
    await _own(context, caller, case_id, "letter")
    one = await context.services.read(provider_requests.load_own_letter, _npi(caller), case_id, letter_id)
    if form == "html":
        policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
        return HTMLResponse(one.rendered.html, headers=policy)
    return PlainTextResponse(one.rendered.text)


@post_act(router, "/requests/{case_id}/answers", "Answer an information request")
async def answer_items(
    context: Context, caller: Sender, once: Once, case_id: CaseId, form: InformationAnswers
) -> Response:
    """Answer item by item; the open ones stand in your request. Records that show an answer go to `documents`."""

    async def act(_message_id: str) -> CommandResult:
        detail = await _own(context, caller, case_id, "request")
        answers, files = _read_answers(detail, form)
        return await portal.send_records(context.services, _npi(caller), case_id, answers, files)

    return await once.do(act)


@router.post(
    "/requests/{case_id}/documents",
    summary="Add a record to your request",
    response_model=DoneAct,
    responses=ACT_RESPONSES,
    openapi_extra=RAW_BODY,
)
async def add_own_document(
    request: Request, context: Context, caller: Sender, once: Once, case_id: CaseId, title: Title
) -> Response:
    """A PDF, picture or text as it is, or coded records as JSON, which are read into facts. It counts as received now."""
    raw = await request.body()

    async def act(_message_id: str) -> CommandResult:
        await _own(context, caller, case_id, "documents")
        file = UploadedFile(name=file_name(raw, title), title=title, content=raw)
        if issues := portal.file_issues(file, "body"):
            raise NotReadable(issues)
        return await portal.send_records(context.services, _npi(caller), case_id, [], [file])

    return await once.do(act)


@post_act(router, "/requests/{case_id}/expedite", "Ask for a faster answer")
async def expedite(context: Context, caller: Sender, once: Once, case_id: CaseId, form: ProviderExpedite) -> Response:
    """With a physician's statement expediting is mandatory; without one a clinician of the plan decides promptly."""

    async def act(message_id: str) -> CommandResult:
        await _own(context, caller, case_id, "request")
        return await request_expedite(
            context.services, case_id, AskedBy.PROVIDER, form.physician_statement, message_id=message_id
        )

    return await once.do(act)


@router.post(
    "/requests/{case_id}/withdraw",
    summary="Withdraw your request",
    response_model=Receipt,
    responses=RECEIVED | responses(404, 415),
)
async def withdraw(context: Context, caller: Sender, once: Once, case_id: CaseId, form: ProviderWithdrawal) -> Response:
    """Take the whole request back. Letters confirm it; nothing is decided."""

    async def act(message_id: str) -> Response:
        await _own(context, caller, case_id, "request")
        result = await portal.withdraw_own_request(
            context.services, _npi(caller), case_id, f"withdraw-{message_id}", form.why
        )
        return answer_arrival(result, ArrivalKind.REQUEST, caller)

    return await once.once(act)


@router.post(
    "/look-ups",
    summary="Does a service need authorization?",
    response_model=LookUp,
    responses=responses(400, 409, 413, 415),
)
async def ask_need(context: Context, caller: Reader, once: Once, question: NeedQuestion) -> Response:
    """Answered at once by the rules that a case would meet, with reason and citation, and kept under a number."""

    async def act(message_id: str) -> Response:
        services, principal = context.services, caller.principal
        found = await services.write(
            look_up,
            context.need_sources,
            question,
            _npi(caller),
            principal.account_id,
            f"{principal.account_id}|{message_id}",
            services.clock(),
        )
        return JSONResponse(found.model_dump(mode="json"))

    return await once.once(act)


@router.get(
    "/look-ups/{number}",
    summary="An answer as it was given",
    response_model=LookUp,
    responses=responses(404),
)
async def read_need(
    context: Context,
    caller: Reader,
    number: Annotated[str, Path(min_length=1, max_length=40, pattern="^[A-Za-z0-9-]+$")],
) -> LookUp:
    """The kept answer, with the rulebook of that time."""
    return await context.services.read(load_look_up, number, _npi(caller))


def _npi(caller: ApiCaller) -> str:
    return caller.principal.npi or ""


async def _own(context: WebContext, caller: ApiCaller, case_id: str, what: str) -> OwnRequestDetail:
    """The provider's own request, whose view is recorded. Raises NotOnFile for another provider's."""
    services, npi = context.services, _npi(caller)
    # The view comes first: a look at another provider's case is refused, and recorded all the same.
    await view_case(context, caller, case_id, what)
    await services.read(provider_requests.require_own, npi, case_id)
    return await services.read(
        provider_requests.load_own_request, npi, case_id, services.fact_definitions, services.clock()
    )


def _read_answers(detail: OwnRequestDetail, form: InformationAnswers) -> tuple[list[TypedAnswer], list[UploadedFile]]:
    """The answers as they are sent. Raises NotReadable for items that are not open, and for none at all."""
    left = {item.item_id: item for item in detail.row.left}
    problems = [
        ValidationIssue(
            path=f"body.{where}", rule="answers.item", message="this item is not open", expected="an open item"
        )
        for where, name in (
            *((f"facts.{place}", one.fact_id) for place, one in enumerate(form.facts)),
            *((f"words.{place}", one.item_id) for place, one in enumerate(form.words)),
        )
        if name not in left
    ]
    if not (form.facts or form.words):
        problems.append(ValidationIssue(path="body", rule="answers.none", message="no item is answered"))
    if problems:
        raise NotReadable(tuple(problems))
    answers = [TypedAnswer.model_validate(one.model_dump()) for one in form.facts]
    files = [
        UploadedFile(
            name="answer.txt",
            title=document_title(left[one.item_id].asks, "Answer in words"),
            content=one.text.encode(),
        )
        for one in form.words
    ]
    return answers, files
