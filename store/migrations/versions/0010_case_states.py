"""States of open cases as of their last journal entries, from which a lost workflow is started again; and triggers that protect
requests, documents and criteria traces, which are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


GUARDED = ("requests", "documents", "case_documents", "verdicts")


def upgrade() -> None:
    op.create_table(
        "case_states",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_states"),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in GUARDED:
        message = f"{table} are only added"
        for event in ("UPDATE", "DELETE"):
            name = f"{table}_no_{event.lower()}"
            if postgresql:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                    f"EXECUTE FUNCTION umpire_refuse('{message}')"
                )
            else:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION umpire_refuse('{table} is never emptied')"
            )
