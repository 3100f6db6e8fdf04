"""Table of letters that belong to no case: what was asked for at the desk, and reminders of drafts. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from store.columns import Instant, Json
from store.tables import metadata

standalone_letters = Table(
    "standalone_letters",
    metadata,
    Column("letter_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("way", String, nullable=False),
    Column("sent_to", Text, nullable=False),
    Column("rendered", Json, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("handed_over_at", Instant),
    Column("receipt", Text),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("dropped_at", Instant),
    Index(None, "handed_over_at", "dropped_at"),
)
"""`about` is the id of what it is about: a draft, or a guideline."""
