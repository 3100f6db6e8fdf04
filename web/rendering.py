"""Rendering of pages: Jinja templates of `templates/web/`, with the same navigation, notices and form secrets on each."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import templates
from services.principals import Principal, Right
from web.context import context_of, signed_in_or_none
from web.notices import take_notices
from web.presentation import instants, time_left, words

STATIC = Path(__file__).resolve().parent / "static"
PAGES = Path(templates.__file__).resolve().parent / "web"
NAVIGATION: tuple[tuple[Right, str, str], ...] = (
    (Right.WORKLIST, "/worklist", "Worklist"),
    (Right.OVERSIGHT, "/oversight/clocks", "Clocks at risk"),
    (Right.STAYS, "/stays", "Stays"),
    (Right.DISCHARGE_PLANS, "/discharge", "Discharge plans"),
    (Right.CALLS, "/calls", "Call desk"),
    (Right.CRITERIA, "/criteria", "Look up"),
    (Right.PROVIDER, "/provider", "Requests"),
    (Right.PROVIDER, "/provider/lookup", "Is it required?"),
)
"""Entries of the navigation, in order: the right that shows one, its address, its words."""
MOST_ENTRIES = 6


@cache
def environment() -> Environment:
    """The Jinja environment: everything is escaped, and a name that a page does not get is an error."""
    made = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"asset": asset_address, "navigation": navigation, "left": time_left.time_left}
    made.filters |= {
        "instant": instants.describe_instant,
        "moment": instants.describe_moment,
        "day": instants.describe_day,
        "iso": datetime.fromisoformat,
        "short_day": instants.describe_short_day,
        "words": words.spell_out,
        "lower_first": words.lower_first,
        "lob": words.describe_lob,
    }
    return made


def render_page(request: Request, template: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """Render a page for who is signed in, with the notices that were left for it."""
    return _render(request, template, status_code, {"notices": take_notices(request)} | values)


def render_part(request: Request, template: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """Render a part of a page that its script puts in place; notices wait for the next page."""
    return _render(request, template, status_code, values)


def _render(request: Request, template: str, status_code: int, values: dict[str, Any]) -> HTMLResponse:
    found = signed_in_or_none(request)
    context = context_of(request)
    shared = {
        "path": request.url.path,
        "me": found.principal if found is not None else None,
        "csrf": found.session.csrf if found is not None else "",
        "now": context.services.clock(),
        "mode": context.settings.mode.value,
    }
    page = environment().get_template(template).render(shared | values)
    return HTMLResponse(page, status_code=status_code)


def navigation(principal: Principal) -> list[tuple[str, str]]:
    """The entries that this person has, as address and words."""
    mine = [(address, said) for right, address, said in NAVIGATION if right in principal.rights]
    return mine[:MOST_ENTRIES]


@cache
def asset_address(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"
