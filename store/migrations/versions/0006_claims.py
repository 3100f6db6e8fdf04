"""Table of claims for care already given, as intake interpreted them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("claim", JSON, nullable=False),
        sa.Column("evidence", JSON),
        sa.PrimaryKeyConstraint("case_id", name="pk_claims"),
    )
    op.create_index("ix_claims_member_id", "claims", ["member_id"])
