"""The case page: what it waits for, the request, the clocks, the criteria, the records, the letters, the journal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.principals import Right
from services.queries.case_detail import load_case_detail
from web.context import Context, SignedIn, require
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]


@router.get("/cases/{case_id}")
async def show_case(request: Request, context: Context, who: Reader, case_id: str) -> Response:
    """A case of any process."""
    await view_case(context, who, case_id, "case")
    detail = await context.services.read(load_case_detail, case_id, who.principal.reviewer)
    return render_page(request, "case.html", detail=detail)
