"""Tables of who may sign in, who is signed in, who may see which case, and who has seen it.

Instants are UTC; secrets are stored as hashes alone. `confidential_cases` is a read model, folded from the journal;
`case_views` is a source of truth and append-only.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

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
    Column("roles", Json),
    Column("confirmed_at", Instant),
    Column("confirmed_for", String),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("attempts_of", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("waits_until", Instant),
    Index(None, "last_at"),
)

linked_identities = Table(
    "linked_identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Index(None, "account_id"),
)

sign_in_flows = Table(
    "sign_in_flows",
    metadata,
    Column("state_sha256", String(64), primary_key=True),
    Column("nonce", String, nullable=False),
    Column("verifier", String, nullable=False),
    Column("next_page", Text, nullable=False),
    Column("session_sha256", String(64)),
    Column("confirms", String),
    Column("started_at", Instant, nullable=False),
    Index(None, "started_at"),
)

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Index(None, "kept_at"),
)

preferences = Table(
    "account_preferences",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("theme", String, nullable=False),
    Column("keys", Boolean, nullable=False),
    Column("refresh", Boolean, nullable=False),
)

confidential_cases = Table(
    "confidential_cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("why", String, nullable=False),
)

case_views = Table(
    "case_views",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("case_id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account_id", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("what", String, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Index("ix_case_views_at", "at", "request_id"),
    Index("ix_case_views_case_id_at", "case_id", "at"),
    Index("ix_case_views_subject_at", "subject", "at"),
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
