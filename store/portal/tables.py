"""Tables for providers: the cases that name each, answers to look-ups, drafts with their files, and the calendar of
peer-to-peer calls. Instants are UTC. A draft is no request and has no number of one; a look-up's number and a slot's are of
their own kind."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from store.columns import Counter, Instant, Json
from store.tables import metadata

case_providers = Table(
    "case_providers",
    metadata,
    Column("npi", String(10), primary_key=True),
    Column("case_id", String, primary_key=True),
    Index(None, "case_id"),
)

look_ups = Table(
    "look_ups",
    metadata,
    Column("number", String, primary_key=True),
    Column("act", String, nullable=False, unique=True),
    Column("npi", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("member_id", String),
    Column("asked_at", Instant, nullable=False),
    Column("question", Json),
    Column("answer", Json),
    Column("rulebook_version", String, nullable=False),
    Index(None, "npi", "asked_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", String, primary_key=True),
    Column("npi", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("reminded_at", Instant),
    Column("content", Json, nullable=False),
    Index(None, "account_id"),
)

draft_files = Table(
    "draft_files",
    metadata,
    Column("file_id", Counter, primary_key=True, autoincrement=True),
    Column("draft_id", String, ForeignKey("drafts.draft_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

call_slots = Table(
    "call_slots",
    metadata,
    Column("slot_id", Counter, primary_key=True, autoincrement=True),
    Column("reviewer_id", String, nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("minutes", Integer, nullable=False),
    Column("offered_by", String, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("case_id", String, unique=True),
    Column("person", Text),
    Column("phone", Text),
    Column("booked_by", String),
    Column("booked_at", Instant),
    UniqueConstraint("reviewer_id", "starts_at"),
)
"""One row is a time that a physician is free. `case_id` is there once a call is booked: a slot has one call, and a case one."""

call_wishes = Table(
    "call_wishes",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("npi", String, nullable=False),
    Column("person", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("times", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("wished_at", Instant, nullable=False),
)
