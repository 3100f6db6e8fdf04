"""The table of legal holds: what must not be purged, whatever its period says. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from store.columns import Counter, Instant
from store.tables import metadata

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("hold_id", Counter, primary_key=True),
    Column("scope", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("matter", Text, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("released_by", String),
    Column("released_at", Instant),
    Column("release_reason", Text),
    Index(None, "scope", "subject"),
    sqlite_autoincrement=True,
)
"""A hold is only added, and released once."""
