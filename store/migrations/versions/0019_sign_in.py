"""Passwords that are tried, identities of other systems, forms kept over the end of a session, and preferences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("failed_attempts")
        accounts.drop_column("locked_until")
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("roles", JSON, nullable=True))
        sessions.add_column(sa.Column("confirmed_at", INSTANT, nullable=True))
        sessions.add_column(sa.Column("confirmed_for", sa.String(), nullable=True))
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("attempts_of", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("waits_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("attempts_of", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_last_at", "sign_in_attempts", ["last_at"])
    op.create_table(
        "linked_identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_linked_identities"),
    )
    op.create_index("ix_linked_identities_account_id", "linked_identities", ["account_id"])
    op.create_table(
        "sign_in_flows",
        sa.Column("state_sha256", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("next_page", sa.Text(), nullable=False),
        sa.Column("session_sha256", sa.String(64), nullable=True),
        sa.Column("confirms", sa.String(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("state_sha256", name="pk_sign_in_flows"),
    )
    op.create_index("ix_sign_in_flows_started_at", "sign_in_flows", ["started_at"])
    op.create_table(
        "kept_forms",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_kept_forms"),
    )
    op.create_index("ix_kept_forms_kept_at", "kept_forms", ["kept_at"])
    op.create_table(
        "account_preferences",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("keys", sa.Boolean(), nullable=False),
        sa.Column("refresh", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_account_preferences"),
    )
