"""The case page: what it waits for, the request, the clocks, the criteria, the records, the letters, the journal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from domain.errors import NotOnFile
from services.principals import Right
from services.queries.case_detail import load_case_detail
from web.context import Context, SignedIn, require
from web.pages.task_docks import load_dock
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]


@router.get("/cases/{case_id}")
async def show_case(
    request: Request, context: Context, who: Reader, case_id: str, task: str = "", outcome: str = ""
) -> Response:
    """A case of any process, at one of its tasks where one is named."""
    await view_case(context, who, case_id, "case")
    detail = await context.services.read(load_case_detail, case_id, who.principal.reviewer)
    dock = await load_dock(context, who, task, outcome=outcome or None) if task else None
    if dock is not None and dock.case_id != case_id:
        raise NotOnFile(f"The case has no task {task}.", "Look at the case for its open tasks.")
    return render_page(request, "case.html", detail=detail, dock=dock)
