"""Triggers that protect what must not change: the journal, its heads, receipts, and letters once written."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDS = (
    # name, table, event, condition (empty: always), message
    ("journal_no_update", "journal", "UPDATE", "", "the journal is append-only"),
    ("journal_no_delete", "journal", "DELETE", "", "the journal is append-only"),
    ("journal_heads_no_delete", "journal_heads", "DELETE", "", "a journal head is never taken away"),
    ("journal_heads_forward", "journal_heads", "UPDATE", "NEW.seq <= OLD.seq", "a journal head only moves forward"),
    ("inbox_no_delete", "inbox", "DELETE", "", "what was received is never taken away"),
    (
        "inbox_receipt",
        "inbox",
        "UPDATE",
        "NEW.raw <> OLD.raw OR NEW.sha256 <> OLD.sha256"
        " OR NEW.received_at <> OLD.received_at OR NEW.channel <> OLD.channel",
        "a receipt never changes",
    ),
    ("letters_no_delete", "letters", "DELETE", "", "a letter once written is never taken away"),
    (
        "letters_content",
        "letters",
        "UPDATE",
        "NEW.rendered <> OLD.rendered OR NEW.recipient <> OLD.recipient OR NEW.written_at <> OLD.written_at"
        " OR OLD.handed_over_at IS NOT NULL AND coalesce(NEW.handed_over_at <> OLD.handed_over_at, true)",
        "a letter once written never changes",
    ),
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _on_postgresql() if postgresql else _on_sqlite():
        op.execute(statement)


def _on_sqlite() -> Iterable[str]:
    for name, table, event, condition, message in GUARDS:
        when = f"WHEN {condition} " if condition else ""
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _on_postgresql() -> Iterable[str]:
    yield (
        "CREATE FUNCTION umpire_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
    )
    for name, table, event, condition, message in GUARDS:
        when = f"WHEN ({condition}) " if condition else ""
        yield (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
            f"EXECUTE FUNCTION umpire_refuse('{message}')"
        )
    for table in ("journal", "journal_heads", "inbox", "letters"):
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION umpire_refuse('{table} is never emptied')"
        )
