"""Time and outcome of each request, by the template of its route: its address holds case numbers and what was searched for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.observing.measures import HTTP_REQUESTS
from engine.observing.metrics_pages import MetricsPage

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

UNROUTED = "(no route)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observing:
    """ASGI middleware that records requests as a metric and, where there is a tracer, as spans."""

    def __init__(self, app: ASGIApp, page: MetricsPage | None = None, tracer: Tracer | None = None) -> None:
        self._app, self._page, self._tracer = app, page, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        status = 500
        started, started_ns = time.perf_counter(), time.time_ns()

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            route = route_of(scope)
            if self._page is not None:
                self._page.observe(HTTP_REQUESTS.name, time.perf_counter() - started, route, method, str(status))
            if self._tracer is not None:
                told = {"http.route": route, "http.request.method": method, "http.response.status_code": status}
                self._tracer.start_span(f"{method} {route}", attributes=told, start_time=started_ns).end()


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, such as /cases/{case_id}."""
    template = getattr(scope.get("route"), "path", None)
    if not isinstance(template, str):
        return "/static" if scope["path"].startswith("/static/") else UNROUTED
    return f"/api/v1{template}" if scope["path"].startswith("/api/v1/") and "/api/v1" not in template else template
