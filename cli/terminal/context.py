"""What a command works with: the settings, the store, and Temporal when it needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import typer
from sqlalchemy.orm import Session

from domain.errors import Refusal, Refused
from engine import edge_clock
from engine.client import connect
from engine.settings import Settings
from services import case_lookup as dossiers
from services.context import PATIENCE, Desk, NotFound
from store.session import Store, open_store

T = TypeVar("T")
CONNECT_SECONDS = 3.0


@dataclass
class Office:
    """One per command. The clock makes the stamps of what people do and the 'time left' of what they see."""

    settings: Settings
    clock: Callable[[], datetime] = edge_clock.now
    patience: timedelta = PATIENCE
    _store: Store | None = field(default=None, repr=False)

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = open_store(self.settings.database_url)
        return self._store

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look at the store. Raises Refused when it was never set up."""
        self._expect_a_store()
        with self.store.read() as s:
            yield s

    def desk(self, act: Callable[[Desk], Awaitable[T]], *, without_engine: bool = False) -> T:
        """Run something at a desk that is connected to Temporal; with `without_engine` also when there is none."""
        self._expect_a_store()

        async def run() -> T:
            try:
                client = await connect(self.settings, patience_seconds=CONNECT_SECONDS)
            except ConnectionError:
                if not without_engine:
                    raise
                client = None
            try:
                return await act(Desk(self.store, client, self.settings.task_queue, self.clock, self.patience))
            finally:
                # The SDK's threads must have left Python before the interpreter ends.
                await asyncio.sleep(0.05)

        return asyncio.run(run())

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def _expect_a_store(self) -> None:
        """A look must not make an empty database where a mistyped path points."""
        path = self.settings.home / "umpire.db"
        if self.settings.embedded_store and not path.exists():
            message = f"There is no store in {self.settings.home} yet."
            raise Refused(
                (Refusal(rule="store.schema", message=message, way_out="Run 'umpire up' first, or set UMPIRE_HOME."),)
            )


def office(context: typer.Context) -> Office:
    """The command's office; a test puts its own into the context."""
    root = context.find_root()
    given: object = root.obj
    if isinstance(given, Office):
        return given
    made = Office(Settings.from_environment())
    root.obj = made
    root.call_on_close(made.close)
    return made


def known_case(s: Session, said: str) -> str:
    """The number of a dossier of any process that somebody typed, in any case; a request's also without its prefix.

    Raises NotFound.
    """
    dossier_id = dossiers.spelled(said)
    if not dossiers.is_known(s, dossier_id):
        raise NotFound(f"There is no case {said}.", "List the cases with 'umpire cases'.")
    return dossier_id


def known_request(s: Session, said: str) -> str:
    """The number of a request's case, for commands that only requests know. Raises NotFound, and Refused for other dossiers."""
    case_id = known_case(s, said)
    if not case_id.startswith(dossiers.REQUEST):
        message, way_out = f"{case_id} is no request for care.", f"See what it waits for with 'umpire show {case_id}'."
        raise Refused((Refusal(rule="case.process", message=message, way_out=way_out),))
    return case_id
