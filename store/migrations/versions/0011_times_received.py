"""Count of receipts of an arrival whose bytes are kept once; null where they came once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("times_received", sa.Integer()))
