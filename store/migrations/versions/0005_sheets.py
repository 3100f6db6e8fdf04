"""Table of the summaries of stays, discharge plans and other cases, folded from the journal like all read models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sheets",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("sheet", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_sheets"),
    )
    op.create_index("ix_sheets_process", "sheets", ["process"])
