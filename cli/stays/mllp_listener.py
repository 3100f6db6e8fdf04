"""`umpire listen`: listener for HL7 v2 messages over MLLP."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

import typer
from temporalio.client import Client

from cli.terminal import output
from cli.terminal.context import CONNECT_SECONDS, CliContext, cli_context
from cli.terminal.errors import handle_errors
from domain.errors import UmpireError
from domain.vocabulary import ArrivalKind
from engine.client import connect
from engine.embedded import PortInUse
from intake.admissions.mllp_acks import build_ack_handler
from intake.resume import resume_arrivals
from interop.hl7.mllp import MllpListener
from rulebook.rulebook import load_rulebook
from services.context import ServiceContext

RESUME_SECONDS = 3.0
PORT = 2575


def listen(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port; 0 lets the system choose.")] = PORT,
    host: Annotated[
        str, typer.Option(help="Address to listen on. MLLP has no login and no encryption: put both in front of it.")
    ] = "127.0.0.1",
) -> None:
    """Listen for HL7 v2 ADT messages over MLLP. Each is stored before it is acknowledged. Ctrl-C stops it cleanly.

    SIGTERM does so too. AA: stored and interpreted. AE: stored, and a person must review it. AR: no complete ADT message.
    """
    with handle_errors():
        here = cli_context(context)
        with here.read_store():
            pass  # a missing store is reported now, and not at the first message
        asyncio.run(_ListenerService(here).run(host, port))


class _ListenerService:
    """The listener with its Temporal connection, which may fail and recover."""

    def __init__(self, here: CliContext) -> None:
        self._here = here
        self._client: Client | None = None
        self._lobs = load_rulebook().lobs
        self._stopped = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stopped.set)
        listener = MllpListener(build_ack_handler(self._service_context))
        try:
            bound = await listener.start(host, port)
        except OSError as wrong:
            reason = (wrong.strerror or "it cannot be used").lower()
            raise PortInUse(f"Cannot listen on {host}:{port}: {reason}. Give another one with --port.") from None
        output.print_lines(f"Listening for HL7 v2 over MLLP on {host}:{bound}. Ctrl-C stops it.")
        try:
            while not self._stopped.is_set():
                await self._resume_pending()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), RESUME_SECONDS)
        finally:
            await listener.stop()
            await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
        output.print_lines("Stopped. Every acknowledged message is stored.")

    async def _resume_pending(self) -> None:
        """Connect to Temporal if needed, and deliver pending events."""
        if self._client is None:
            with suppress(ConnectionError):
                self._client = await connect(self._here.settings, patience_seconds=CONNECT_SECONDS)
        with suppress(UmpireError):
            await resume_arrivals(self._service_context(), {ArrivalKind.ADMISSION})

    def _service_context(self) -> ServiceContext:
        here = self._here
        settings = here.settings
        return ServiceContext(
            here.store,
            self._client,
            settings.task_queue,
            here.clock,
            here.patience,
            self._lobs,
            settings.test_messages_live,
            settings.relays,
        )
