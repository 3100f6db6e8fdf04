"""States of open cases as of their last journal entries, from which a lost workflow is started again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_states",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_states"),
    )
