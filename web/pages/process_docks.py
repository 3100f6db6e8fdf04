"""The dock on the page of a process: the task that the address names, if it is one of the case."""

from __future__ import annotations

from domain.errors import NotOnFile
from web.context import SignedIn, WebContext
from web.pages.task_docks import load_dock
from web.presentation.dock import Dock


async def dock_of(context: WebContext, who: SignedIn, case_id: str, task: str, outcome: str) -> Dock | None:
    """The dock of the named task; None where none is named. Raises NotOnFile for the task of another case."""
    dock = await load_dock(context, who, task, outcome=outcome or None) if task else None
    if dock is not None and dock.case_id != case_id:
        raise NotOnFile(f"The case has no task {task}.", "Look at the case for its open tasks.")
    return dock
