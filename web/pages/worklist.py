"""The worklist: open work, the least time left first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.principals import Right
from services.queries.case_lists import list_work, work_rows
from store.cases import CaseSelection
from web.context import Context, SignedIn, require
from web.rendering import render_page

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.WORKLIST))]


@router.get("/worklist")
async def show_worklist(request: Request, context: Context, who: Reader) -> Response:
    """Open work that this person may do."""
    services = context.services
    found = await services.read(list_work, CaseSelection(), reviewer=who.principal.reviewer, reader=who.principal)
    rows = await services.read(work_rows, found[:50])
    return render_page(request, "worklist.html", rows=rows)
