"""Rules of every statement on both databases: writing transactions are marked, and no text reaches them with a NUL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

from domain.journal import canonical_json
from store.nul_characters import replace_nul_in_json, replace_nul_in_parameters

WRITES = "umpire_writes"
"""Execution option of a connection whose transactions write."""


def keep_nul_out(engine: Engine) -> None:
    """Replace NUL in the parameters of every statement that this engine executes."""
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)


def is_writing(connection: Connection) -> bool:
    """Whether the transactions of this connection write."""
    return bool(connection.get_execution_options().get(WRITES))


def serialize_json(value: Any) -> str:
    """JSON of a column: canonical, without NUL."""
    text = canonical_json(value).decode()
    return canonical_json(replace_nul_in_json(value)).decode() if "\\u0000" in text else text


def _without_nul(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    return statement, replace_nul_in_parameters(parameters)
