"""Letters of a case: the letter as its reader gets it, framed apart from the page, with what is on file about it."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.journal import EntryKind
from services.principals import Right
from store import cases, journal, letters
from store.letters import LetterRecord
from web.context import Context, SignedIn, require
from web.rendering import render_page
from web.security.case_views import view_case

router = APIRouter()
Reader = Annotated[SignedIn, Depends(require(Right.CASES))]
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@router.get("/cases/{case_id}/letters/{letter_id}")
async def show_letter(request: Request, context: Context, who: Reader, case_id: str, letter_id: str) -> Response:
    """A letter with its facts."""
    await view_case(context, who, case_id, "letter")
    one = await context.services.read(_letter_of, case_id, letter_id)
    view = await context.services.read(cases.get, case_id)
    recalled = await context.services.read(_recalled_at, case_id, letter_id)
    zone = view.zone if view is not None else "UTC"
    return render_page(request, "case_letter.html", case_id=case_id, letter=one, recalled_at=recalled, zone=zone)


@router.get("/cases/{case_id}/letters/{letter_id}/page")
async def show_letter_page(context: Context, who: Reader, case_id: str, letter_id: str) -> Response:
    """The letter itself, byte for byte as it was written, with its own styles and nothing else allowed."""
    await view_case(context, who, case_id, "letter")
    one = await context.services.read(_letter_of, case_id, letter_id)
    return HTMLResponse(one.rendered.html, headers={"content-security-policy": letter_policy(one.rendered.html)})


def letter_policy(html: str) -> str:
    """The policy under which a stored letter is shown: its own style sheet by hash, no script, no address, no origin."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _STYLE.findall(html)
    )
    styles = f"style-src {hashes}" if hashes else "style-src 'none'"
    return f"default-src 'none'; {styles}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"


def _letter_of(s: Session, case_id: str, letter_id: str) -> LetterRecord:
    one = letters.get(s, letter_id)
    if one.case_id != case_id:
        raise NotOnFile(f"Case {case_id} has no such letter.", "See its letters on the page of the case.")
    return one


def _recalled_at(s: Session, case_id: str, letter_id: str) -> object:
    recalls = (one for one in journal.entries(s, case_id) if one.kind is EntryKind.LETTER_RECALLED)
    return next((one.at for one in recalls if one.data.get("letter_id") == letter_id), None)
