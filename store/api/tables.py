"""Tables of programs that call the API: keys, answers that were given to writes, and requests by caller. Instants are UTC."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from store.columns import Instant, Json
from store.tables import metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String, primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("account_id", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "account_id"),
)
"""The token itself only its owner has. A revoked key stays on file."""

api_answers = Table(
    "api_answers",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("idempotency_key", String, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("message_id", String, nullable=False),
    Column("taken_at", Instant),
    Column("answered_at", Instant, index=True),
    Column("status", Integer),
    Column("media_type", String),
    Column("body", LargeBinary),
)
"""One row is a write under its Idempotency-Key. `taken_at`: a request is at it since then; NULL: nobody is."""

api_use = Table(
    "api_use",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("begun_at", Instant, nullable=False, index=True),
    Column("taken", Integer, nullable=False),
)
"""One row is a caller (its hash) in its latest window of time: requests that servers took of it, sent or not yet."""
