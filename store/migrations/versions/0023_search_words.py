"""Words by which members and providers are found, the providers that each case names, and an index of what open work needs.

Both tables are filled from what is on file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FOLDED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
PARTS = re.compile(r"[^\W_]+")
OPEN = sa.text("open_due_at IS NOT NULL")
BATCH = 2000


def upgrade() -> None:
    op.create_table(
        "directory_words",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("word", FOLDED, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "word", "subject", name="pk_directory_words"),
    )
    op.create_index("ix_directory_words_subject", "directory_words", ["subject"])
    op.create_table(
        "case_providers",
        sa.Column("npi", sa.String(10), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("npi", "case_id", name="pk_case_providers"),
    )
    op.create_index("ix_case_providers_case_id", "case_providers", ["case_id"])
    needs = ["role", "roles", "professions", "specialties", "lob", "state", "open_due_at", "assignee"]
    op.create_index("ix_tasks_open_needs", "tasks", needs, sqlite_where=OPEN, postgresql_where=OPEN)
    connection = op.get_bind()
    words = sa.text("insert into directory_words (kind, word, subject) values (:kind, :word, :subject)")
    for table, key, content, words_of in (
        ("members", "member_id", "member", _words_of_member),
        ("providers", "npi", "provider", _words_of_provider),
    ):
        for rows in _batches(connection, f"select {key}, {content} from {table}", key):
            connection.execute(words, [word for row in rows for word in words_of(row[0], _read(row[1]))])
    named = sa.text("insert into case_providers (npi, case_id) values (:npi, :case_id) on conflict do nothing")
    for rows in _batches(
        connection, "select request_id, case_id, requesting_npi, request from requests", "request_id", 0
    ):
        _insert(connection, named, {(npi, row[1]) for row in rows for npi in _npis(row[2], _read(row[3]))})
    for rows in _batches(connection, "select case_id, view from cases", "case_id"):
        views = [(row[0], _read(row[1])) for row in rows]
        asked = {(view.get("requesting_npi"), case_id) for case_id, view in views}
        _insert(connection, named, {(npi, case_id) for npi, case_id in asked if npi})


def _batches(connection: sa.Connection, query: str, key: str, first: str | int = "") -> Iterator[list[Any]]:
    """The rows of the query in groups, in the order of the key, which stands first in it."""
    after: Any = first
    statement = sa.text(f"{query} where {key} > :after order by {key} limit {BATCH}")
    while rows := list(connection.execute(statement, {"after": after})):
        yield rows
        after = rows[-1][0]


def _insert(connection: sa.Connection, statement: sa.TextClause, named: set[tuple[str, str]]) -> None:
    if named:
        connection.execute(statement, [{"npi": npi, "case_id": case_id} for npi, case_id in sorted(named)])


def _words_of_member(member_id: str, member: dict[str, Any]) -> list[dict[str, str]]:
    names = _starts(f"{member['given_name']} {member['family_name']}")
    found = [("member_id", member_id.casefold()), ("born", member["birth_date"]), *(("member", one) for one in names)]
    return [{"kind": kind, "word": word, "subject": member_id} for kind, word in found]


def _words_of_provider(npi: str, provider: dict[str, Any]) -> list[dict[str, str]]:
    return [{"kind": "provider", "word": word, "subject": npi} for word in _starts(provider["name"])]


def _starts(name: str) -> list[str]:
    return sorted({word[at.start() :] for word in name.casefold().split() for at in PARTS.finditer(word)})


def _npis(requesting: str, request: dict[str, Any]) -> set[str]:
    """The providers that a request names: who asks, who provides and who orders."""
    others = (request.get(role) or {} for role in ("servicing_provider", "ordering_practitioner"))
    return {npi for npi in (requesting, *(one.get("npi") for one in others)) if npi}


def _read(value: Any) -> dict[str, Any]:
    """A JSON column: text on SQLite, already read on PostgreSQL."""
    content: dict[str, Any] = json.loads(value) if isinstance(value, str | bytes) else value or {}
    return content
