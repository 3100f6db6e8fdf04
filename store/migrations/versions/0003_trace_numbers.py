"""Table of the requesters' own trace numbers, for lookups without reading the requests."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbers = op.create_table(
        "request_trace_numbers",
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.request_id"], name="fk_request_trace_numbers_request_id"),
        sa.PrimaryKeyConstraint("request_id", "number", name="pk_request_trace_numbers"),
    )
    op.create_index("ix_request_trace_numbers_number", "request_trace_numbers", ["number"])
    for request_id, request in op.get_bind().execute(sa.text("select request_id, request from requests")).all():
        content = json.loads(request) if isinstance(request, str) else request
        rows = [{"request_id": request_id, "number": number} for number in set(content.get("trace_numbers", ()))]
        op.bulk_insert(numbers, rows)
