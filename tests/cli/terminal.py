"""The command line as a user types it, against the lab's server and store, on the lab's clock."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from typer.testing import CliRunner

from cli.main import app
from cli.terminal.context import CliContext
from demo.time_skipping_lab import Lab
from engine.settings import Settings
from store import tables
from tests.paths import SAMPLES


@dataclass(frozen=True)
class CommandOutput:
    """Output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class Terminal:
    def __init__(self, lab: Lab, address: str | None = None, patience: timedelta = timedelta(seconds=20)) -> None:
        self.lab, self.patience = lab, patience
        home = lab.outbox.parent
        target = address or lab.client.service_client.config.target_host
        self.settings = Settings.from_environment({"UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": target})

    async def type(self, *words: object, answers: str | None = None) -> CommandOutput:
        """Run a command; `answers` is what is typed at its questions."""
        now = await self.lab.now()
        here = CliContext(self.settings, clock=lambda: now, patience=self.patience)
        said = await asyncio.to_thread(run, *words, here=here, answers=answers)
        here.close()
        if self._has_worker():
            for case_id in self._cases():
                self.lab.handle(case_id)
            await self.lab.settle()  # without a worker time cannot pass while a message waits for one
        return said

    def _cases(self) -> list[str]:
        """The cases that the lab has to wait for before the output is read."""
        with self.lab.store.read() as s:
            started = s.scalars(select(tables.inbox.c.case_id).where(tables.inbox.c.started_at.is_not(None)).distinct())
            return sorted({*s.scalars(select(tables.requests.c.case_id).distinct()), *started})

    def _has_worker(self) -> bool:
        try:
            return self.lab.worker is not None
        except LookupError:
            return False

    async def submit(self, name: str) -> str:
        """Submit a sample; the number of its case."""
        said = await self.type("submit", SAMPLES / "requests" / f"{name}.json", "--json")
        assert said.code == 0, said.err
        case_id: str = said.data[0]["case_id"]
        return case_id


def run(*words: object, here: CliContext | None = None, answers: str | None = None) -> CommandOutput:
    result = CliRunner().invoke(app, [str(word) for word in words], obj=here, input=answers)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return CommandOutput(result.exit_code, result.stdout, result.stderr)
