"""Tables of who may sign in, and of who is signed in. Instants are UTC; secrets are stored as hashes alone."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from store.columns import Counter, Instant, Json
from store.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("user_name", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", String),
    Column("failed_attempts", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("active", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Index(None, "kind", "subject"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String, nullable=False),
    Column("csrf", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "account_id"),
)

notices = Table(
    "session_notices",
    metadata,
    Column("notice_id", Counter, primary_key=True),
    Column("token_sha256", String(64), nullable=False),
    Column("kind", String, nullable=False),
    Column("lead", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("links", Json, nullable=False),
    Column("left_at", Instant, nullable=False),
    Index(None, "token_sha256"),
    Index(None, "left_at"),
    sqlite_autoincrement=True,
)
