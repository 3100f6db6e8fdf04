"""Spans as they may leave the process. Imported only while traces are on, and never first inside a workflow's sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

ALLOWED = frozenset(
    {
        "temporalWorkflowID",
        "temporalRunID",
        "temporalActivityID",
        "temporalUpdateID",
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "error.type",
    }
)
"""The attributes that a span may have. Workflow ids are case numbers; update ids are numbers of messages."""


class CleaningExporter(SpanExporter):
    """Hands spans on with allowed attributes alone."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([clean_span(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def clean_span(span: ReadableSpan) -> ReadableSpan:
    """The span with allowed attributes alone: of an error only that there was one, with the name of its type."""
    kept: dict[str, Any] = {name: value for name, value in (span.attributes or {}).items() if name in ALLOWED}
    for event in span.events:
        kind = (event.attributes or {}).get("exception.type")
        if isinstance(kind, str):
            kept["error.type"] = kind
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=kept,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )
