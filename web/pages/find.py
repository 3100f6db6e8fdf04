"""The search over everything on file: by the number of a case or authorization, by member, by provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.principals import Right
from services.queries import search
from web.context import Context, SignedIn, require
from web.presentation.addresses import process_address
from web.rendering import render_page

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.WORKLIST))]
_MOST = 50


@router.get("/find")
async def find(request: Request, context: Context, who: Reader, q: str = "") -> Response:
    """Show everything found; a number that names one case opens it at once."""
    words = " ".join(q.split())
    found = await context.services.read(search.find, words, _MOST, who.principal) if words else search.Found()
    if len(found.cases) == 1 and not found.members and not found.providers:
        return RedirectResponse(process_address(found.cases[0].case_id), 303)
    return render_page(request, "find.html", q=words, found=found, most=_MOST)
