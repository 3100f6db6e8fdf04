"""Criteria on request: found by service, read out or sent, with a record of who asked; the same to read for providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import Refused, refusal
from engine import edge_clock
from services.commands.criteria_disclosures import record_disclosure
from services.fitting_work import plan_zone
from services.principals import Right
from services.queries.criteria_catalog import PROCEDURE, CriteriaText, find_criteria, state_criteria
from store.disclosures import criteria_disclosures
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
_WAYS = (
    ("", "Choose"),
    (DisclosureWay.READ_OUT.value, "Read out on the telephone"),
    (DisclosureWay.MAIL.value, "Printed and mailed"),
    (DisclosureWay.EMAIL.value, "Sent by e-mail"),
    (DisclosureWay.FAX.value, "Faxed"),
    (DisclosureWay.HANDED_OVER.value, "Handed over"),
)


@router.get("/criteria")
async def look_up(request: Request, context: Context, who: Reader, service: Service = "") -> Response:
    """The criteria that are about a service."""
    return _render_list(request, context, "/criteria", service, audits=Right.ACCESS_LOG in who.principal.rights)


@router.get("/criteria/asked")
async def list_disclosures(request: Request, context: Context, who: Auditor, before: Before = None) -> Response:
    """Disclosures of criteria: to whom, which, and how; the latest first."""
    found = await context.services.read(criteria_disclosures.list_latest, PAGE_SIZE + 1, before)
    shown = found[:PAGE_SIZE]
    after = shown[-1].disclosure_id if len(found) > PAGE_SIZE else None
    return render_page(
        request, "criteria_asked.html", found=shown, after=after, zone=await context.services.read(plan_zone)
    )


@router.get("/criteria/{guideline_id}")
async def show_criteria(
    request: Request, context: Context, who: Reader, guideline_id: str, service: Service = ""
) -> Response:
    """Criteria in plain words, to be read out or printed, with the form for who asked."""
    return _render_text(request, context, guideline_id, service, {})


@router.post("/criteria/{guideline_id}")
async def record_who_asked(
    request: Request, context: Context, who: Reader, guideline_id: str, service: Service = ""
) -> Response:
    """Record that the criteria were told or sent: by who is signed in, to whom, which rule in which version."""
    typed = await request.form()
    try:
        kept = await record_disclosure(context.services, _read_disclosure(context, who, guideline_id, service, typed))
    except Refused as error:
        return _render_text(request, context, guideline_id, service, typed, Outcome(422, error.refusals))
    text = f"{guideline_id} {kept.version}, {kept.way.value.replace('_', ' ')} for {kept.caller_name}."
    await leave_notice(context, who, "ok", text, lead="Recorded.")
    return RedirectResponse(f"/criteria?{urlencode({'service': service})}", 303)


@router.get("/provider/criteria")
async def look_up_as_provider(request: Request, context: Context, who: Provider, service: Service = "") -> Response:
    """The criteria that are about a service, for providers."""
    return _render_list(request, context, "/provider/criteria", service, audits=False)


@router.get("/provider/criteria/{guideline_id}")
async def show_criteria_to_provider(
    request: Request, context: Context, who: Provider, guideline_id: str, service: Service = ""
) -> Response:
    """Criteria in plain words, for providers."""
    return _render_text(request, context, guideline_id, service, None)


def _render_list(request: Request, context: WebContext, base: str, service: str, audits: bool) -> Response:
    day = context.services.clock().date()
    found = find_criteria(context.fact_sources, service, day)
    return render_page(
        request, "criteria.html", base=base, service=service, found=found, audits=audits, procedure=PROCEDURE
    )


def _render_text(
    request: Request,
    context: WebContext,
    guideline_id: str,
    service: str,
    typed: Mapping[str, object] | None,
    outcome: Outcome | None = None,
) -> Response:
    """The page of one guideline; `typed` None leaves out the form for who asked."""
    text = state_criteria(context.fact_sources, guideline_id)
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
        form=_asked_form(text, service) if typed is not None else None,
        typed={name: said for name, said in (typed or {}).items() if isinstance(said, str)},
        act=edge_clock.new_message_id(),
        outcome=outcome,
    )


def _read_disclosure(
    context: WebContext, who: SignedIn, guideline_id: str, service: str, typed: Mapping[str, object]
) -> CriteriaDisclosure:
    text = state_criteria(context.fact_sources, guideline_id)
    caller = need_caller(typed)
    way = read_choice(typed, "way", set(DisclosureWay))
    if not way:
        raise refusal("criteria.way", "How they were told is missing.", "Choose it.")
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


def _asked_form(text: CriteriaText, service: str) -> ActForm:
    return ActForm(
        f"/criteria/{text.guideline_id}?{urlencode({'service': service})}",
        "Who asked",
        "Record it",
        "Read the rule out, or print this page and send it: Umpire sends none by itself, and records what you did.",
        (
            ActField("kind", "Who asks", InputKind.CHOICE, choices=(("", "Choose"), *CALLER_KINDS), needed=True),
            ActField("name", "Name", needed=True),
            ActField("organization", "Organization", hint="Needed for all but a member who asks."),
            ActField("way", "How they got it", InputKind.CHOICE, choices=_WAYS, needed=True),
            ActField("sent_to", "Sent to", hint="Address, number or mailbox, where it was sent."),
        ),
    )
