"""The web server: `umpire-web` or `python -m web`. Any number of copies run behind a load balancer: the store has all state."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import uvicorn
from starlette.types import ASGIApp
from temporalio.client import Client

from domain.errors import UmpireError
from engine import edge_clock
from engine.client import connection_options, data_converter
from engine.observing.logs import configure_logging
from engine.observing.measures import Readings
from engine.observing.metrics_pages import MetricsPage
from engine.observing.observation import ObservationSettings
from engine.observing.tracing import start_tracing, temporal_interceptors, tracer_of
from engine.settings import Settings
from engine.web_settings import Mode, WebSettings, read_settings
from rulebook.errors import RulebookErrors
from rulebook.rulebook import load_rulebook
from services.commands.draft_upkeep import tend_drafts
from services.context import ServiceContext
from services.queries.leading.measures import read_measures
from store.session import CONNECTIONS, Store, open_store
from web.app import build_app
from web.context import WebContext
from web.observing import Observing
from web.security import synthetic_people

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

CANNOT_START = 2
UPKEEP_SECONDS = 3600.0
log = logging.getLogger("umpire.web")


async def serve(settings: Settings, web: WebSettings, observation: ObservationSettings) -> None:
    """Serve until stopped. Raises UmpireError, RulebookErrors and OSError when it cannot start."""
    store = open_store(settings.database_url, connections=settings.database_connections or CONNECTIONS)
    traces = start_tracing(observation, "umpire-web")
    with ExitStack() as stopping:
        stopping.callback(store.close)
        if traces is not None:
            stopping.callback(traces.shutdown)
        await asyncio.to_thread(_prepare, store, web)
        context = await _build_context(settings, web, store, traces)
        page = None
        if observation.web_metrics_port is not None:
            page = _metrics_page(store)
            stopping.callback(page.serve(observation.metrics_host, observation.web_metrics_port))
            store.on_turn = page.record_turn
        app: ASGIApp = build_app(context)
        if page is not None or traces is not None:
            app = Observing(app, page, tracer_of(traces) if traces is not None else None)
        config = uvicorn.Config(
            app,
            host=web.host,
            port=web.port,
            access_log=False,  # addresses hold case numbers and what was searched for
            log_config=None,
            server_header=False,
            proxy_headers=bool(web.trusted_proxies),
            forwarded_allow_ips=list(web.trusted_proxies),
        )
        upkeep = asyncio.create_task(_keep_drafts(context))
        try:
            await uvicorn.Server(config).serve()
        finally:
            upkeep.cancel()


def _metrics_page(store: Store) -> MetricsPage:
    def read() -> Readings:
        with store.read() as s:
            return read_measures(s, edge_clock.now())

    return MetricsPage(read)


async def _build_context(
    settings: Settings, web: WebSettings, store: Store, traces: TracerProvider | None
) -> WebContext:
    """The context; its client connects with the first call, so that pages are there while Temporal is not."""
    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings.keyring),
        **connection_options(settings.temporal_access),
        interceptors=temporal_interceptors(traces),
        lazy=True,
    )
    book = await asyncio.to_thread(load_rulebook, {})
    services = ServiceContext(
        store,
        client,
        settings.task_queue,
        lobs=book.lobs,
        facts=book.criteria.dictionary,
        deciders=tuple(book.review.deciders.values()),
        test_messages_live=settings.test_messages_live,
        relays=settings.relays,
    )
    return WebContext(web, services, book)


async def _keep_drafts(context: WebContext) -> None:
    """Again and again, in every copy of the server: reminders of drafts are made, and drafts whose time is over are deleted.
    A worker does so too, and hands the letters over."""
    while True:
        try:
            done = await tend_drafts(context.services, context.print_reminder)
            if any(done):
                log.info("drafts: %d reminders made, %d deleted", done.reminded, done.deleted)
        except Exception as error:
            # The next round tries again; the error's text may quote a form.
            log.warning("drafts wait for the next round: %s", type(error).__name__)
        await asyncio.sleep(UPKEEP_SECONDS)


def _prepare(store: Store, web: WebSettings) -> None:
    """Raise Refused in production while invented people have accounts; in development give them accounts."""
    if web.mode is Mode.PRODUCTION:
        with store.read() as s:
            synthetic_people.require_none(s)
        return
    with store.begin() as s:
        synthetic_people.create_accounts(s)


def main(argv: list[str] | None = None) -> None:
    """The console script. Exit code 2 with a reason when it cannot start."""
    parser = argparse.ArgumentParser(prog="umpire-web", description="Serve Umpire's pages and API.")
    parser.parse_args(argv)
    try:
        observation = ObservationSettings.from_environment()
        configure_logging(observation.log)
        logging.getLogger("httpx").setLevel(logging.WARNING)
        asyncio.run(serve(*read_settings(), observation))
    except KeyboardInterrupt:
        return
    except (OSError, ValueError, RuntimeError, RulebookErrors, UmpireError) as error:
        log.debug("the web server did not start", exc_info=error)
        print(f"umpire-web: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(CANNOT_START)
