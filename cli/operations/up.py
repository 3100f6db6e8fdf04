"""`umpire up`: starts the whole system: store, plan, Temporal server, worker, sample requests."""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client
from temporalio.service import RPCError

from cli.terminal import output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_error, state_place
from cli.terminal.exit_codes import ExitCode
from domain.errors import NotReadable, Refused, RuleViolation, UmpireError
from domain.requests.request import RequestAction
from domain.vocabulary import Channel
from engine import edge_clock, embedded
from engine.child_process import ChildProcess
from engine.client import connect
from engine.settings import Settings
from engine.web_settings import WebSettings
from intake.resume import is_stored, resume_arrivals
from intake.submission import submit
from interop.reader import read_request
from services.commands.listing import apply_attributes
from services.context import ServiceContext, SubmissionStatus
from services.upkeep.runs import apply_schedules
from store import directory
from store.engines.private_files import make_private, make_private_folder
from store.installation import get_or_create
from store.seed import load_plan

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PLAN = SAMPLES / "plan" / "example_health.yaml"
RESUME_SECONDS = 3.0
START_SECONDS = 60.0
WORKER_GRACE = 25.0
SERVER_GRACE = 15.0
MAX_RESTARTS = 5
RESTART_WINDOW = 600.0
_SAMPLES_MARK = "samples_submitted"
_SERVER_STATE = "temporal.db"


def up(
    context: typer.Context,
    seed: Annotated[
        bool, typer.Option("--seed", help="Load the synthetic plan and samples also into the database of DATABASE_URL.")
    ] = False,
    samples: Annotated[
        bool, typer.Option("--samples/--no-samples", help="Submit sample requests at the first start.")
    ] = True,
) -> None:
    """Start everything, and resume from the last stop. Ctrl-C stops everything cleanly.

    Without settings: a Temporal dev server and a SQLite store under .umpire, one worker, a synthetic plan and its requests.
    With TEMPORAL_ADDRESS and DATABASE_URL set, those are used and no server is started.
    """
    with handle_errors():
        here = cli_context(context)
        with _single_instance(here.settings.home):
            _prepare_store(here, seed)
            wanted = samples and (seed or here.settings.embedded_store)
            code = asyncio.run(_Service(here, wanted).run())
    raise typer.Exit(code)


@contextmanager
def _single_instance(home: Path) -> Iterator[None]:
    """Allow only one `umpire up` in a home folder. Raises Refused while another one runs."""
    make_private_folder(home)  # it holds names, letters and documents
    make_private(home / _SERVER_STATE)
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message, way_out = f"Umpire is up already in {home}.", "Use it, stop it with Ctrl-C, or set UMPIRE_HOME."
            raise Refused((RuleViolation(rule="up.alone", message=message, way_out=way_out),)) from None
        yield


def _prepare_store(here: CliContext, seed: bool) -> None:
    here.store.create()
    with here.store.read() as s:
        is_new = not directory.reviewers(s)
    if seed or (here.settings.embedded_store and is_new):
        loaded = load_plan(here.store, PLAN)
        output.print_lines(
            f"Loaded a synthetic plan: {loaded.members} members, {loaded.providers} providers, {loaded.reviewers} reviewers."
        )


@dataclass
class _Service:
    """The running system: server, worker, and resumption of arrivals."""

    here: CliContext
    submit_samples: bool
    children: list[ChildProcess] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return self.here.settings

    async def run(self) -> int:
        """Run until stopped; the exit code."""
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        running = asyncio.create_task(self._serve(stop))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([running, stopped], return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                output.print_lines("", "Stopping ...")
                running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            if not running.cancelled() and (failed := running.exception()) is not None:
                raise failed
        finally:
            stopped.cancel()
            await self._stop()
        return ExitCode.OK

    async def _serve(self, stop: asyncio.Event) -> None:
        ui = await self._start_server()
        client = await self._connected()
        await self._set_up_temporal(client)
        await self._start_worker()
        pages = await self._start_pages()
        services = ServiceContext(
            self.here.store,
            client,
            self.settings.task_queue,
            self.here.clock,
            test_messages_live=self.settings.test_messages_live,
            relays=self.settings.relays,
        )
        if self.settings.deployment:
            output.print_lines(
                "The worker gets cases once its build is the current one: umpire releases status|promote"
            )
        if self.submit_samples:
            await _submit_samples(services)
        _print_welcome(self.settings, self.here.store.display_url, ui, pages)
        while not stop.is_set():
            for outcome in await resume_arrivals(services):
                if not is_stored(outcome):
                    output.print_lines(f"INBOX-{outcome.inbox_id}: {outcome.says}")
            await asyncio.sleep(RESUME_SECONDS)
            self._restart_children()

    # -- starting ------------------------------------------------------------------------------------------------------

    async def _start_server(self) -> str | None:
        """Start the dev server unless an external one is set; the address of its web interface."""
        if not self.settings.embedded_server:
            return None
        port = int(self.settings.temporal_address.rpartition(":")[2])
        ui_port = port + embedded.UI_PORT_OFFSET
        ui = embedded.is_port_free(ui_port)
        state = self.settings.home / _SERVER_STATE
        server = embedded.dev_server(state, port, self.settings.home / "logs" / "temporal.log", ui=ui)
        output.print_lines("Starting the Temporal server ...")
        server.start()
        self.children.append(server)
        return f"http://{embedded.HOST}:{ui_port}" if ui else None

    async def _connected(self) -> Client:
        connecting = asyncio.create_task(connect(self.settings, patience_seconds=START_SECONDS))
        while not connecting.done():
            await asyncio.wait([connecting], timeout=0.2)
            for child in self.children:
                if child.ended is not None:
                    connecting.cancel()
                    raise ConnectionError(_exit_text(child))
        return connecting.result()

    async def _set_up_temporal(self, client: Client) -> None:
        """Make the server know the search attributes and schedules. Cases run without them: a server that does not take them is
        only remarked upon."""
        services = ServiceContext(self.here.store, client, self.settings.task_queue, self.here.clock)
        for what, act in (("search attributes", apply_attributes), ("schedules", apply_schedules)):
            try:
                await act(services)
            except (RPCError, UmpireError) as error:
                print_error(f"Temporal has no {what} of Umpire: {error}. See 'umpire doctor'.")

    async def _start_worker(self) -> None:
        """Start the worker and wait until it reports healthy."""
        output.print_lines("Starting a worker ...")
        health = embedded.find_free_port()
        command = [sys.executable, _worker_file(), "--health-port", str(health)]
        worker = ChildProcess("worker", command, self.settings.home / "logs" / "worker.log", dict(os.environ))
        worker.start()
        self.children.append(worker)
        until = asyncio.get_running_loop().time() + START_SECONDS
        while not await _is_healthy(health):
            if worker.ended is not None or asyncio.get_running_loop().time() > until:
                raise ConnectionError(_exit_text(worker))
            await asyncio.sleep(0.2)

    async def _start_pages(self) -> str:
        """Start the web server and wait until it answers; the address of the pages."""
        output.print_lines("Starting the pages ...")
        web = WebSettings.from_environment(self.settings)
        if not embedded.is_port_free(web.port):
            raise ConnectionError(f"Port {web.port} is in use. Stop what uses it, or set UMPIRE_WEB_PORT.")
        pages = ChildProcess(
            "web server", [sys.executable, "-m", "web"], self.settings.home / "logs" / "web.log", dict(os.environ)
        )
        pages.start()
        self.children.append(pages)
        until = asyncio.get_running_loop().time() + START_SECONDS
        while not await _is_healthy(web.port):
            if pages.ended is not None or asyncio.get_running_loop().time() > until:
                raise ConnectionError(_exit_text(pages))
            await asyncio.sleep(0.2)
        return web.address

    # -- supervising and stopping --------------------------------------------------------------------------------------

    def _restart_children(self) -> None:
        """Restart processes that ended; raise an error after too many restarts."""
        for child in self.children:
            if child.ended is None:
                continue
            now = asyncio.get_running_loop().time()
            self.restarts = [*(at for at in self.restarts if now - at < RESTART_WINDOW), now]
            if len(self.restarts) > MAX_RESTARTS:
                raise ConnectionError(_exit_text(child))
            print_error(f"The {child.name} ended (code {child.ended}) and is started again; its log is {child.log}.")
            child.start()

    async def _stop(self) -> None:
        for child in reversed(self.children):
            await child.stop(WORKER_GRACE if child.name == "worker" else SERVER_GRACE)
        self.here.close()
        if self.children:
            output.print_lines(f"Stopped. The state is in {state_place()}; 'umpire up' resumes from here.")
        # The SDK's threads must have left Python before the interpreter ends.
        await asyncio.sleep(0.05)


async def _is_healthy(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(embedded.HOST, port)
    except OSError:
        return False
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return b" 200 " in line


def _exit_text(child: ChildProcess) -> str:
    code = "did not start in time" if child.ended is None else f"ended with code {child.ended}"
    return f"The {child.name} {code}. Its log is {child.log}; it ends with:\n{child.log_tail()}"


def _worker_file() -> str:
    spec = importlib.util.find_spec("worker")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("worker.py is not installed beside the command line")
    return spec.origin


async def _submit_samples(services: ServiceContext) -> None:
    """Submit each sample request once per store. Updates and cancellations are left for users to try."""
    mark = edge_clock.new_message_id().encode()
    with services.store.begin() as s:
        first = get_or_create(s, _SAMPLES_MARK, lambda: mark) == mark
    if not first:
        return
    contents = [path.read_bytes() for path in sorted((SAMPLES / "requests").glob("*.json"))]
    own = [raw for raw in contents if not _is_follow_up(raw, services)]
    outcomes = [await submit(services, raw, Channel.COMMAND_LINE) for raw in own]
    running = sum(outcome.kind is SubmissionStatus.STARTED for outcome in outcomes)
    output.print_lines(
        f"Submitted {len(outcomes)} sample requests: {running} cases; the others are meant to be rejected (umpire inbox)."
    )


def _is_follow_up(raw: bytes, services: ServiceContext) -> bool:
    try:
        return read_request(raw, services.clock(), Channel.COMMAND_LINE).request.action is not RequestAction.INITIAL
    except NotReadable:
        return False


def _print_welcome(settings: Settings, store: str, ui: str | None, pages: str) -> None:
    umpire = "umpire" if shutil.which("umpire") else os.path.relpath(sys.argv[0])
    output.print_lines(
        "",
        "Umpire is up.",
        f"  Pages     {pages}",
        f"  Temporal  {settings.temporal_address}" + (f", web interface: {ui}" if ui else ""),
        f"  Store     {store}",
        f"  Letters   {settings.outbox}",
        f"  Logs      {settings.home / 'logs'}",
        "",
        "In another terminal:",
        f"  {umpire} cases",
        f"  {umpire} worklist",
        f"  {umpire} show CASE",
        f"  {umpire} claim TASK --as nurse.adams",
        f"  {umpire} complete TASK --as nurse.adams",
        f"  {umpire} submit {os.path.relpath(SAMPLES / 'requests' / 'home-oxygen-update.json')}",
        "",
        "Ctrl-C stops everything.",
    )
