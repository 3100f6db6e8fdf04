"""Letters that belong to no case, and which of them was made of a disclosure of criteria."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
GUARDS = (
    ("standalone_letters_no_delete", "DELETE", "", "a letter once written is never taken away"),
    (
        "standalone_letters_content",
        "UPDATE",
        "NEW.rendered <> OLD.rendered OR NEW.recipient <> OLD.recipient OR NEW.sent_to <> OLD.sent_to"
        " OR NEW.written_at <> OLD.written_at"
        " OR OLD.handed_over_at IS NOT NULL AND coalesce(NEW.handed_over_at <> OLD.handed_over_at, true)",
        "a letter once written never changes",
    ),
)


def upgrade() -> None:
    op.create_table(
        "standalone_letters",
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("rendered", JSON, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("handed_over_at", INSTANT, nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dropped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name="pk_standalone_letters"),
    )
    op.create_index(
        "ix_standalone_letters_handed_over_at_dropped_at", "standalone_letters", ["handed_over_at", "dropped_at"]
    )
    op.add_column("criteria_disclosures", sa.Column("letter_id", sa.String(), nullable=True))
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, event, condition, message in GUARDS:
        when = f"WHEN {f'({condition})' if on_postgresql else condition} " if condition else ""
        then = (
            f"EXECUTE FUNCTION umpire_refuse('{message}')"
            if on_postgresql
            else f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        each = "FOR EACH ROW " if on_postgresql else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON standalone_letters {each}{when}{then}")
    if on_postgresql:
        op.execute(
            "CREATE TRIGGER standalone_letters_no_truncate BEFORE TRUNCATE ON standalone_letters FOR EACH STATEMENT "
            "EXECUTE FUNCTION umpire_refuse('standalone_letters is never emptied')"
        )
