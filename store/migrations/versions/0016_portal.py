"""The pages for providers: look-ups, drafts with their files, and the calendar of peer-to-peer calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "look_ups",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("question", JSON, nullable=True),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("rulebook_version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_look_ups"),
        sa.UniqueConstraint("act", name="uq_look_ups_act"),
    )
    op.create_index("ix_look_ups_npi_asked_at", "look_ups", ["npi", "asked_at"])
    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_expires_at", "drafts", ["expires_at"])
    op.create_index("ix_drafts_account_id", "drafts", ["account_id"])
    op.create_table(
        "draft_files",
        sa.Column("file_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_draft_files"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.draft_id"], name="fk_draft_files_draft_id", ondelete="CASCADE"),
    )
    op.create_index("ix_draft_files_draft_id", "draft_files", ["draft_id"])
    op.create_table(
        "call_slots",
        sa.Column("slot_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("offered_by", sa.String(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("booked_by", sa.String(), nullable=True),
        sa.Column("booked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("slot_id", name="pk_call_slots"),
        sa.UniqueConstraint("reviewer_id", "starts_at", name="uq_call_slots_reviewer_id_starts_at"),
        sa.UniqueConstraint("case_id", name="uq_call_slots_case_id"),
    )
    op.create_index("ix_call_slots_starts_at", "call_slots", ["starts_at"])
    op.create_table(
        "call_wishes",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("times", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("wished_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_call_wishes"),
    )
