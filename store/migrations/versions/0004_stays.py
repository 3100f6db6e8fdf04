"""Tables of hospital stays and of the ADT messages about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "stays",
        sa.Column("stay_id", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("facility_npi", sa.String(length=10)),
        sa.Column("visit_number", sa.String()),
        sa.Column("account_number", sa.String()),
        sa.Column("patient_key", sa.String()),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("merged_into", sa.String()),
        sa.PrimaryKeyConstraint("stay_id", name="pk_stays"),
    )
    op.create_index("ix_stays_facility_visit_number", "stays", ["facility", "visit_number"])
    op.create_index("ix_stays_facility_account_number", "stays", ["facility", "account_number"])
    op.create_index("ix_stays_facility_patient_key", "stays", ["facility", "patient_key"])
    op.create_index("ix_stays_facility_npi_visit_number", "stays", ["facility_npi", "visit_number"])
    op.create_index("ix_stays_member_id", "stays", ["member_id"])
    op.create_table(
        "adt_messages",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("inbox_id", COUNTER, nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("control_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("stay_id", sa.String()),
        sa.Column("tells", JSON, nullable=False),
        sa.Column("settled_by", sa.String()),
        sa.Column("event", JSON, nullable=False),
        sa.Column("told_at", INSTANT),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.inbox_id"], name="fk_adt_messages_inbox_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_adt_messages"),
        sa.UniqueConstraint("sender", "control_id", "sha256", name="uq_adt_messages_sender_control_id_sha256"),
    )
    op.create_index("ix_adt_messages_inbox_id", "adt_messages", ["inbox_id"])
    op.create_index("ix_adt_messages_stay_id", "adt_messages", ["stay_id"])
    op.create_index("ix_adt_messages_status", "adt_messages", ["status"])
