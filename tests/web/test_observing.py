"""Requests seen from outside: times by route template; no address, name or number of a member, on any page."""

from __future__ import annotations

from urllib.request import urlopen

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from engine.embedded import find_free_port
from engine.observing.measures import HTTP_REQUESTS, Readings
from engine.observing.metrics_pages import MetricsPage
from engine.observing.observation import ObservationSettings
from engine.observing.tracing import start_tracing, tracer_of
from web.app import build_app
from web.context import WebContext
from web.observing import UNROUTED, Observing

ADDRESSES = (
    "/cases/PA-ZABROWSKAYA1?tab=Quintessa",
    "/find?q=Zabrowskaya",
    "/api/v1/cases/PA-ZABROWSKAYA1",
    "/Zabrowskaya/MBR1000011",
    "/static/Zabrowskaya/umpire.css",
    "/healthz",
)


def empty() -> Readings:
    return {}


async def test_requests_are_told_by_route_template_never_by_address(web_context: WebContext) -> None:
    page, spans = MetricsPage(empty), InMemorySpanExporter()
    provider = start_tracing(ObservationSettings(), "umpire-web", spans)
    assert provider is not None
    app = Observing(build_app(web_context), page, tracer_of(provider))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") as browser:
        for address in ADDRESSES:
            await browser.get(address, headers={"authorization": "Bearer Zabrowskaya"})
        await browser.request("ZABROWSKAYA", "/healthz")
    told = page.text() + "".join(span.to_json() for span in spans.get_finished_spans())
    for secret in ("zabrowskaya", "quintessa", "mbr1000011"):
        assert secret not in told.lower()
    routes = {dict(span.attributes or {})["http.route"] for span in spans.get_finished_spans()}
    assert routes >= {"/cases/{case_id}", "/find", "/healthz", "/static", UNROUTED}
    assert f'{HTTP_REQUESTS.name}_count{{method="GET",route="/healthz",status="200"}} 1.0' in page.text()


async def test_a_route_that_fails_is_told_as_a_failure_and_still_fails() -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("Quintessa")

    page = MetricsPage(empty)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Observing(broken, page)), base_url="http://umpire.test"
    ) as browser:
        with pytest.raises(RuntimeError):
            await browser.get("/x")
    assert 'status="500"' in page.text() and "Quintessa" not in page.text()


def test_the_store_is_asked_once_in_fifteen_seconds_however_often_the_page_is_read() -> None:
    asked, now = [], [0.0]

    def read() -> Readings:
        asked.append(now[0])
        return {("umpire_letters_not_handed_over", ()): 3.0}

    page = MetricsPage(read, clock=lambda: now[0])
    for now[0] in (0.0, 1.0, 14.9, 15.0, 16.0):
        assert "umpire_letters_not_handed_over 3.0" in page.text()
    assert asked == [0.0, 15.0]


def test_figures_that_cannot_be_read_are_absent_and_not_zero() -> None:
    def read() -> Readings:
        raise OSError("no store")

    assert "umpire_letters_not_handed_over 0" not in MetricsPage(read).text()


def test_the_page_is_served_on_loopback_until_it_is_stopped() -> None:
    port = find_free_port()
    stop = MetricsPage(lambda: {("umpire_letters_not_handed_over", ()): 3.0}).serve("127.0.0.1", port)
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"umpire_letters_not_handed_over 3.0" in answer.read()
    stop()
    with pytest.raises(OSError):
        urlopen(f"http://127.0.0.1:{port}/metrics")
