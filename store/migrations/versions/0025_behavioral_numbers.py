"""Cases of psychotherapy, psychological testing and behavior analysis that their senders called medical are confidential too;
and times of calls of cases that are not open any more are free."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.parity.confidentiality import is_behavioral_code

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    known = {row[0] for row in connection.execute(sa.text("select case_id from confidential_cases"))}
    lines = connection.execute(sa.text("select case_id, line from case_lines"))
    found = {case_id for case_id, line in lines if is_behavioral_code(str(_read(line).get("code")))}
    confidential = sa.table("confidential_cases", sa.column("case_id"), sa.column("why"))
    rows = [{"case_id": case_id, "why": "behavioral"} for case_id in sorted(found - known)]
    if rows:
        connection.execute(confidential.insert(), rows)
    op.execute(
        "update call_slots set case_id = null, person = null, phone = null, booked_by = null, booked_at = null "
        "where case_id in (select case_id from cases where status <> 'open')"
    )


def _read(value: Any) -> dict[str, Any]:
    """A JSON column: text on SQLite, already read on PostgreSQL."""
    content: dict[str, Any] = json.loads(value) if isinstance(value, str | bytes) else value
    return content
