"""A provider's requests: the list, one request with its letters and records, and the acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from domain.errors import NotReadable, Refused, RuleViolation
from domain.vocabulary import AskedBy
from engine import edge_clock
from intake import portal
from intake.portal import UploadedFile
from services.commands.case_actions import request_expedite
from services.context import CommandStatus, SubmissionStatus
from services.principals import Right
from services.queries.providers import provider_requests
from services.queries.providers.draft_reminders import reminders_of
from services.queries.providers.information_items import AskedItem, document_title
from services.queries.providers.provider_requests import OwnRequestDetail, office_zone
from store.portal import drafts
from web.context import Context, SignedIn, WebContext, require
from web.notices import leave_notice
from web.presentation.draft_titles import TitledDraft
from web.presentation.entered_values import form_text, read_answer
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Provider = Annotated[SignedIn, Depends(require(Right.PROVIDER))]
_DONE = {
    "answered": "We have your answers, kept with the time they came. The criteria are read again with them.",
    "known": "We have all of this already. Nothing needs to be done.",
    "uploaded": "We have the record, kept with the time it came.",
    "kept": "Kept, and goes on by itself; you need not send it again.",
    "expedited": "We have your request for a faster answer.",
    "withdrawn": "The request is withdrawn. Letters confirm it; nothing was decided.",
}
_LABELS = {"file": "The record", "sure": "Withdraw", "statement": "The physician's statement"}


def npi_of(who: SignedIn) -> str:
    """The NPI of the provider who is signed in, who alone has the right to these pages."""
    return who.principal.npi or ""


@router.get("/provider")
async def list_requests(request: Request, context: Context, who: Provider) -> Response:
    """The provider's own requests, the one that waits for them first, and their drafts."""
    services = context.services
    whole = request.query_params.get("all") == "1"
    rows = await services.read(
        provider_requests.list_own_requests,
        npi_of(who),
        services.fact_definitions,
        services.clock(),
        all_of_them=whole,
    )
    waiting = sum(one.step.value in ("answer", "call") for one in rows)
    own = await services.read(drafts.of_account, who.principal.account_id, services.clock())
    return render_page(
        request,
        "provider/requests.html",
        rows=rows,
        waiting=waiting,
        whole=whole,
        drafts=[TitledDraft(one) for one in own],
        reminders=await services.read(reminders_of, npi_of(who), own),
        reminded=[TitledDraft(one) for one in own if one.remind_at <= services.clock()],
        zone=await services.read(office_zone, npi_of(who)),
    )


@router.get("/provider/requests/{case_id}")
async def show_request(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """One request of the provider's own."""
    detail = await _own(context, who, case_id, "request")
    return _page(request, detail)


@router.get("/provider/requests/{case_id}/letters/{letter_id:path}")
async def show_letter(request: Request, context: Context, who: Provider, case_id: str, letter_id: str) -> Response:
    """A letter that was sent to the provider."""
    detail = await _own(context, who, case_id, "letter")
    letter = await context.services.read(provider_requests.load_own_letter, npi_of(who), case_id, letter_id)
    return render_page(request, "provider/letter.html", letter=letter, case_id=case_id, zone=detail.row.zone)


@router.post("/provider/requests/{case_id}/answers")
async def answer_items(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Send answers to some or all items of the information request, with the records that show them."""
    detail = await _own(context, who, case_id, "request")
    form = await request.form()
    problems: dict[str, str] = {}
    answers: list[portal.TypedAnswer] = []
    files: list[UploadedFile] = []
    for place, item in _answered_items(form, detail):
        file = await read_file(form, f"f-{place}", item.asks)
        said = form_text(form, f"v-{place}")
        if file is not None:
            problems |= {f"f-{place}": describe_issue(one) for one in portal.file_issues(file)}
            files.append(file)
        known = context.services.fact_definitions.get(item.item_id)
        if known is not None:
            shown_by = len(files) - 1 if file is not None else None
            today = context.services.clock().date()
            read = read_answer(known, said, form_text(form, f"d-{place}"), shown_by, today)
            problems |= {f"v-{place}": read.problem} if read.problem is not None else {}
            answers += [read.answer] if read.answer is not None else []
        elif said:
            title = document_title(item.asks, "Answer in words")
            files.append(UploadedFile(name="answer.txt", title=title, content=said.encode()))
    if not (answers or files or problems):
        problems["v-0" if detail.row.items else "file"] = "Answer at least one item, in words or with a record."
    if problems:
        labels = {f"{kind}-{place}": item.asks for place, item in enumerate(detail.row.items) for kind in "vf"}
        return _page(request, detail, 422, problems=problems, typed=form, labels=labels)
    return await _send(request, context, who, detail, answers, files, "answered", form)


@router.post("/provider/requests/{case_id}/documents")
async def upload(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Add a record to the request; it is kept with the time it came."""
    detail = await _own(context, who, case_id, "request")
    form = await request.form()
    file = await read_file(form, "file")
    if file is None:
        return _page(request, detail, 422, problems={"file": "Choose a file first."}, typed=form)
    issues = portal.file_issues(file)
    if issues:
        return _page(request, detail, 422, problems={"file": describe_issue(issues[0])}, typed=form)
    return await _send(request, context, who, detail, [], [file], "uploaded", form)


@router.post("/provider/requests/{case_id}/expedite")
async def expedite(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Ask for an expedited review, with a physician's statement or without one."""
    detail = await _own(context, who, case_id, "request")
    form = await request.form()
    said = {"yes": True, "no": False}.get(form_text(form, "statement"))
    if said is None:
        problems = {"statement": "Say whether a physician states it."}
        return _page(request, detail, 422, problems=problems, typed=form)
    result = await request_expedite(
        context.services, case_id, AskedBy.PROVIDER, said, message_id=_act(form, npi_of(who))
    )
    if result.kind is CommandStatus.REFUSED:
        return _page(request, detail, 409, refusals=result.refusals, typed=form)
    return await _to(context, who, case_id, "expedited" if result.kind is CommandStatus.ACCEPTED else "kept")


@router.post("/provider/requests/{case_id}/withdraw")
async def withdraw(request: Request, context: Context, who: Provider, case_id: str) -> Response:
    """Take the provider's own request back."""
    detail = await _own(context, who, case_id, "request")
    form = await request.form()
    if form_text(form, "sure") != "yes":
        problems = {"sure": "Tick the box to take the whole request back."}
        return _page(request, detail, 422, problems=problems, typed=form)
    number = f"withdraw-{_act(form, npi_of(who))}"
    result = await portal.withdraw_own_request(
        context.services, npi_of(who), case_id, number, form_text(form, "why")[:2000]
    )
    if result.kind is SubmissionStatus.REFUSED:
        refusals = tuple(
            RuleViolation(
                rule=one.rule, message=f"{one.message[:1].upper()}{one.message[1:]}.", way_out=one.expected or ""
            )
            for one in result.problems
        )
        return _page(request, detail, 409, refusals=refusals, typed=form)
    waits = result.kind in (SubmissionStatus.STORED, SubmissionStatus.QUEUED)
    return await _to(context, who, case_id, "kept" if waits else "withdrawn")


# -- shared ----------------------------------------------------------------------------------------------------------------


async def _own(context: WebContext, who: SignedIn, case_id: str, what: str) -> OwnRequestDetail:
    """The provider's own request, whose view is recorded. Raises NotOnFile for another provider's."""
    services = context.services
    # The view comes first: a look at another provider's case is refused, and recorded all the same.
    await view_case(context, who, case_id, what)
    await services.read(provider_requests.require_own, npi_of(who), case_id)
    return await services.read(
        provider_requests.load_own_request, npi_of(who), case_id, services.fact_definitions, services.clock()
    )


async def _send(
    request: Request,
    context: WebContext,
    who: SignedIn,
    detail: OwnRequestDetail,
    answers: list[portal.TypedAnswer],
    files: list[UploadedFile],
    done: str,
    form: FormData,
) -> Response:
    case_id = detail.row.case_id
    try:
        result = await portal.send_records(context.services, npi_of(who), case_id, answers, files)
    except NotReadable as wrong:
        place = "file" if done == "uploaded" else "v-0"
        problems = {place: "; ".join(describe_issue(one) for one in wrong.problems[:5])}
        return _page(request, detail, 422, problems=problems, typed=form)
    except Refused as broken:
        if [one.rule for one in broken.refusals] == ["records.known"]:
            return await _to(context, who, case_id, "known")
        return _page(request, detail, 409, refusals=broken.refusals, typed=form)
    if result.kind is CommandStatus.REFUSED:
        return _page(request, detail, 409, refusals=result.refusals, typed=form)
    return await _to(context, who, case_id, done if result.kind is CommandStatus.ACCEPTED else "kept")


def _page(
    request: Request,
    detail: OwnRequestDetail,
    status: int = 200,
    *,
    problems: Mapping[str, str] | None = None,
    refusals: tuple[RuleViolation, ...] = (),
    typed: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Response:
    return render_page(
        request,
        "provider/request.html",
        status,
        detail=detail,
        row=detail.row,
        answers={line.line_id: line for line in detail.lines},
        problems=problems or {},
        refusals=refusals,
        typed=typed or {},
        labels=labels or _LABELS,
        act=edge_clock.new_message_id(),
        accepted=portal.ACCEPTED_NAMES,
        kinds=portal.FILE_KINDS,
        largest=portal.LARGEST_FILE // 2**20,
    )


def _answered_items(form: FormData, detail: OwnRequestDetail) -> list[tuple[int, AskedItem]]:
    """The open items that the form names, with their places on the page."""
    left = {item.item_id: item for item in detail.row.left}
    named = ((place, form_text(form, f"i-{place}")) for place in range(len(detail.row.items)))
    return [(place, left[item_id]) for place, item_id in named if item_id in left]


async def read_file(form: FormData, name: str, item: str | None = None) -> UploadedFile | None:
    """The uploaded file of a field, titled for the item that it answers; None where none was chosen."""
    found = form.get(name)
    if not isinstance(found, UploadFile) or not found.filename:
        return None
    content = await found.read(portal.LARGEST_FILE + 1)
    short = " ".join(found.filename.replace("\\", "/").rpartition("/")[2].split())[:120]
    return UploadedFile(name=short, title=document_title(item, short) if item else short, content=content)


def describe_issue(issue: Any) -> str:
    """An issue as the sentence beside its field."""
    message = f"{issue.message[:1].upper()}{issue.message[1:]}."
    return f"{message} Expected: {issue.expected}." if issue.expected else message


def _act(form: FormData, npi: str) -> str:
    """The number of the act that the form was shown with; a new one where it has none."""
    given = form_text(form, "act")
    return f"{npi}-{given[:80]}" if given else edge_clock.new_message_id()


async def _to(context: WebContext, who: SignedIn, case_id: str, done: str) -> Response:
    """On to the request's page, which says what became of the act."""
    await leave_notice(context, who, "ok", _DONE[done])
    return RedirectResponse(f"/provider/requests/{case_id}", 303)
