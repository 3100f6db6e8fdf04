"""Session of a transaction over plain tables: statements go to its connection straight away.

SQLAlchemy's own session looks for mapped classes in every statement and every result. Umpire has tables only, and that look
costs as much as a quarter of a short statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Executable, Result, ScalarResult
from sqlalchemy.orm import Session


class CoreSession(Session):
    """A session that begins, commits and rolls back as any other does, and executes on its connection."""

    _transaction_connection: Connection | None = None

    def execute(self, statement: Executable, params: Any = None, **options: Any) -> Result[Any]:
        """Execute in the session's transaction. Raises TypeError for an option: those are for mapped classes."""
        if options:
            raise TypeError(f"a session over plain tables takes no {', '.join(options)}")
        connection = self._transaction_connection
        if connection is None or connection.closed:
            connection = self._transaction_connection = self.connection()
        return connection.execute(statement, params)

    def scalars(self, statement: Executable, params: Any = None, **options: Any) -> ScalarResult[Any]:
        """Execute, and give the first column of every row."""
        return self.execute(statement, params, **options).scalars()

    def scalar(self, statement: Executable, params: Any = None, **options: Any) -> Any:
        """Execute, and give the first column of the first row; None without a row."""
        return self.execute(statement, params, **options).scalar()
