"""Confidential cases, and the record of who has seen which case.

Which cases on file are confidential is found in the read models; the record of views begins empty, and only grows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.case_numbers import kind_of, plan_number
from domain.parity.confidentiality import BEHAVIORAL_LEVELS, is_behavioral_code
from domain.vocabulary import ProcessKind

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GUARDED = "who has seen a case is never changed"


def upgrade() -> None:
    confidential = op.create_table(
        "confidential_cases",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_confidential_cases"),
    )
    op.create_table(
        "case_views",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "case_id", name="pk_case_views"),
    )
    op.create_index("ix_case_views_at", "case_views", ["at", "request_id"])
    op.create_index("ix_case_views_case_id_at", "case_views", ["case_id", "at"])
    op.create_index("ix_case_views_subject_at", "case_views", ["subject", "at"])
    connection = op.get_bind()
    rows = [{"case_id": case_id, "why": why} for case_id, why in dict(_found(connection)).items()]
    if rows:
        connection.execute(confidential.insert(), rows)
    for statement in _guards(connection.dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> Iterator[str]:
    for event in ("UPDATE", "DELETE"):
        name = f"case_views_no_{event.lower()}"
        if dialect == "postgresql":
            what = f"FOR EACH ROW EXECUTE FUNCTION umpire_refuse('{_GUARDED}')"
        else:
            what = f"BEGIN SELECT RAISE(ABORT, '{_GUARDED}'); END"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON case_views {what}"
    if dialect == "postgresql":
        yield (
            "CREATE TRIGGER case_views_no_truncate BEFORE TRUNCATE ON case_views FOR EACH STATEMENT "
            "EXECUTE FUNCTION umpire_refuse('case_views is never emptied')"
        )


def _found(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """The confidential cases with why, as a fold of the journal would find them."""
    for case_id, view in connection.execute(sa.text("select case_id, view from cases")):
        shown = _read(view)
        if shown.get("service_kind") == "behavioral":
            yield case_id, "behavioral"
    for case_id, line in connection.execute(sa.text("select case_id, line from case_lines")):
        if is_behavioral_code(str(_read(line).get("code"))):
            yield case_id, "behavioral"
    levels = connection.execute(
        sa.text(
            "select case_id, level_of_care from stay_courses union all select case_id, level_of_care from decided_days"
        )
    )
    for case_id, level in levels:
        if level in BEHAVIORAL_LEVELS:
            yield from ((one, "behavioral") for one in (case_id, plan_number(case_id)))
    for case_id, sheet in connection.execute(
        sa.text("select case_id, sheet from sheets where process = 'discharge_plan'")
    ):
        if _read(sheet).get("content", {}).get("target_setting") in BEHAVIORAL_LEVELS:
            yield case_id, "behavioral"
    for (case_id,) in connection.execute(sa.text("select case_id from cases")):
        if kind_of(case_id) is ProcessKind.CONCERN:
            yield case_id, "concern"


def _read(value: Any) -> dict[str, Any]:
    """A JSON column: text on SQLite, already read on PostgreSQL."""
    content: dict[str, Any] = json.loads(value) if isinstance(value, str | bytes) else value
    return content
