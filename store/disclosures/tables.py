"""Table of the criteria that were told or sent to somebody who asked. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from store.columns import Counter, Instant
from store.tables import metadata

criteria_disclosures = Table(
    "criteria_disclosures",
    metadata,
    Column("disclosure_id", Counter, primary_key=True),
    Column("act", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("guideline_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("rulebook_version", String, nullable=False),
    Column("service", Text, nullable=False),
    Column("caller_kind", String, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("caller_organization", Text, nullable=False),
    Column("way", String, nullable=False),
    Column("sent_to", Text, nullable=False),
    Column("letter_id", String),
    Index(None, "at"),
)
