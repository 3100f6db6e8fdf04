"""Tables of the stays on file, their decided days, and the lessons of retrospective reviews.

Until now these were read from the summaries, which are folded from the journal: so they are filled from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.errors import Corrupt
from store.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANTS = ("admitted_at", "discharged_at", "voided_at", "at")
_DAYS = ("first", "last")


def upgrade() -> None:
    stays = op.create_table(
        "stay_courses",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("level_of_care", sa.String()),
        sa.Column("admitted_at", Instant()),
        sa.Column("discharged_at", Instant()),
        sa.Column("voided_at", Instant()),
        sa.Column("working_drg", sa.String()),
        sa.PrimaryKeyConstraint("case_id", name="pk_stay_courses"),
    )
    days = op.create_table(
        "decided_days",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("level_of_care", sa.String(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String()),
        sa.PrimaryKeyConstraint("case_id", "position", name="pk_decided_days"),
    )
    lessons = op.create_table(
        "retrospective_lessons",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claim_number", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("what_went_wrong", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "position", name="pk_retrospective_lessons"),
    )
    op.create_index("ix_retrospective_lessons_stage", "retrospective_lessons", ["stage"])
    for case_id, stay in _summaries("stay"):
        op.bulk_insert(stays, [_row(stays, case_id, stay)])
        op.bulk_insert(days, _rows(days, case_id, stay, "days"))
    for case_id, review in _summaries("retrospective_review"):
        op.bulk_insert(lessons, _rows(lessons, case_id, review, "lessons"))


def _summaries(process: str) -> Iterator[tuple[str, dict[str, Any]]]:
    query = sa.text("select case_id, sheet from sheets where process = :process")
    for case_id, sheet in op.get_bind().execute(query, {"process": process}).all():
        yield case_id, (json.loads(sheet) if isinstance(sheet, str) else sheet)["content"]


def _rows(table: sa.Table, case_id: str, content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    known = {"claim_number": content.get("claim_number")}
    listed = content.get(key)
    if listed is None:
        raise Corrupt(f"{case_id}: its summary has no {key}")
    return [_row(table, case_id, known | one | {"position": place}) for place, one in enumerate(listed)]


def _row(table: sa.Table, case_id: str, content: dict[str, Any]) -> dict[str, Any]:
    """The row of these values. Raises Corrupt for a value that is missing, or is none: nothing is taken for "nothing"."""
    try:
        names = [column.name for column in table.columns if column.name != "case_id"]
        return {"case_id": case_id} | {name: _value(name, content[name]) for name in names}
    except (KeyError, TypeError, ValueError):
        raise Corrupt(f"{case_id}: its summary cannot be read for the table {table.name}") from None


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name in _INSTANTS else value
