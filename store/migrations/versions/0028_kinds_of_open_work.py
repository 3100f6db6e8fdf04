"""The index of what open work needs, with the kind of task: what a kind takes differs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OPEN = sa.text("open_due_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_tasks_open_needs", "tasks")
    needs = ["role", "roles", "professions", "specialties", "lob", "state", "kind", "open_due_at", "assignee"]
    op.create_index("ix_tasks_open_needs", "tasks", needs, sqlite_where=OPEN, postgresql_where=OPEN)
