"""The two places where metrics are scraped: the port of the Temporal SDK in a worker, and a page of its own in a web server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from engine.observing.measures import MEASURES, SECONDS_BUCKETS, TURN_WAIT, MeasureKind, Readings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Histogram
    from prometheus_client.core import Metric
    from temporalio.common import MetricMeter

KEPT_SECONDS = 15.0
"""Readings are this old at most when they are served; nobody asks the store more often, however often a page is scraped."""
log = logging.getLogger("umpire.metrics")


class SdkMeters:
    """Gauges and histograms on the metrics port that the Temporal SDK serves."""

    def __init__(self, meter: MetricMeter) -> None:
        self._gauges = {
            measure.name: (meter.create_gauge_float(measure.name, measure.means), measure.labels)
            for measure in MEASURES
            if measure.kind is MeasureKind.GAUGE
        }
        self._turn = meter.create_histogram_float(TURN_WAIT.name, TURN_WAIT.means)

    def show(self, readings: Readings) -> None:
        """Set every gauge for which there is a reading."""
        for (name, values), value in readings.items():
            gauge, labels = self._gauges[name]
            gauge.set(value, dict(zip(labels, values, strict=True)))

    def record_turn(self, seconds: float) -> None:
        """Record one wait for the writer's turn."""
        self._turn.record(seconds)


BUCKET_OVERRIDES = {TURN_WAIT.name: list(SECONDS_BUCKETS)}


class MetricsPage:
    """A Prometheus page of gauges that are read when it is scraped, at most every KEPT_SECONDS, and of histograms."""

    def __init__(self, read: Callable[[], Readings], clock: Callable[[], float] = time.monotonic) -> None:
        from prometheus_client import CollectorRegistry, Histogram  # loaded only where metrics are served

        self.registry: CollectorRegistry = CollectorRegistry()
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._kept: tuple[float, Readings] | None = None
        self._histograms: dict[str, Histogram] = {
            measure.name: Histogram(
                measure.name, measure.means, measure.labels, buckets=SECONDS_BUCKETS, registry=self.registry
            )
            for measure in MEASURES
            if measure.kind is MeasureKind.HISTOGRAM
        }
        self.registry.register(self)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Record a time under these values of the histogram's labels."""
        histogram = self._histograms[name]
        (histogram.labels(*labels) if labels else histogram).observe(seconds)

    def record_turn(self, seconds: float) -> None:
        """Record one wait for the writer's turn."""
        self.observe(TURN_WAIT.name, seconds)

    def describe(self) -> Iterator[Metric]:
        """Nothing: a registry that asks for names must not read the store."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The gauges, for the registry. Without a store they are absent: an alert tells, and a zero would lie."""
        from prometheus_client.core import GaugeMetricFamily

        readings = self._current()
        for measure in MEASURES:
            if measure.kind is MeasureKind.GAUGE:
                family = GaugeMetricFamily(measure.name, measure.means, labels=measure.labels)
                for (name, values), value in readings.items():
                    if name == measure.name:
                        family.add_metric(values, value)
                yield family

    def _current(self) -> Readings:
        with self._lock:
            now = self._clock()
            if self._kept is None or now - self._kept[0] >= KEPT_SECONDS:
                try:
                    self._kept = (now, self._read())
                except Exception as error:  # its text may quote a row
                    log.warning("metrics were not read: %s", type(error).__name__)
                    self._kept = (now, {})
            return self._kept[1]

    def text(self) -> str:
        """The page as Prometheus reads it."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry).decode()

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serve the page in a thread of its own; what stops it. Raises OSError where the port is taken."""
        from prometheus_client import start_http_server

        server, thread = start_http_server(port, host, self.registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop
