"""Legal holds, and guards that let a purge empty the record of a closed case, and nothing else.

The key to a record is its journal: only after the entry that says who purges it, and why, may the rows of the case be emptied.
Emptied is all that they may be: no guard lets another content take the place of what was there.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Guard(NamedTuple):
    """A trigger that refuses an event on a table where `touched` holds, unless `allowed` does. {bytes} and {json} are the empty
    values of the dialect."""

    name: str
    table: str
    event: str
    message: str
    allowed: str
    touched: str = ""


def _purged(case_id: str, also: str = "") -> str:
    return f"EXISTS (SELECT 1 FROM journal p WHERE p.case_id = {case_id} AND p.kind = 'record_purged'{also})"


def _same(*columns: str) -> str:
    return " AND ".join(f"NEW.{column} = OLD.{column}" for column in columns)


def _same_or_none(column: str) -> str:
    return f"coalesce(NEW.{column} = OLD.{column}, NEW.{column} IS NULL AND OLD.{column} IS NULL)"


_ATTACHED = "SELECT 1 FROM case_documents d WHERE d.document_id = OLD.document_id AND "
GUARDS = (
    Guard(
        "journal_no_update",
        "journal",
        "UPDATE",
        "the journal is append-only",
        f"OLD.kind <> 'record_purged' AND {_purged('OLD.case_id', ' AND p.seq > OLD.seq')}"
        f" AND {_same('case_id', 'seq', 'at', 'kind', 'actor_kind', 'prev_hash', 'hash')}"
        " AND NEW.actor_id IN ('', OLD.actor_id) AND NEW.summary = '' AND NEW.data = ''",
    ),
    Guard(
        "inbox_receipt",
        "inbox",
        "UPDATE",
        "a receipt never changes",
        f"{_purged('NEW.case_id')} AND NEW.raw = {{bytes}} AND {_same('sha256', 'received_at', 'channel')}",
        "NEW.raw <> OLD.raw OR NEW.sha256 <> OLD.sha256 OR NEW.received_at <> OLD.received_at OR NEW.channel <> OLD.channel",
    ),
    Guard(
        "letters_content",
        "letters",
        "UPDATE",
        "a letter once written never changes",
        f"{_purged('OLD.case_id')} AND NEW.rendered = {{json}} AND NEW.recipient = ''"
        f" AND {_same('letter_id', 'case_id', 'written_at')} AND {_same_or_none('handed_over_at')}",
        "NEW.rendered <> OLD.rendered OR NEW.recipient <> OLD.recipient OR NEW.written_at <> OLD.written_at"
        " OR OLD.handed_over_at IS NOT NULL AND coalesce(NEW.handed_over_at <> OLD.handed_over_at, true)",
    ),
    Guard(
        "requests_no_update",
        "requests",
        "UPDATE",
        "requests are only added",
        f"{_purged('OLD.case_id')} AND NEW.request = {{json}} AND NEW.answers IS NULL"
        f" AND {_same('request_id', 'case_id', 'version', 'submission_id', 'requesting_npi')}",
    ),
    Guard(
        "documents_no_update",
        "documents",
        "UPDATE",
        "documents are only added",
        f"{_same('document_id', 'size_bytes')} AND (OLD.content = {{bytes}} OR NEW.content = {{bytes}} AND NEW.title = ''"
        f" AND EXISTS ({_ATTACHED}{_purged('d.case_id')}) AND NOT EXISTS ({_ATTACHED}NOT {_purged('d.case_id')}))",
    ),
    Guard(
        "case_documents_no_update",
        "case_documents",
        "UPDATE",
        "case_documents are only added",
        f"{_purged('OLD.case_id')} AND NEW.title = '' AND NEW.control_number IS NULL"
        f" AND {_same('case_id', 'document_id', 'received_at')}",
    ),
    Guard("verdicts_no_delete", "verdicts", "DELETE", "verdicts are only added", _purged("OLD.case_id")),
)
NEW_GUARDS = (
    Guard("legal_holds_no_delete", "legal_holds", "DELETE", "a legal hold is never taken away", "false"),
    Guard(
        "legal_holds_released_once",
        "legal_holds",
        "UPDATE",
        "a legal hold is released once",
        f"OLD.released_at IS NULL AND {_same('hold_id', 'scope', 'subject', 'matter', 'placed_by', 'placed_at')}",
    ),
)


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", COUNTER, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String()),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.Column("release_reason", sa.Text()),
        sa.PrimaryKeyConstraint("hold_id", name="pk_legal_holds"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_legal_holds_scope_subject", "legal_holds", ["scope", "subject"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in (*GUARDS, *NEW_GUARDS):
        if guard in GUARDS:
            op.execute(f"DROP TRIGGER {guard.name}" + (f" ON {guard.table}" if on_postgresql else ""))
        for statement in _on_postgresql(guard) if on_postgresql else (_on_sqlite(guard),):
            op.execute(statement)


def _on_sqlite(guard: Guard) -> str:
    allowed = guard.allowed.format(bytes="X''", json="'{}'")
    when = f"({guard.touched}) AND NOT ({allowed})" if guard.touched else f"NOT ({allowed})"
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _on_postgresql(guard: Guard) -> tuple[str, str]:
    """A function of its own for each guard: the condition of a trigger may not ask other tables there."""
    allowed = guard.allowed.format(bytes="''::bytea", json="'{}'::jsonb")
    row = "OLD" if guard.event == "DELETE" else "NEW"
    when = f"WHEN ({guard.touched}) " if guard.touched else ""
    function = f"umpire_guard_{guard.name}"
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {allowed} THEN RETURN {row}; END IF; RAISE EXCEPTION '%', '{guard.message}'; END $$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW {when}"
        f"EXECUTE FUNCTION {function}()",
    )
