"""Routes of criteria that were asked for: to whom they were told, and whether they were sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from domain.callbacks.case import CallerKind
from domain.model import Model
from services.commands.api_keys import ApiScope
from services.commands.criteria_disclosures import CriteriaOrder, record_disclosure
from services.principals import Right
from services.queries.criteria_catalog import state_criteria
from services.queries.disclosures import DisclosureRow, list_disclosures
from store.disclosures.criteria_disclosures import CriteriaDisclosure, DisclosureWay
from web.api.callers import ApiCaller, require_scope
from web.api.pages_of_lists import Cursor, Size, read_cursor, write_cursor
from web.api.problems import responses
from web.api.writes import Once
from web.context import Context
from web.presentation.processes.callers import need_caller

router = APIRouter()


class DisclosurePage(Model):
    """A page of criteria that were asked for, the latest first; `next` goes on behind it, null at its end."""

    rows: tuple[DisclosureRow, ...]
    next: str | None


class CriteriaRequest(Model):
    """Criteria that somebody asked for. By mail, fax or e-mail Umpire sends them: to `sent_to`, or to what is on file under
    `on_file`. The other ways record what people did."""

    caller_kind: CallerKind = Field(description="The kind of caller.")
    caller_name: str = Field(min_length=1, max_length=200)
    caller_organization: str = Field(default="", max_length=200, description="Needed for all but a member who asks.")
    way: DisclosureWay
    sent_to: str = Field(
        default="", max_length=1000, description="An address, in lines or with commas; a fax number; a mailbox."
    )
    on_file: str = Field(default="", max_length=100, description="A member number or an NPI, instead of `sent_to`.")
    plan_id: str = Field(default="", max_length=100, description="The plan that writes, where there are several.")
    service: str = Field(default="", max_length=100, description="The service that was looked for.")


@router.post(
    "/criteria/{guideline_id}/disclosures",
    tags=["Criteria"],
    summary="Send criteria to who asked, or record that they were told",
    status_code=201,
    response_model=CriteriaDisclosure,
    responses=responses(400, 404, 409),
)
async def disclose(
    context: Context,
    caller: Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.CRITERIA))],
    once: Once,
    guideline_id: Annotated[str, Path(min_length=1, max_length=100, pattern="^[A-Za-z0-9._-]+$")],
    form: CriteriaRequest,
) -> Response:
    """Kept with who asked, in the name of whom the credential is of. A worker hands the letter over once."""

    async def act(message_id: str) -> Response:
        text = state_criteria(context.fact_sources, guideline_id)
        told = {"kind": form.caller_kind, "name": form.caller_name, "organization": form.caller_organization}
        asked = need_caller(told)
        one = CriteriaDisclosure(
            act=message_id,
            at=context.services.clock(),
            by=caller.principal.reviewer,
            guideline_id=text.guideline_id,
            version=text.version,
            rulebook_version=context.rulebook.version,
            service=form.service,
            caller_kind=asked.kind,
            caller_name=asked.name,
            caller_organization=asked.organization,
            way=form.way,
            sent_to=form.sent_to.strip(),
        )
        order = CriteriaOrder(text, context.criteria_printer(text), form.on_file.strip(), form.plan_id)
        kept = await record_disclosure(context.services, one, order)
        return JSONResponse(kept.model_dump(mode="json"), 201)

    return await once.once(act)


@router.get(
    "/oversight/criteria-disclosures",
    tags=["Oversight"],
    summary="Criteria that were asked for, and whether they were sent",
    response_model=DisclosurePage,
    responses=responses(),
)
async def read_disclosures(
    context: Context,
    caller: Annotated[ApiCaller, Depends(require_scope(ApiScope.OVERSIGHT, Right.ACCESS_LOG))],
    limit: Size = 50,
    after: Cursor = None,
) -> DisclosurePage:
    """The caller, which guideline in which version, by which way, and whether the carrier has it; as `umpire disclosures`."""
    place = read_cursor(after, int)
    found = await context.services.read(list_disclosures, limit + 1, place[0] if place else None)
    rows = found[:limit]
    return DisclosurePage(rows=rows, next=write_cursor(rows[-1].disclosure_id) if len(found) > limit else None)
