"""One chaos run on one store: load, kills in a seeded order, rest, checks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from demo.time_skipping_lab import PLAN, quiet_runtime
from engine import edge_clock, embedded
from engine.client import connect
from engine.settings import TASK_QUEUE, Settings
from services.context import ServiceContext
from store.seed import load_plan
from store.session import Store, open_store
from tests.chaos.checks import find_faults
from tests.chaos.chronicle import Chronicle
from tests.chaos.components import (
    AFTER_WRITE,
    AT_ONCE,
    BACKEND,
    MID_WRITE,
    Component,
    Supervisor,
    kill_one_of,
    kill_process,
    mllp_listener,
    process_environment,
    temporal_server,
    worker_process,
)
from tests.chaos.databases import PostgresServer, postgres_server
from tests.chaos.documents import (
    LoadDocument,
    changes_of,
    claim_of,
    claim_samples,
    copy_members,
    episode_of,
    request_of,
    request_samples,
)
from tests.chaos.faults import ChaosFault
from tests.chaos.rest import wait_for_rest
from tests.chaos.senders import AdtSender, ReviewingStaff, Submitter

WORKER, SERVER, DATABASE, SUBMITTER, LISTENER = "worker", "Temporal server", "database", "submitter", "MLLP listener"
_TARGETS = (WORKER, SERVER, DATABASE, SUBMITTER, LISTENER)
_WAYS = (AT_ONCE, MID_WRITE, AFTER_WRITE)
_GAP_SECONDS = (0.5, 3.0)
_WAITS_FOR_READINESS = 0.8
"""Share of kills before which everything is up again: the others meet what is just starting."""


@dataclass(frozen=True)
class ChaosSize:
    """The amount of kills and of what is sent. `copies` is the number of members that each sample stands for; a stay has
    about four messages, `pause` seconds apart."""

    kills: int = 100
    copies: int = 12
    stays: int = 30
    pause: float = 3.0


@dataclass(frozen=True)
class ChaosResult:
    """The end of a run: what was seen outside, the figures of the store, and the faults."""

    store: str
    seed: int
    chronicle: Chronicle
    figures: dict[str, int]
    faults: tuple[ChaosFault, ...]
    seconds: float


@dataclass(frozen=True)
class Kill:
    """One kill of the plan."""

    target: str
    way: str
    gap: float
    when_ready: bool


def plan_kills(count: int, is_server: bool, dice: random.Random) -> list[Kill]:
    """The kills in their order: every component equally often. `is_server`: the database is a process of its own."""
    targets = [_TARGETS[number % len(_TARGETS)] for number in range(count)]
    dice.shuffle(targets)
    kills = []
    for target in targets:
        if target == SERVER:
            way = AT_ONCE
        elif target == DATABASE:
            way = dice.choice((AT_ONCE, BACKEND)) if is_server else MID_WRITE
        else:
            way = dice.choice(_WAYS)
        kills.append(Kill(target, way, dice.uniform(*_GAP_SECONDS), dice.random() < _WAITS_FOR_READINESS))
    return kills


async def run_chaos(store_kind: str, size: ChaosSize, seed: int, home: Path, say: Callable[[str], None]) -> ChaosResult:
    """Run it in the empty or new folder `home`, on `sqlite` or `postgres`. Raises TimeoutError when a process stays down."""
    with _database(store_kind) as server:
        return await _Course(store_kind, size, seed, home, say, server).run()


@contextlib.contextmanager
def _database(store_kind: str) -> Iterator[PostgresServer | None]:
    if store_kind == "sqlite":
        yield None
        return
    with postgres_server() as server:
        yield server


class _Course:
    def __init__(
        self,
        kind: str,
        size: ChaosSize,
        seed: int,
        home: Path,
        say: Callable[[str], None],
        database: PostgresServer | None,
    ) -> None:
        self._kind, self._size, self._seed, self._home, self._say = kind, size, seed, home, say
        self._database, self._dice, self._chronicle = database, random.Random(seed), Chronicle()
        self._port, self._mllp_port = embedded.find_free_port(), embedded.find_free_port()
        self._environment = process_environment(home, database.url if database else None, self._port)
        self._settings = Settings.from_environment(self._environment)
        self._submitter = Submitter(home, self._environment, self._chronicle, random.Random(seed + 1))
        components = {
            SERVER: temporal_server(home, self._port),
            WORKER: worker_process(home, self._environment),
            LISTENER: mllp_listener(home, self._mllp_port, self._environment),
        }
        if database is not None:
            components = {DATABASE: Component(database, database.is_ready), **components}
        self._supervisor = Supervisor(components, self._chronicle)

    async def run(self) -> ChaosResult:
        began = asyncio.get_running_loop().time()
        components = self._supervisor.components
        if self._database is not None:
            await self._supervisor.until_ready(DATABASE)
        store = open_store(self._settings.database_url)
        store.create()
        load_plan(store, PLAN)
        with store.begin() as s:
            copy_members(s, max(self._size.copies, self._size.stays))
        for name, component in components.items():
            if name != DATABASE:
                component.process.start()
        supervising = asyncio.create_task(self._supervisor.run())
        try:
            for name in components:
                await self._supervisor.until_ready(name)
            client = await connect(self._settings, quiet_runtime())
            await self._under_load(store, client)
            self._say("all kills done; coming to rest")
            hanging = await wait_for_rest(store, client, self._say)
            figures, faults = await find_faults(store, client, self._settings.outbox, self._chronicle)
            seconds = asyncio.get_running_loop().time() - began
            return ChaosResult(self._kind, self._seed, self._chronicle, figures, (*hanging, *faults), seconds)
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
            for name, component in reversed(components.items()):
                if name != DATABASE:
                    await kill_process(component.process, AT_ONCE)
            store.close()
            await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends

    async def _under_load(self, store: Store, client: Client) -> None:
        """Everybody works while the kills happen; afterwards every sender gets its last acknowledgment."""
        stop = asyncio.Event()
        staff = ReviewingStaff(
            ServiceContext(store, client, TASK_QUEUE), self._chronicle, random.Random(self._seed + 2)
        )
        load = [
            asyncio.create_task(self._submitter.run(self._requests(), stop)),
            asyncio.create_task(self._messages().run(self._episodes(), stop)),
            asyncio.create_task(staff.run(stop)),
        ]
        try:
            await self._kill_all(load)
        finally:
            stop.set()
        await asyncio.gather(*load)

    async def _kill_all(self, load: list[asyncio.Task[None]]) -> None:
        kills = plan_kills(self._size.kills, self._database is not None, self._dice)
        for number, kill in enumerate(kills, 1):
            await asyncio.sleep(kill.gap)
            for task in load:
                if task.done() and task.exception() is not None:
                    return  # the run has failed; its error is raised where it is awaited
            if kill.when_ready:
                for name in self._supervisor.components:
                    await self._supervisor.until_ready(name)
            died = None
            while died is None:
                async with self._supervisor.pause:
                    died = await self._kill(kill)
                await asyncio.sleep(0.05)
            self._chronicle.kills[kill.target, died] += 1
            self._say(f"kill {number} of {len(kills)}: {kill.target}, {died}")

    async def _kill(self, kill: Kill) -> str | None:
        """The way in which the target died; None when it was not there."""
        if kill.target == SUBMITTER:
            running = self._submitter.process
            return await kill_process(running, kill.way) if running is not None else None
        if kill.target != DATABASE:
            return await kill_process(self._supervisor.components[kill.target].process, kill.way)
        if self._database is None:
            writers = [self._supervisor.components[name].process for name in (WORKER, LISTENER)]
            if self._submitter.process is not None:
                writers.append(self._submitter.process)
            return await kill_process(self._dice.choice(writers), kill.way)
        if kill.way == BACKEND:
            return BACKEND if kill_one_of(self._database.backends(), self._dice) else None
        return await kill_process(self._database, AT_ONCE)

    def _messages(self) -> AdtSender:
        return AdtSender(self._mllp_port, self._size.pause, self._chronicle)

    def _requests(self) -> list[LoadDocument]:
        """Requests and claims in a seeded order, each directly before its changes."""
        copies = range(self._size.copies)
        groups = [(request_of(path, copy), *changes_of(path, copy)) for copy in copies for path in request_samples()]
        groups += [(claim_of(path, copy),) for copy in copies for path in claim_samples()]
        random.Random(self._seed + 3).shuffle(groups)
        return [document for group in groups for document in group]

    def _episodes(self) -> list[tuple[LoadDocument, ...]]:
        now = edge_clock.now()
        return [episode_of(number, now, discharged=number % 2 == 0) for number in range(self._size.stays)]


def fresh_home() -> Path:
    """An empty folder for a run."""
    return Path(tempfile.mkdtemp(prefix="umpire-chaos-"))
