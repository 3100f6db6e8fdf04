"""Rows of the table of tasks, with the facts of their case by which work is found, kept as the journal is folded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Boolean, String, Update, bindparam, false, null, or_, update
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from domain.cases.tasks import DECIDING_TASKS, Task
from domain.cases.views import CaseView
from domain.clocks.results import Clock
from domain.vocabulary import ProcessKind
from store import cases
from store.columns import Instant
from store.dialect import upsert
from store.worklist import tables

_T = tables.tasks
_OF_CASE = ("process", "lob", "state", "urgency")


def _refresh() -> Update:
    """Bring the tasks of a case to its facts, where they differ."""
    decides = _T.c.open_due_at.is_not(None) & _T.c.kind.in_([kind.value for kind in DECIDING_TASKS])
    until, stops = bindparam("until", type_=Instant), bindparam("stops", type_=Boolean)
    facts: dict[str, Any] = {name: bindparam(f"new_{name}", type_=String) for name in _OF_CASE}
    differs = [_T.c[name] != value for name, value in facts.items()]
    changed = facts | {
        "stopped_until": sql_case((decides, until), else_=null()),
        "clock_stopped": sql_case((decides, stops), else_=false()),
    }
    differs.append(decides & _T.c.stopped_until.is_distinct_from(until))
    return update(_T).where(_T.c.case_id == bindparam("of_case"), or_(*differs)).values(changed)


_REFRESH = _refresh()


def write(
    s: Session,
    case_id: str,
    tasks: Collection[Task],
    view: CaseView | None = None,
    clocks: Sequence[JsonValue] | None = None,
) -> None:
    """Write tasks of the case, and bring the facts of all of them up to date. `view` and `clocks` are given as far as they
    have changed, and stand in the store already."""
    if not tasks and view is None and clocks is None:
        return
    known = view or cases.get(s, case_id)
    facts = facts_of_case(known)
    until = stopped_until(known, clocks if clocks is not None else cases.clocks(s, case_id))
    upsert(s, _T, [task_row(case_id, task, facts, until) for task in tasks])
    if view is not None or clocks is not None:
        new = {f"new_{name}": value for name, value in facts.items()}
        s.execute(_REFRESH, new | {"of_case": case_id, "until": until, "stops": until is not None})


def facts_of_case(view: CaseView | None) -> dict[str, str]:
    """The facts that a task takes from its case; empty where they are not known."""
    if view is None:
        return dict.fromkeys(_OF_CASE, "") | {"process": ProcessKind.REQUEST.value}
    return {
        "process": view.process.value,
        "lob": view.line_of_business,
        "state": view.state,
        "urgency": view.urgency.value if view.urgency is not None else "",
    }


def stopped_until(view: CaseView | None, clocks: Sequence[JsonValue]) -> datetime | None:
    """The instant (UTC) until which the law stops the clock that governs the case; None for one that runs."""
    for clock in clocks:
        if (
            isinstance(clock, dict)
            and clock.get("tolled")
            and view is not None
            and clock.get("rule_id") == view.governing_rule
        ):
            tolled = Clock.model_validate(clock).tolled
            return tolled.time_given_ends if tolled is not None and not tolled.answered else None
    return None


def task_row(case_id: str, task: Task, facts: dict[str, str], until: datetime | None) -> dict[str, Any]:
    """The row of one task. Only work that leads to a decision stops with the decision's clock."""
    stopped = until if task.is_open and task.kind in DECIDING_TASKS else None
    return {
        "case_id": case_id,
        "task_id": task.task_id,
        "role": task.role.value,
        "status": task.status.value,
        "assignee": task.assignee,
        "due_at": task.due_at,
        "task": task.model_dump(mode="json"),
        "open_due_at": task.due_at if task.is_open else None,
        "clock_stopped": stopped is not None,
        "stopped_until": stopped,
        "kind": task.kind.value,
        "roles": _listed((task.role, *task.also_for)),
        "professions": _listed(task.professions),
        "specialties": _listed(task.specialties),
        **facts,
    }


def _listed(words: Collection[str]) -> str:
    return f",{','.join(dict.fromkeys(map(str, words)))}," if words else ""
