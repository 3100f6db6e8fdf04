"""Routes of criteria that were asked for: to whom they were told, and whether they were sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from domain.model import Model
from services.commands.api_keys import ApiScope
from services.principals import Right
from services.queries.disclosures import DisclosureRow, list_disclosures
from web.api.callers import ApiCaller, require_scope
from web.api.pages_of_lists import Cursor, Size, read_cursor, write_cursor
from web.api.problems import responses
from web.context import Context

router = APIRouter()


class DisclosurePage(Model):
    """A page of criteria that were asked for, the latest first; `next` goes on behind it, null at its end."""

    rows: tuple[DisclosureRow, ...]
    next: str | None


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
