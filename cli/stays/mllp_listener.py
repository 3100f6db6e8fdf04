"""`umpire listen`: HL7 v2 messages over MLLP, until somebody stops it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

import typer
from temporalio.client import Client

from cli.terminal import output
from cli.terminal.context import CONNECT_SECONDS, Office, office
from cli.terminal.errors import told
from domain.errors import UmpireError
from engine.client import connect
from engine.embedded import PortInUse
from intake.admissions import admissions
from intake.admissions.mllp_acks import answerer
from interop.hl7.mllp import Listener
from rulebook.rulebook import load_rulebook
from services.context import Desk

PUMP_SECONDS = 3.0
PORT = 2575


def listen(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port; 0 lets the system choose.")] = PORT,
    host: Annotated[
        str, typer.Option(help="Where to listen. MLLP knows no login and no encryption: put both in front of it.")
    ] = "127.0.0.1",
) -> None:
    """Listen for HL7 v2 ADT messages over MLLP. Each is kept before it is answered. Ctrl-C or SIGTERM stops it cleanly.

    AA: kept and understood. AE: kept, and a person must look. AR: no ADT message, or not the whole of one.
    """
    with told():
        here = office(context)
        with here.reading():
            pass  # a store that is not set up is said now, and not to the first sender
        asyncio.run(_Station(here).run(host, port))


class _Station:
    """The listener with its way to Temporal, which may come and go."""

    def __init__(self, here: Office) -> None:
        self._here = here
        self._client: Client | None = None
        self._lobs = load_rulebook().lobs
        self._stopped = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stopped.set)
        listener = Listener(answerer(self._desk))
        try:
            bound = await listener.start(host, port)
        except OSError as wrong:
            reason = (wrong.strerror or "it cannot be used").lower()
            raise PortInUse(f"Cannot listen on {host}:{port}: {reason}. Give another one with --port.") from None
        output.say(f"Listening for HL7 v2 over MLLP on {host}:{bound}. Ctrl-C stops it.")
        try:
            while not self._stopped.is_set():
                await self._pump()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), PUMP_SECONDS)
        finally:
            await listener.stop()
            await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
        output.say("Stopped. Nothing that was answered is lost.")

    async def _pump(self) -> None:
        """Reach Temporal if it is not reached yet, and tell what could not be told before."""
        if self._client is None:
            with suppress(ConnectionError):
                self._client = await connect(self._here.settings, patience_seconds=CONNECT_SECONDS)
        with suppress(UmpireError):
            await admissions.resume(self._desk())

    def _desk(self) -> Desk:
        here = self._here
        return Desk(here.store, self._client, here.settings.task_queue, here.clock, here.patience, self._lobs)
