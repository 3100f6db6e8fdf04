"""Parts that every case has, for the page of a process: sentence, clocks, journal, letters, related work, tasks, records; and
the task at hand, where the address names one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from domain.errors import NotOnFile
from web.context import SignedIn, WebContext
from web.pages.case import load_case
from web.pages.tasks.docks import load_dock
from web.presentation.cases.case_page import build_case_page
from web.presentation.dock import Dock
from web.rendering import render_page

PAGE_SIZE = 50
"""Rows of a page of a list of cases."""


async def parts_of(context: WebContext, who: SignedIn, case_id: str) -> dict[str, Any]:
    """The values that the shared templates take, by name, as this reader may see them."""
    now = context.services.clock()
    loaded = await context.services.read(load_case, case_id, None, who.principal)
    return {
        "shown": build_case_page(loaded.detail, context.rulebook, now),
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
