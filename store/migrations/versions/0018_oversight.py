"""Duties under the clocks of open cases, filled from the clocks on file, and yearly affirmations."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    duties = op.create_table(
        "duties",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "rule_id", "variant", "kind", name="pk_duties"),
    )
    op.create_index("ix_duties_state_due_at", "duties", ["state", "due_at"])
    op.create_table(
        "affirmations",
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("reviewer_id", "year", name="pk_affirmations"),
    )
    _fill(duties)


def _fill(duties: sa.Table) -> None:
    """Duties of open cases, and those that were missed, from the clocks as last journaled."""
    connection = op.get_bind()
    is_open = {
        row.case_id: row.status == "open" for row in connection.execute(sa.text("select case_id, status from cases"))
    }
    rows: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for case_id, told in connection.execute(sa.text("select case_id, clock from case_clocks")):
        clock = json.loads(told) if isinstance(told, str) else told
        judged, tolled = clock.get("judged") or {}, clock.get("tolled")
        for due in () if clock.get("set_aside") else clock.get("due", ()):
            judgment, kind = judged.get(due["kind"]), due["kind"]
            always = clock.get("condition", "always") == "always"
            open_duty = judgment is None and always and is_open.get(case_id, False)
            if kind == "extension_notice_latest" or not (judgment == "missed" or open_duty):
                continue
            stopped = bool(tolled) and not tolled["answered"]
            key = (case_id, clock["rule_id"], clock.get("variant", ""), kind)
            rows[key] = {
                **dict(zip(("case_id", "rule_id", "variant", "kind"), key, strict=True)),
                "due_at": datetime.fromisoformat(due["at"]),
                "state": judgment or ("stopped" if stopped else "running"),
                "title": clock["title"],
                "citation": due["citation"],
                "recipient": due.get("to", ""),
            }
    if rows:
        op.bulk_insert(duties, list(rows.values()))
