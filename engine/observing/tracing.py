"""Traces by OpenTelemetry, off unless UMPIRE_TRACES names a collector; nothing of it is imported while they are off.

Spans carry case numbers, kinds of workflows, activities and routes, and times. Whatever else a library puts on one (the text of
an error, an address, a header) is taken off before it leaves the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.observing.observation import ObservationSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer
    from temporalio.contrib.opentelemetry import TracingInterceptor


def start_tracing(
    settings: ObservationSettings, service: str, exporter: SpanExporter | None = None
) -> TracerProvider | None:
    """The provider of a process's traces, sent to the collector in the background; None while they are off. `service` is the
    process's name in them; `exporter` takes the place of the collector."""
    if settings.traces_to is None and exporter is None:
        return None
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    from engine.observing.span_cleaning import CleaningExporter

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(CleaningExporter(exporter)))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(CleaningExporter(OTLPSpanExporter(endpoint=settings.traces_to))))
    return provider


def temporal_interceptors(provider: TracerProvider | None) -> list[TracingInterceptor]:
    """The interceptors that make spans of starts, messages, workflows and activities; none while traces are off.

    Steps that are replayed make no spans.
    """
    if provider is None:
        return []
    from temporalio.contrib.opentelemetry import TracingInterceptor

    return [TracingInterceptor(tracer_of(provider))]


def tracer_of(provider: TracerProvider) -> Tracer:
    """The tracer under Umpire's name."""
    return provider.get_tracer("umpire")
