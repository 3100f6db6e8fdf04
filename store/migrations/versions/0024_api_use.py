"""Requests of programs, counted by all servers together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_use",
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("caller", name="pk_api_use"),
    )
    op.create_index("ix_api_use_begun_at", "api_use", ["begun_at"])
