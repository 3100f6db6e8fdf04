"""A request by form in three steps, kept as a draft until it is sent: what is asked for, the evidence, and reading it over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import JsonValue
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from activities.lookups.evidence_preview import LinePreview, preview_lines
from domain.criteria.trace import AskedOf, FactNeed
from domain.errors import NotOnFile, NotReadable
from domain.evidence.fact_reading import FactGap
from engine import edge_clock
from intake import portal
from intake.portal import UploadedFile
from services.principals import Right
from services.queries.providers import provider_requests
from services.queries.providers.provider_requests import office_zone
from store import directory, inbox
from store.portal import drafts
from store.portal.drafts import Draft, DraftFile
from web.context import Context, RowNumber, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.providers.requests import describe_issue, npi_of, read_file
from web.presentation import request_form
from web.presentation.draft_titles import TitledDraft
from web.presentation.entered_values import form_text, parse_count, parse_day
from web.presentation.places import KINDS, PLACES
from web.rendering import render_page

router = APIRouter()
Provider = Annotated[SignedIn, Depends(require(Right.PROVIDER))]
MOST_FILES = 10
STATES = {"met": "Criteria met as told", "not_met": "Criteria not met as told", "unknown": "More is asked"}
NEEDS = {
    "structured": "Coded data or a record counts; a bare word is an attestation.",
    "document": "A record has to show it; a bare word is an attestation.",
    "attest": "Your word is enough.",
    "judgment": "A clinician of the plan judges it; your word is an attestation.",
}


@dataclass(frozen=True)
class _Whole:
    """A draft with its files and the request that it makes."""

    draft: Draft
    files: tuple[tuple[DraftFile, UploadedFile], ...]
    values: Mapping[str, Any]
    problems: Mapping[str, str]
    lines: tuple[LinePreview, ...] = ()
    member: str = ""


# -- step 1 ----------------------------------------------------------------------------------------------------------------


@router.get("/provider/new")
async def new_request(request: Request, context: Context, who: Provider) -> Response:
    """An empty form. Nothing is kept before it is saved."""
    return await _first_step(request, context, who, None, {})


@router.post("/provider/new")
async def start_draft(request: Request, context: Context, who: Provider) -> Response:
    """Keep a new draft and go on with it; the same form sent twice makes one draft."""
    form = await request.form()
    account, services = who.principal.account_id, context.services
    act = form_text(form, "act")[:80] or edge_clock.new_message_id()
    draft_id = hashlib.sha256(f"{account}|{act}".encode()).hexdigest()[:20]
    content = request_form.read_fields(form)
    await services.write(drafts.start, draft_id, npi_of(who), account, content, services.clock())
    return await _after_first_step(request, context, who, await _load(context, who, draft_id), form)


@router.post("/provider/drafts/{draft_id}/request")
async def save_request(request: Request, context: Context, who: Provider, draft_id: str) -> Response:
    """Keep the first step, and go on."""
    form = await request.form()
    draft = await _load(context, who, draft_id)
    kept = {name: draft.content[name] for name in ("answers",) if name in draft.content}
    return await _after_first_step(
        request, context, who, await _save(context, who, draft, request_form.read_fields(form) | kept), form
    )


async def _after_first_step(
    request: Request, context: WebContext, who: SignedIn, draft: Draft, form: FormData
) -> Response:
    match form_text(form, "go"):
        case "save":
            return await _saved(context, who)
        case "line":
            more = str(min(request_form.count_lines(draft.content) + 1, request_form.MOST_LINES))
            await _save(context, who, draft, draft.content | {"lines": more})
            return RedirectResponse(f"/provider/drafts/{draft.draft_id}?step=1", 303)
    whole = await _read_whole(context, who, draft)
    if whole.problems:
        return await _first_step(request, context, who, draft, whole.problems, 422)
    return RedirectResponse(f"/provider/drafts/{draft.draft_id}?step=2", 303)


async def _first_step(
    request: Request,
    context: WebContext,
    who: SignedIn,
    draft: Draft | None,
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    typed = draft.content if draft is not None else {}
    zone = await context.services.read(office_zone, npi_of(who))
    return render_page(
        request,
        "provider/draft_request.html",
        status,
        draft=TitledDraft(draft) if draft is not None else None,
        typed=typed,
        lines=request_form.count_lines(typed),
        problems=problems,
        labels={name: request_form.label_of(name) for name in problems},
        kinds=list(KINDS),
        places=list(PLACES),
        units=[(one, one) for one in request_form.UNITS],
        act=edge_clock.new_message_id(),
        zone=zone,
    )


# -- steps 2 and 3 ---------------------------------------------------------------------------------------------------------


@router.get("/provider/drafts/{draft_id}")
async def show_draft(request: Request, context: Context, who: Provider, draft_id: str) -> Response:
    """The draft at a step; the first that has problems comes before any later one."""
    draft = await _load(context, who, draft_id)
    step = request.query_params.get("step", "1")
    if step not in ("2", "3"):
        return await _first_step(request, context, who, draft, {})
    whole = await _read_whole(context, who, draft)
    if whole.problems:
        return await _first_step(request, context, who, draft, whole.problems)
    return await (_second_step if step == "2" else _third_step)(request, context, who, whole, {})


@router.post("/provider/drafts/{draft_id}/evidence")
async def save_evidence(request: Request, context: Context, who: Provider, draft_id: str) -> Response:
    """Keep answers and files of the second step, and go on."""
    form = await request.form()
    draft = await _load(context, who, draft_id)
    services, go = context.services, form_text(form, "go")
    answers = _typed_answers(form, draft)
    draft = await _save(context, who, draft, draft.content | {"answers": answers})
    problems = request_form.answer_problems(draft.content, services.fact_definitions, services.clock().date())
    file = await read_file(form, "file")
    if file is not None:
        title = form_text(form, "title")[:120] or file.name
        issues = portal.file_issues(file)
        held = await services.read(drafts.files, draft_id)
        if issues or len(held) >= MOST_FILES:
            problems = {**problems, "file": describe_issue(issues[0]) if issues else f"At most {MOST_FILES} records."}
        else:
            await services.write(drafts.add_file, draft_id, file.name, title, file.content, services.clock())
    elif go == "upload":
        problems = {**problems, "file": "Choose a file first."}
    if go.startswith("drop-") and (dropped := parse_count(go.removeprefix("drop-"))) is not None:
        await services.write(drafts.remove_file, draft_id, dropped)
    if problems:
        whole = await _read_whole(context, who, draft)
        return await _second_step(request, context, who, whole, problems, 422)
    if go == "save":
        return await _saved(context, who)
    step = "3" if go == "next" else "2"
    return RedirectResponse(f"/provider/drafts/{draft_id}?step={step}", 303)


async def _second_step(
    request: Request,
    context: WebContext,
    who: SignedIn,
    whole: _Whole,
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    content, definitions = whole.draft.content, context.services.fact_definitions
    asked = {need.fact: need for line in whole.lines for question in line.questions for need in question.needs()}
    answers = content.get("answers")
    answers = answers if isinstance(answers, dict) else {}
    answered = [_as_need(definitions[fact]) for fact in answers if fact not in asked and fact in definitions]
    places = {fact: place for place, fact in enumerate([*asked, *(one.fact for one in answered)])}
    at_fields = {f"v-{places[name]}" if name in places else name: said for name, said in problems.items()}
    labels = {f"v-{place}": definitions[fact].ask for fact, place in places.items() if fact in definitions}
    return render_page(
        request,
        "provider/draft_evidence.html",
        status,
        draft=TitledDraft(whole.draft),
        lines=whole.lines,
        answers=answers,
        answered=answered,
        places=places,
        files=[one for one, _file in whole.files],
        problems=at_fields,
        labels=labels | {"file": "The record"},
        states=STATES,
        needs=NEEDS,
        accepted=portal.ACCEPTED_NAMES,
        kinds=portal.FILE_KINDS,
        largest=portal.LARGEST_FILE // 2**20,
        zone=await context.services.read(office_zone, npi_of(who)),
    )


async def _third_step(
    request: Request,
    context: WebContext,
    who: SignedIn,
    whole: _Whole,
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    content, definitions = whole.draft.content, context.services.fact_definitions
    titles = {str(one.file_id): one.title for one, _file in whole.files}
    answers = content.get("answers")
    said = answers.items() if isinstance(answers, dict) else ()
    evidence = [
        (definitions[fact], one, titles.get(str(one.get("shown_by", ""))))
        for fact, one in said
        if fact in definitions and isinstance(one, dict) and one.get("value")
    ]
    return render_page(
        request,
        "provider/draft_review.html",
        status,
        draft=TitledDraft(whole.draft),
        typed=content,
        born=parse_day(str(content.get("born", ""))),
        member=whole.member,
        lines=whole.lines,
        evidence=evidence,
        files=[one for one, _file in whole.files],
        problems=problems,
        labels={name: request_form.label_of(name) for name in problems},
        states=STATES,
        zone=await context.services.read(office_zone, npi_of(who)),
    )


@router.post("/provider/drafts/{draft_id}/send")
async def send(request: Request, context: Context, who: Provider, draft_id: str) -> Response:
    """Send the request: it is received now, and the draft is gone. Sent twice it is one request."""
    draft = await _load(context, who, draft_id)
    whole = await _read_whole(context, who, draft)
    if whole.problems:
        return await _first_step(request, context, who, draft, whole.problems, 422)
    try:
        result = await portal.send_request(context.services, npi_of(who), draft_id, whole.values)
    except NotReadable as wrong:
        problems = request_form.issues_at_fields(wrong.problems)
        return await _third_step(request, context, who, whole, problems, 422)
    await context.services.write(drafts.remove, draft_id)
    return RedirectResponse(f"/provider/receipts/{result.inbox_id}", 303)


@router.post("/provider/drafts/{draft_id}/delete")
async def delete_draft(context: Context, who: Provider, draft_id: str) -> Response:
    """Delete the draft with its files."""
    await _load(context, who, draft_id)
    await context.services.write(drafts.remove, draft_id)
    await leave_notice(context, who, "ok", "The draft is deleted, with its files.")
    return RedirectResponse("/provider", 303)


@router.get("/provider/receipts/{inbox_id}")
async def show_receipt(request: Request, context: Context, who: Provider, inbox_id: RowNumber) -> Response:
    """The receipt of a request that this provider sent here."""
    services, npi = context.services, npi_of(who)
    item = await services.read(inbox.get, inbox_id)
    if item.sender != npi:
        raise NotOnFile(f"You have no receipt INBOX-{inbox_id}.", "Your requests are listed on your first page.")
    row = None
    if item.case_id is not None:
        row = (
            await services.read(
                provider_requests.load_own_request, npi, item.case_id, services.fact_definitions, services.clock()
            )
        ).row
    zone = row.zone if row is not None and row.zone != "UTC" else await services.read(office_zone, npi)
    return render_page(request, "provider/receipt.html", item=item, row=row, problems=item.problems, zone=zone)


# -- shared ----------------------------------------------------------------------------------------------------------------


async def _load(context: WebContext, who: SignedIn, draft_id: str) -> Draft:
    """The account's own draft. Raises NotOnFile for another's and for one that is gone."""
    found = await context.services.read(drafts.get, draft_id, who.principal.account_id, context.services.clock())
    if found is None:
        raise NotOnFile("There is no such draft of yours.", "It was sent or deleted, or its time was over.")
    return found


async def _save(context: WebContext, who: SignedIn, draft: Draft, content: dict[str, JsonValue]) -> Draft:
    now = context.services.clock()
    await context.services.write(drafts.save, draft.draft_id, content, now)
    return await _load(context, who, draft.draft_id)


async def _saved(context: WebContext, who: SignedIn) -> Response:
    await leave_notice(context, who, "ok", "The draft is saved. It has no number and authorizes nothing.")
    return RedirectResponse("/provider", 303)


async def _read_whole(context: WebContext, who: SignedIn, draft: Draft) -> _Whole:
    """The draft as the request that it makes, with every problem at its field."""
    services, npi = context.services, npi_of(who)
    files = await services.read(_files, draft.draft_id)
    office = await services.read(directory.provider, npi)
    today = services.clock().date()
    values = request_form.request_values(draft.content, office, services.fact_definitions, files, today)
    problems = request_form.field_problems(draft.content)
    if problems:
        return _Whole(draft, files, values, problems)
    submission, issues = await portal.check_request(services, npi, draft.draft_id, values)
    if issues or submission is None:
        return _Whole(draft, files, values, request_form.issues_at_fields(issues))
    lines = await services.read(
        preview_lines,
        context.rulebook,
        submission.request,
        submission.statements,
        submission.answers,
        services.clock(),
    )
    member = await services.read(directory.member, submission.request.member.member_id)
    name = f"{member.given_name} {member.family_name}" if member is not None else ""
    return _Whole(draft, files, values, {}, lines, name)


def _files(s: Session, draft_id: str) -> tuple[tuple[DraftFile, UploadedFile], ...]:
    return tuple(
        (one, UploadedFile(name=one.name, title=one.title, content=drafts.file_content(s, one.file_id)))
        for one in drafts.files(s, draft_id)
    )


def _typed_answers(form: FormData, draft: Draft) -> dict[str, JsonValue]:
    """The answers as typed, with those that this page did not show."""
    kept = draft.content.get("answers")
    answers: dict[str, JsonValue] = dict(kept) if isinstance(kept, dict) else {}
    for name in form:
        if not name.startswith("i-"):
            continue
        place, fact = name.removeprefix("i-"), form_text(form, name)[:120]
        value = form_text(form, f"v-{place}")[: request_form.LONGEST_TEXT]
        if value:
            said = {"value": value, "day": form_text(form, f"d-{place}")[:20]}
            answers[fact] = {**said, "shown_by": form_text(form, f"s-{place}")[:20]}
        else:
            answers.pop(fact, None)
    return answers


def _as_need(known: Any) -> FactNeed:
    """A fact that was answered, as it was asked."""
    return FactNeed(
        fact=known.id,
        criterion="",
        ask=known.ask,
        type=known.type,
        evidence=known.evidence,
        gap=FactGap.MISSING,
        asked_of=AskedOf.PROVIDER,
        unit=known.unit,
        values=known.values,
    )
