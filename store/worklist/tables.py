"""The table of tasks, and the indexes that open work is read from. Instants are UTC.

Beside the task itself stand the facts by which work is found, those of its case among them, so that a page of open work is one
range of one index. Lists of words have a comma before and behind each. `open_due_at` is the due instant while the task is open.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, text

from store.columns import Instant, Json
from store.tables import metadata

_OPEN = text("open_due_at IS NOT NULL")

tasks = Table(
    "tasks",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("task_id", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("status", String, nullable=False),
    Column("assignee", String),
    Column("due_at", Instant, nullable=False),
    Column("task", Json, nullable=False),
    Column("open_due_at", Instant),
    Column("clock_stopped", Boolean, nullable=False),
    Column("stopped_until", Instant),
    Column("kind", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("professions", String, nullable=False),
    Column("specialties", String, nullable=False),
    Column("process", String, nullable=False),
    Column("lob", String, nullable=False),
    Column("state", String, nullable=False),
    Column("urgency", String, nullable=False),
    Index(None, "task_id"),
    Index(
        "ix_tasks_open",
        "clock_stopped",
        "open_due_at",
        "task_id",
        "case_id",
        "assignee",
        "role",
        "roles",
        "professions",
        "specialties",
        "kind",
        "process",
        "lob",
        "state",
        "urgency",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index(
        "ix_tasks_open_needs",
        "role",
        "roles",
        "professions",
        "specialties",
        "lob",
        "state",
        "kind",
        "open_due_at",
        "assignee",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index(
        "ix_tasks_open_assignee",
        "assignee",
        "clock_stopped",
        "open_due_at",
        "task_id",
        "case_id",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)
