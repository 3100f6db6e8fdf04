"""Tables for those who lead: duties under clocks that are not done, and yearly affirmations. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from store.columns import Instant
from store.tables import metadata

duties = Table(
    "duties",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("rule_id", String, primary_key=True),
    Column("variant", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Index(None, "state", "due_at"),
)

affirmations = Table(
    "affirmations",
    metadata,
    Column("reviewer_id", String, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
