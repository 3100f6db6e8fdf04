"""Criteria that were told or sent to somebody who asked for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "criteria_disclosures",
        sa.Column("disclosure_id", COUNTER, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("guideline_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("rulebook_version", sa.String(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("caller_kind", sa.String(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("caller_organization", sa.Text(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("disclosure_id", name="pk_criteria_disclosures"),
        sa.UniqueConstraint("act", name="uq_criteria_disclosures_act"),
    )
    op.create_index("ix_criteria_disclosures_at", "criteria_disclosures", ["at"])
