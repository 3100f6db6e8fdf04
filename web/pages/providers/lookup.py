"""Look-up for providers: is authorization required? Answered in one round trip, with a number under which the answer is kept.

The question is sent as a form and answered on the same trip: a member's name and birth date never stand in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from domain.vocabulary import ServiceKind
from engine import edge_clock
from interop.npi import NPI_PATTERN
from services.principals import Right
from services.queries.providers.authorization_need import LookUp, NeedQuestion, code_system_of, load_look_up, look_up
from services.queries.providers.provider_requests import office_zone
from web.context import Context, SignedIn, require
from web.presentation.entered_values import DAY_WORDS, form_text, parse_day
from web.presentation.places import KINDS, PLACES, describe_place
from web.rendering import render_page

router = APIRouter()
Provider = Annotated[SignedIn, Depends(require(Right.PROVIDER))]
_HEADS = {
    "required": "Authorization is required.",
    "not_required": "No authorization is needed.",
    "cannot_tell": "We cannot tell.",
}
_LABELS = {
    "member": "Member number",
    "given": "Given name",
    "family": "Family name",
    "born": "Date of birth",
    "code": "Code of the service",
    "kind": "Kind of service",
    "day": "Day of service",
    "place": "Place",
    "npi": "Who gives it",
}


@router.get("/provider/lookup")
async def show_form(request: Request, who: Provider) -> Response:
    """The form; with `number` on to the answer of that number."""
    number = request.query_params.get("number", "").strip().upper()
    if number:
        return RedirectResponse(f"/provider/lookup/{quote(number[:40], safe='')}", 303)
    return _page(request)


@router.get("/provider/lookup/{number}")
async def show_answer(request: Request, context: Context, who: Provider, number: str) -> Response:
    """An answer as it was given, with the rulebook of that time."""
    found_by = who.principal.npi or ""
    found = await context.services.read(load_look_up, number, found_by)
    zone = await context.services.read(office_zone, found_by)
    return _page(request, found=found, stored=True, zone=zone)


@router.post("/provider/lookup")
async def ask(request: Request, context: Context, who: Provider) -> Response:
    """Answer at once. A form that is sent twice gets its first answer."""
    form = await request.form()
    typed = {name: form_text(form, name)[:100] for name in _LABELS}
    asked, problems = read_question(typed)
    if asked is None:
        return _page(request, 422, typed=typed, problems=problems)
    act = f"{who.principal.account_id}|{form_text(form, 'act')[:80] or edge_clock.new_message_id()}"
    npi, now = who.principal.npi or "", context.services.clock()
    found = await context.services.write(look_up, context.need_sources, asked, npi, who.principal.account_id, act, now)
    return _page(request, typed=typed, found=found, zone=await context.services.read(office_zone, npi))


def read_question(typed: Mapping[str, str]) -> tuple[NeedQuestion | None, dict[str, str]]:
    """The question, or the problems by field."""
    problems: dict[str, str] = {}
    born, day = parse_day(typed["born"]), parse_day(typed["day"])
    if not typed["member"] and not (typed["given"] and typed["family"]):
        problems["member"] = "Give the number on the member's card, or the given and the family name."
    if born is None:
        problems["born"] = f"Expected {DAY_WORDS}."
    if code_system_of(typed["code"].upper()) is None:
        problems["code"] = "Expected a HCPCS or CPT code (E1390), an ICD-10-PCS code (seven characters) or an NDC."
    if day is None:
        problems["day"] = f"Expected {DAY_WORDS}."
    if typed["kind"] not in set(ServiceKind):
        problems["kind"] = "Choose the kind of service."
    if typed["place"] and not re.fullmatch(r"[0-9]{2}", typed["place"]):
        problems["place"] = "Choose a place, or none."
    if typed["npi"] and not re.fullmatch(NPI_PATTERN, typed["npi"]):
        problems["npi"] = "Expected the ten digits of an NPI."
    if problems or born is None or day is None:
        return None, problems
    asked = NeedQuestion(
        member_id=typed["member"] or None,
        given_name=typed["given"] or None,
        family_name=typed["family"] or None,
        birth_date=born,
        code=typed["code"].upper(),
        service_kind=ServiceKind(typed["kind"]),
        day=day,
        place_of_service=typed["place"] or None,
        servicing_npi=typed["npi"] or None,
    )
    return asked, {}


def _page(
    request: Request,
    status: int = 200,
    *,
    typed: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    found: LookUp | None = None,
    stored: bool = False,
    zone: str = "UTC",
) -> Response:
    asked = found.question if found is not None else None
    return render_page(
        request,
        "provider/lookup.html",
        status,
        typed=typed or {},
        problems=problems or {},
        labels=_LABELS,
        found=found,
        stored=stored,
        heads=_HEADS,
        kinds=list(KINDS),
        places=list(PLACES),
        place=describe_place(asked.place_of_service) if asked is not None else "",
        act=edge_clock.new_message_id(),
        zone=zone,
    )
