"""Parts that every case has, for the page of a process: sentence, clocks, journal, letters, related work, tasks, records; and
the task at hand, where the address names one."""

from __future__ import annotations

from typing import Any

from domain.errors import NotOnFile
from web.context import SignedIn, WebContext
from web.pages.case import load_case
from web.pages.tasks.docks import load_dock
from web.presentation.cases.case_page import build_case_page
from web.presentation.dock import Dock


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
