"""Count of unexpected failures while an arrival was processed; null where there was none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("failed_attempts", sa.Integer()))
