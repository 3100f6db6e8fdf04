"""The table of drafts: what somebody has typed into a task's form and not yet sent. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from store.columns import Instant, Json
from store.tables import metadata

drafts = Table(
    "task_drafts",
    metadata,
    Column("task_id", String, primary_key=True),
    Column("reviewer_id", String, primary_key=True),
    Column("typed", Json, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Index(None, "kept_at"),
)
