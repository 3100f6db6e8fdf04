"""Parts that every case has, for the page of a process: sentence, clocks, journal, letters, related work, tasks, records; and
the task at hand, where the address names one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from domain.errors import NotOnFile
from web.context import SignedIn, WebContext
from web.pages.case import load_case, open_beside
from web.pages.tasks.docks import load_dock
from web.presentation.addresses import process_address
from web.presentation.cases.case_page import build_case_page
from web.presentation.dock import Dock
from web.presentation.entered_values import parse_count
from web.rendering import render_page

PAGE_SIZE = 50
"""Rows of a page of a list of cases."""


async def parts_of(
    request: Request, context: WebContext, who: SignedIn, case_id: str, has_records: bool = True
) -> dict[str, Any]:
    """The values that the shared templates take, by name, as this reader may see them. The record that the address names
    (`document`, `page`) stands beside, as on the page of a case; without `has_records` the page shows none."""
    now = context.services.clock()
    loaded = await context.services.read(load_case, case_id, None, who.principal)
    shown, opened, problem = build_case_page(loaded.detail, context.rulebook, now), None, ""
    if has_records:
        named, at = request.query_params.get("document"), parse_count(request.query_params.get("page", ""))
        loaded, opened, problem = await open_beside(request, context, who, loaded, shown, named, at or None)
    return {
        "shown": shown,
        "here": process_address(case_id),
        "opened": opened,
        "problem": problem,
        "mark": "",
        "records": loaded.records,
        "related": loaded.related,
        "names": loaded.names,
        "then": None,
        "moment": now,
        "unfold": False,
    }


async def dock_of(context: WebContext, who: SignedIn, case_id: str, task: str, outcome: str) -> Dock | None:
    """The dock of the named task; None where none is named. Raises NotOnFile for the task of another case."""
    dock = await load_dock(context, who, task, outcome=outcome or None) if task else None
    if dock is not None and dock.case_id != case_id:
        raise NotOnFile(f"The case has no task {task}.", "Look at the case for its open tasks.")
    return dock


def render_list(
    request: Request, template: str, page: object, statuses: tuple[tuple[str, str], ...], status: str, after: str
) -> Response:
    """A page of a list of cases by status; its links keep what they do not change."""
    filters = {"status": status, "after": after}

    def link(**changed: str) -> str:
        said = {name: words for name, words in (filters | changed).items() if words}
        return f"{request.url.path}?{urlencode(said)}"

    return render_page(request, template, page=page, filters=filters, statuses=statuses, link=link, size=PAGE_SIZE)
