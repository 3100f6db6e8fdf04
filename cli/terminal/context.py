"""Context of a command: settings, store, and the Temporal client when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import typer
from sqlalchemy.orm import Session

from domain.errors import Refused, RuleViolation
from engine import edge_clock
from engine.settings import Settings
from services.context import PATIENCE, ServiceContext
from store.engines.private_files import make_private
from store.session import Store, open_store

T = TypeVar("T")
CONNECT_SECONDS = 3.0


@dataclass
class CliContext:
    """Context of one command. The clock stamps people's actions and computes the time left that they see."""

    settings: Settings
    clock: Callable[[], datetime] = edge_clock.now
    patience: timedelta = PATIENCE
    _store: Store | None = field(default=None, repr=False)

    @property
    def store(self) -> Store:
        if self._store is None:
            if self.settings.embedded_store:
                make_private(self.settings.home)
            self._store = open_store(self.settings.database_url)
        return self._store

    @contextmanager
    def read_store(self) -> Iterator[Session]:
        """One consistent read transaction of the store. Raises Refused when the store was never set up."""
        self._require_store()
        with self.store.read() as s:
            yield s

    def run_with_services(self, act: Callable[[ServiceContext], Awaitable[T]], *, without_temporal: bool = False) -> T:
        """Run an action with a service context connected to Temporal; with `without_temporal` also without Temporal."""
        from engine.client import connect  # reading commands load no Temporal client

        self._require_store()

        async def run() -> T:
            try:
                client = await connect(self.settings, patience_seconds=CONNECT_SECONDS)
            except ConnectionError:
                if not without_temporal:
                    raise
                client = None
            try:
                return await act(
                    ServiceContext(
                        self.store,
                        client,
                        self.settings.task_queue,
                        self.clock,
                        self.patience,
                        test_messages_live=self.settings.test_messages_live,
                        relays=self.settings.relays,
                    )
                )
            finally:
                # The SDK's threads must have left Python before the interpreter ends.
                await asyncio.sleep(0.05)

        return asyncio.run(run())

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    @property
    def has_store(self) -> bool:
        """Whether a store was set up; one that a database server keeps is taken to be there."""
        return not self.settings.embedded_store or (self.settings.home / "umpire.db").exists()

    def _require_store(self) -> None:
        """Raise Refused without a store: reading must not create an empty database at a mistyped path."""
        if not self.has_store:
            message = f"There is no store in {self.settings.home} yet."
            raise Refused(
                (
                    RuleViolation(
                        rule="store.schema", message=message, way_out="Run 'umpire up' first, or set UMPIRE_HOME."
                    ),
                )
            )


def cli_context(context: typer.Context) -> CliContext:
    """The command's context; a test sets its own in the Typer context."""
    root = context.find_root()
    given: object = root.obj
    if isinstance(given, CliContext):
        return given
    made = CliContext(Settings.from_environment())
    root.obj = made
    root.call_on_close(made.close)
    return made
