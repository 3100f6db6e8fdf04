"""Every table of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
EXACT = sa.Numeric().with_variant(sa.String(), "sqlite")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "benefit_reservations",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("benefit_id", sa.String(), nullable=False),
        sa.Column("units", EXACT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "line_id", "benefit_id", name="pk_benefit_reservations"),
    )
    op.create_index("ix_benefit_reservations_benefit_id", "benefit_reservations", ["benefit_id"])
    op.create_table(
        "case_clocks",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "position", name="pk_case_clocks"),
    )
    op.create_table(
        "case_letters",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("letter", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "letter_id", name="pk_case_letters"),
    )
    op.create_table(
        "case_lines",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("line", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "line_id", name="pk_case_lines"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lob", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("decision_due", INSTANT),
        sa.Column("authorization_number", sa.String()),
        sa.Column("view", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
    )
    op.create_index("ix_cases_authorization_number", "cases", ["authorization_number"])
    op.create_index("ix_cases_member_id", "cases", ["member_id"])
    op.create_index("ix_cases_status_decision_due", "cases", ["status", "decision_due"])
    op.create_table(
        "documents",
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_documents"),
    )
    op.create_table(
        "inbox",
        sa.Column("inbox_id", COUNTER, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sender", sa.String()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("case_id", sa.String()),
        sa.Column("request_version", sa.Integer()),
        sa.Column("started_at", INSTANT),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("resolved_by", sa.String()),
        sa.Column("resolved_at", INSTANT),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("inbox_id", name="pk_inbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_case_id", "inbox", ["case_id"])
    op.create_index("ix_inbox_sha256", "inbox", ["sha256"])
    op.create_index("ix_inbox_status_started_at", "inbox", ["status", "started_at"])
    op.create_table(
        "journal",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_journal"),
    )
    op.create_table(
        "journal_heads",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_journal_heads"),
    )
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("rendered", JSON, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("receipt", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("letter_id", name="pk_letters"),
    )
    op.create_index("ix_letters_case_id", "letters", ["case_id"])
    op.create_index("ix_letters_handed_over_at", "letters", ["handed_over_at"])
    op.create_table(
        "members",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("member", JSON, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_members"),
    )
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("contact", JSON, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plans"),
    )
    op.create_table(
        "providers",
        sa.Column("npi", sa.String(length=10), nullable=False),
        sa.Column("provider", JSON, nullable=False),
        sa.PrimaryKeyConstraint("npi", name="pk_providers"),
    )
    op.create_table(
        "reviewers",
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("reviewer", JSON, nullable=False),
        sa.PrimaryKeyConstraint("reviewer_id", name="pk_reviewers"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "tasks",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("assignee", sa.String()),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("task", JSON, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "task_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_status_due_at", "tasks", ["status", "due_at"])
    op.create_index("ix_tasks_task_id", "tasks", ["task_id"])
    op.create_table(
        "verdicts",
        sa.Column("verdict_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("request_version", sa.Integer(), nullable=False),
        sa.Column("guideline_id", sa.String(), nullable=False),
        sa.Column("verdict", JSON, nullable=False),
        sa.PrimaryKeyConstraint("verdict_id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_case_id", "verdicts", ["case_id"])
    op.create_table(
        "case_documents",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("control_number", sa.String()),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_case_documents_document_id"),
        sa.PrimaryKeyConstraint("case_id", "document_id", name="pk_case_documents"),
    )
    op.create_table(
        "coverages",
        sa.Column("coverage_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column("coverage", JSON, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name="fk_coverages_member_id"),
        sa.PrimaryKeyConstraint("coverage_id", name="pk_coverages"),
    )
    op.create_index("ix_coverages_member_id", "coverages", ["member_id"])
    op.create_table(
        "requests",
        sa.Column("request_id", COUNTER, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("inbox_id", COUNTER),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("requesting_npi", sa.String(), nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("answers", JSON),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.inbox_id"], name="fk_requests_inbox_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_requests"),
        sa.UniqueConstraint("case_id", "version", name="uq_requests_case_id_version"),
        sa.UniqueConstraint("inbox_id", name="uq_requests_inbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_requests_submission_id", "requests", ["submission_id"])
    op.create_table(
        "benefit_limits",
        sa.Column("benefit_id", sa.String(), nullable=False),
        sa.Column("coverage_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("allowed", EXACT, nullable=False),
        sa.Column("used_before", EXACT, nullable=False),
        sa.Column("benefit", JSON, nullable=False),
        sa.ForeignKeyConstraint(["coverage_id"], ["coverages.coverage_id"], name="fk_benefit_limits_coverage_id"),
        sa.PrimaryKeyConstraint("benefit_id", name="pk_benefit_limits"),
    )
    op.create_index("ix_benefit_limits_coverage_id", "benefit_limits", ["coverage_id"])
