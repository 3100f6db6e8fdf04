"""Criteria on request: found by service, read out or sent, with a record of who asked; the same to read for providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from domain.criteria.statements import CriteriaText
from domain.errors import NotOnFile, Refused, refusal
from domain.letters.context import PlanContact
from domain.letters.standalone import StandaloneKind
from engine import edge_clock
from services.commands.criteria_disclosures import CriteriaOrder, record_disclosure
from services.fitting_work import plan_zone
from services.principals import Right
from services.queries.criteria_catalog import PROCEDURE, find_criteria, state_criteria
from services.queries.disclosures import DisclosureRow, list_disclosures
from store import directory
from store.correspondence import standalone_letters
from store.disclosures.criteria_disclosures import CriteriaDisclosure, DisclosureWay
from web.context import Context, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.acts import Outcome
from web.presentation.processes.act_fields import ActField, ActForm, InputKind, read_choice, read_text
from web.presentation.processes.callers import CALLER_KINDS, need_caller
from web.presentation.processes.rule_tree import grow
from web.rendering import render_page

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CRITERIA))]
Auditor = Annotated[SignedIn, Depends(require(Right.ACCESS_LOG))]
Provider = Annotated[SignedIn, Depends(require(Right.PROVIDER))]
Before = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
Service = Annotated[str, Query(max_length=100)]
PAGE_SIZE = 50
OWN_SHOWN = 5
_WAYS = (
    ("", "Choose"),
    (DisclosureWay.READ_OUT.value, "I read them out on the telephone"),
    (DisclosureWay.HANDED_OVER.value, "I handed them over in person"),
    (DisclosureWay.MAIL.value, "Send them by mail"),
    (DisclosureWay.FAX.value, "Send them by fax"),
    (DisclosureWay.EMAIL.value, "Send them by e-mail"),
)


@router.get("/criteria")
async def look_up(request: Request, context: Context, who: Reader, service: Service = "") -> Response:
    """The criteria that are about a service."""
    own = await context.services.read(list_disclosures, OWN_SHOWN, None, who.principal.reviewer)
    audits = Right.ACCESS_LOG in who.principal.rights
    return await _render_list(request, context, "/criteria", service, audits, own)


@router.get("/criteria/asked")
async def show_disclosures(request: Request, context: Context, who: Auditor, before: Before = None) -> Response:
    """Disclosures of criteria: to whom, which, and how; the latest first."""
    found = await context.services.read(list_disclosures, PAGE_SIZE + 1, before)
    shown = found[:PAGE_SIZE]
    after = shown[-1].disclosure_id if len(found) > PAGE_SIZE else None
    return render_page(
        request, "criteria_asked.html", found=shown, after=after, zone=await context.services.read(plan_zone)
    )


@router.get("/criteria/asked/{letter_id}")
async def show_letter(request: Request, context: Context, who: Auditor, letter_id: str) -> Response:
    """A letter with criteria, as it was sent or is to be sent."""
    letter = await context.services.read(standalone_letters.get, letter_id)
    if letter.kind is not StandaloneKind.CRITERIA_ASKED_FOR:
        raise NotOnFile("There is no such letter.")
    return render_page(request, "criteria_letter.html", letter=letter, zone=await context.services.read(plan_zone))


@router.get("/criteria/{guideline_id}")
async def show_criteria(
    request: Request, context: Context, who: Reader, guideline_id: str, service: Service = ""
) -> Response:
    """Criteria in plain words, to be read out or printed, with the form for who asked."""
    return await _render_text(request, context, guideline_id, service, {})


@router.post("/criteria/{guideline_id}")
async def record_who_asked(
    request: Request, context: Context, who: Reader, guideline_id: str, service: Service = ""
) -> Response:
    """Record who asked, and send the criteria where they are to be sent: by who is signed in, which rule in which version."""
    typed = await request.form()
    text = state_criteria(context.fact_sources, guideline_id)
    order = CriteriaOrder(text, context.criteria_printer(text), read_text(typed, "on_file"), read_text(typed, "plan"))
    try:
        one = _read_disclosure(context, who, text, service, typed)
        kept = await record_disclosure(context.services, one, order)
    except Refused as error:
        return await _render_text(request, context, guideline_id, service, typed, Outcome(422, error.refusals))
    if kept.letter_id is not None:
        said = f"{guideline_id} {kept.version} goes to {kept.sent_to}, as {kept.caller_name} asked."
        await leave_notice(context, who, "ok", said, lead="Recorded, and to be sent.")
    else:
        said = f"{guideline_id} {kept.version}, {kept.way.value.replace('_', ' ')} for {kept.caller_name}."
        await leave_notice(context, who, "ok", said, lead="Recorded.")
    return RedirectResponse(f"/criteria?{urlencode({'service': service})}", 303)


@router.get("/provider/criteria")
async def look_up_as_provider(request: Request, context: Context, who: Provider, service: Service = "") -> Response:
    """The criteria that are about a service, for providers."""
    return await _render_list(request, context, "/provider/criteria", service, audits=False)


@router.get("/provider/criteria/{guideline_id}")
async def show_criteria_to_provider(
    request: Request, context: Context, who: Provider, guideline_id: str, service: Service = ""
) -> Response:
    """Criteria in plain words, for providers."""
    return await _render_text(request, context, guideline_id, service, None)


async def _render_list(
    request: Request,
    context: WebContext,
    base: str,
    service: str,
    audits: bool,
    own: tuple[DisclosureRow, ...] = (),
) -> Response:
    day = context.services.clock().date()
    return render_page(
        request,
        "criteria.html",
        base=base,
        service=service,
        found=find_criteria(context.fact_sources, service, day),
        audits=audits,
        own=own,
        zone=await context.services.read(plan_zone),
        procedure=PROCEDURE,
    )


async def _render_text(
    request: Request,
    context: WebContext,
    guideline_id: str,
    service: str,
    typed: Mapping[str, object] | None,
    outcome: Outcome | None = None,
) -> Response:
    """The page of one guideline; `typed` None leaves out the form for who asked."""
    text = state_criteria(context.fact_sources, guideline_id)
    plans = await context.services.read(directory.plans) if typed is not None else {}
    return render_page(
        request,
        "criteria_text.html",
        outcome.status_code if outcome is not None else 200,
        base="/criteria" if typed is not None else "/provider/criteria",
        text=text,
        tree=grow(text.lines),
        service=service,
        rulebook_version=context.rulebook.version,
        procedure=PROCEDURE,
        form=_asked_form(text, service, plans) if typed is not None else None,
        typed={name: said for name, said in (typed or {}).items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
    )


def _read_disclosure(
    context: WebContext, who: SignedIn, text: CriteriaText, service: str, typed: Mapping[str, object]
) -> CriteriaDisclosure:
    caller = need_caller(typed)
    way = read_choice(typed, "way", set(DisclosureWay))
    if not way:
        raise refusal("criteria.way", "How they get it is missing.", "Choose it.")
    return CriteriaDisclosure(
        act=read_text(typed, "act") or edge_clock.new_message_id(),
        at=context.services.clock(),
        by=who.principal.reviewer,
        guideline_id=text.guideline_id,
        version=text.version,
        rulebook_version=context.rulebook.version,
        service=service,
        caller_kind=caller.kind,
        caller_name=caller.name,
        caller_organization=caller.organization,
        way=DisclosureWay(way),
        sent_to=read_text(typed, "sent_to"),
    )


def _asked_form(text: CriteriaText, service: str, plans: Mapping[str, PlanContact]) -> ActForm:
    named = (("", "That of the member, or the only one"), *((key, one.plan_name) for key, one in plans.items()))
    which = (ActField("plan", "In whose name", InputKind.CHOICE, choices=named),) if len(plans) > 1 else ()
    return ActForm(
        f"/criteria/{text.guideline_id}?{urlencode({'service': service})}",
        "Who asked",
        "Record it, and send it",
        "Read the rule out, or have it sent: the letter is written at once, put on file, and handed to the carrier once.",
        (
            ActField("kind", "Who asks", InputKind.CHOICE, choices=(("", "Choose"), *CALLER_KINDS), needed=True),
            ActField("name", "Name", needed=True),
            ActField("organization", "Organization", hint="Needed for all but a member who asks."),
            ActField("way", "How they get it", InputKind.CHOICE, choices=_WAYS, needed=True),
            ActField(
                "on_file", "To the address on file of", hint="A member number, or an NPI, which may have a fax too."
            ),
            ActField("sent_to", "Or to", InputKind.AREA, hint="An address, a fax number, or a mailbox."),
            *which,
        ),
    )
