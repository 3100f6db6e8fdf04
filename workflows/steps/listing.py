"""Search attributes of a case, by which Temporal's own lists show its process, status and due day.

A case keeps them up to date if it was started with them, which its history tells; one that was not issues no command for them.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate, TypedSearchAttributes

from domain.cases.views import CaseView
from engine.search_attributes import DUE_DAY, PROCESS, STATUS, at_start


def show(row: Callable[[], CaseView]) -> None:
    """Show the case as it is now, where that differs from what is shown."""
    shown = workflow.info().typed_search_attributes
    if shown.get(PROCESS) is None:
        return
    view = row()
    status, due = view.status.value, _due_day(view)
    updates: list[SearchAttributeUpdate[str]] = []
    if shown.get(STATUS) != status:
        updates.append(STATUS.value_set(status))
    if shown.get(DUE_DAY) != due:
        updates.append(DUE_DAY.value_set(due) if due is not None else DUE_DAY.value_unset())
    if updates:
        workflow.upsert_search_attributes(updates)


def of_child(workflow_name: str) -> TypedSearchAttributes | None:
    """The attributes of a case that this one starts: none where this one has none."""
    return at_start(workflow_name) if workflow.info().typed_search_attributes.get(PROCESS) is not None else None


def _due_day(view: CaseView) -> str | None:
    """The due day of an open case that has none decided yet."""
    if view.closed_at is not None or view.decided_at is not None or view.decision_due is None:
        return None
    return view.decision_due.astimezone(ZoneInfo(view.zone)).date().isoformat()
