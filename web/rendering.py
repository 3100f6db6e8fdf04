"""Rendering of pages: Jinja templates of `templates/web/`, with the same navigation, notices and form secrets on each."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import templates
from domain.evidence.units import clinic_unit
from services.principals import Principal, Right
from services.queries.summary_parts import format_value
from store.accounts.notices import Notice
from web.context import KeptForm, SignedIn, WebContext, context_of, kept_form, signed_in_or_none
from web.form_filling import fill_forms
from web.notices import take_notices
from web.presentation import addresses, instants, kept_lists, own_badges, safe_names, time_left, words
from web.presentation.american_dates import respell_page
from web.presentation.cases import case_page

STATIC = Path(__file__).resolve().parent / "static"
PAGES = Path(templates.__file__).resolve().parent / "web"
NAVIGATION: tuple[tuple[Right, str, str], ...] = (
    (Right.OVERSIGHT, "/oversight/clocks", "Clocks at risk"),
    (Right.WORKLIST, "/worklist", "Worklist"),
    (Right.OVERSIGHT, "/oversight/people", "People"),
    (Right.INBOX, "/inbox", "Inbox"),
    (Right.ACCESS_LOG, "/oversight/access", "Access log"),
    (Right.STAYS, "/stays", "Stays"),
    (Right.DISCHARGE_PLANS, "/discharge", "Discharge plans"),
    (Right.CALLS, "/calls", "Call desk"),
    (Right.CRITERIA, "/criteria", "Look up"),
    (Right.PEER_TO_PEER, "/peer-to-peer", "Peer-to-peer"),
    (Right.RETROSPECTIVE, "/retrospective", "Retrospective reviews"),
    (Right.PROVIDER, "/provider", "Requests"),
    (Right.PROVIDER, "/provider/lookup", "Is it required?"),
    (Right.PROVIDER, "/provider/new", "New request"),
    (Right.PROVIDER, "/provider/criteria", "Criteria"),
)
"""Entries of the navigation, in order: the right that shows one, its address, its words."""
MOST_ENTRIES = 6
FURTHER: tuple[tuple[Right, str, str], ...] = (
    (Right.CONCERNS, "/concerns", "Concerns"),
    (Right.CONCERNS, "/concerns/new", "Report a concern"),
    (Right.TASKS, "/affirmation", "Affirmation on pay"),
    (Right.WORKLIST, "/keys", "Keys"),
)
"""Entries at the foot of each page, after those of the navigation that have no place on top."""


@cache
def environment() -> Environment:
    """The Jinja environment: everything is escaped, and a name that a page does not get is an error."""
    made = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=safe_names.show_turning,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "asset": asset_address,
        "navigation": navigation,
        "further_entries": further_entries,
        "current_entry": current_entry,
        "left": time_left.time_left,
        "own_badge": own_badges.own_badge,
        "letter_address": case_page.letter_address,
    }
    made.filters |= {
        "instant": instants.describe_instant,
        "moment": instants.describe_moment,
        "zone_name": instants.name_zone,
        "days": instants.describe_days,
        "respelled": instants.respell_instants,
        "recent": instants.describe_recent,
        "day": instants.describe_day,
        "iso": datetime.fromisoformat,
        "iso_day": lambda said: instants.describe_day(date.fromisoformat(said)),
        "short_day": instants.describe_short_day,
        "words": words.spell_out,
        "first_capital": words.first_capital,
        "case_address": addresses.process_address,
        "lower_first": words.lower_first,
        "sentence": words.end_sentence,
        "lob": words.describe_lob,
        "clinic_unit": clinic_unit,
        "people": case_page.name_people,
        "actor": case_page.describe_actor,
        "said": _describe_value,
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
        "with_list": kept_lists.carry_list("", request.query_params),
        "me": found.principal if found is not None else None,
        "csrf": found.session.csrf if found is not None else "",
        "now": context.services.clock(),
        "mode": context.settings.mode.value,
        "preferences": found.preferences if found is not None else None,
        "session_left": _session_left(context, found),
    }
    kept = kept_form(request)
    if kept is not None:
        values = values | {"notices": (*values.get("notices", ()), _describe_kept(kept, context.services.clock()))}
    page = respell_page(environment().get_template(template).render(shared | values))
    if kept is not None:
        page = fill_forms(page, kept.action, kept.fields)
    return HTMLResponse(page, status_code=status_code)


def _session_left(context: WebContext, found: SignedIn | None) -> dict[str, int] | None:
    """Seconds until the person is asked for the password again: if they do nothing, and in any case."""
    if found is None:
        return None
    most = found.session.expires_at - context.services.clock()
    return {"idle": int(context.settings.idle.total_seconds()), "most": int(most.total_seconds())}


def _describe_kept(kept: KeptForm, now: datetime) -> Notice:
    files = f" Choose these files again: {', '.join(kept.files)}." if kept.files else ""
    return Notice(kind="ok", lead="Your form is as you left it.", text=f"Nothing was sent yet.{files}", left_at=now)


def navigation(principal: Principal) -> list[tuple[str, str]]:
    """The entries that this person has, as address and words."""
    return _entries(NAVIGATION, principal)[:MOST_ENTRIES]


def further_entries(principal: Principal) -> list[tuple[str, str]]:
    """The entries at the foot of each page of this person, as address and words: no page of theirs is without a link."""
    return _entries(NAVIGATION, principal)[MOST_ENTRIES:] + _entries(FURTHER, principal)


def _entries(entries: tuple[tuple[Right, str, str], ...], principal: Principal) -> list[tuple[str, str]]:
    return [(address, said) for right, address, said in entries if right in principal.rights]


def _describe_value(value: Any, zone: str) -> str:
    return format_value(value, zone, instants.describe_instant)


def current_entry(principal: Principal, path: str) -> str:
    """The address of the entry that the page at this path belongs to: the longest that it begins with; empty for none."""
    mine = (address for address, _said in navigation(principal) if path.startswith(address))
    return max(mine, key=len, default="")


@cache
def asset_address(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"
