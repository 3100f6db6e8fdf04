"""Columns and indexes from which open work is read page by page, filled from the tasks and the cases as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("open_due_at IS NOT NULL")
WORDS = ("kind", "roles", "professions", "specialties", "process", "lob", "state", "urgency")
DECIDING = {
    "coverage_question", "nurse_review", "physician_review", "benefit_review", "need_question", "expedite_decision", "no_clock",
    "after_decision",
}  # fmt: skip
BATCH = 2000


def upgrade() -> None:
    op.add_column("tasks", sa.Column("open_due_at", INSTANT, nullable=True))
    op.add_column("tasks", sa.Column("clock_stopped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tasks", sa.Column("stopped_until", INSTANT, nullable=True))
    for name in WORDS:
        op.add_column("tasks", sa.Column(name, sa.String(), nullable=False, server_default=""))
    _fill(op.get_bind())
    op.drop_index("ix_tasks_status_due_at", "tasks")
    first = ["clock_stopped", "open_due_at", "task_id", "case_id"]
    facts = ["assignee", "role", "roles", "professions", "specialties", "kind", "process", "lob", "state", "urgency"]
    op.create_index("ix_tasks_open", "tasks", first + facts, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_tasks_open_assignee", "tasks", ["assignee", *first], sqlite_where=OPEN, postgresql_where=OPEN)


def _fill(connection: sa.Connection) -> None:
    tasks = sa.table(
        "tasks", *(sa.column(name) for name in ("case_id", "task_id")), sa.column("open_due_at", INSTANT),
        sa.column("clock_stopped", sa.Boolean()), sa.column("stopped_until", INSTANT), *map(sa.column, WORDS),
    )  # fmt: skip
    names = (*WORDS, "clock_stopped", "stopped_until")
    changed = {name: sa.bindparam(f"new_{name}", type_=tasks.c[name].type) for name in names}
    by_key = (tasks.c.case_id == sa.bindparam("in_case"), tasks.c.task_id == sa.bindparam("of_task"))
    statement = sa.update(tasks).where(*by_key).values(changed)
    for rows in _rows(connection):
        connection.execute(statement, rows)
    connection.execute(sa.text("update tasks set open_due_at = due_at where status in ('open', 'claimed')"))


def _rows(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """The facts of every task, in groups of cases."""
    after = ""
    listed = sa.text(
        "select t.case_id, t.task_id, t.task, c.view from tasks t left join cases c on c.case_id = t.case_id "
        "where t.case_id > :after and t.case_id <= :last order by t.case_id, t.task_id"
    )
    ends = sa.text("select distinct case_id from tasks where case_id > :after order by case_id limit :batch")
    while cases := list(connection.execute(ends, {"after": after, "batch": BATCH}).scalars()):
        until = _stopped(connection, after, cases[-1])
        found = connection.execute(listed, {"after": after, "last": cases[-1]})
        yield [_row(case_id, task_id, _read(task), _read(view), until) for case_id, task_id, task, view in found]
        after = cases[-1]


def _stopped(connection: sa.Connection, after: str, last: str) -> dict[tuple[str, str], datetime]:
    """The instant until which a clock is stopped by law, by case and rule."""
    query = sa.text("select case_id, clock from case_clocks where case_id > :after and case_id <= :last")
    found: dict[tuple[str, str], datetime] = {}
    for case_id, stored in connection.execute(query, {"after": after, "last": last}):
        clock = _read(stored)
        tolled = clock.get("tolled")
        if tolled and not tolled["answered"]:
            found[case_id, clock["rule_id"]] = datetime.fromisoformat(tolled["time_given_ends"])
    return found


def _row(
    case_id: str, task_id: str, task: dict[str, Any], view: dict[str, Any], stopped: dict[tuple[str, str], datetime]
) -> dict[str, Any]:
    decides = task["status"] in ("open", "claimed") and task["kind"] in DECIDING
    until = stopped.get((case_id, str(view.get("governing_rule")))) if decides else None
    facts = {
        "kind": task["kind"],
        "roles": _listed([task["role"], *task.get("also_for", ())]),
        "professions": _listed(task.get("professions", ())),
        "specialties": _listed(task.get("specialties", ())),
        "process": view.get("process") or "request",
        "lob": view.get("lob") or "",
        "state": view.get("state") or "",
        "urgency": view.get("urgency") or "",
        "clock_stopped": until is not None,
        "stopped_until": until,
    }
    return {f"new_{name}": value for name, value in facts.items()} | {"in_case": case_id, "of_task": task_id}


def _listed(words: Any) -> str:
    return f",{','.join(dict.fromkeys(words))}," if words else ""


def _read(value: Any) -> dict[str, Any]:
    """A JSON column: text on SQLite, already read on PostgreSQL; nothing where the case has no row."""
    content: dict[str, Any] = json.loads(value) if isinstance(value, str | bytes) else value or {}
    return content
