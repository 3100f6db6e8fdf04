"""Registry of the metrics that Umpire serves, and of those of the Temporal SDK that its dashboard and alerts read.

No label holds a case, a member or a person: labels are kinds, states, roles and route templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class MeasureKind(StrEnum):
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Measure(NamedTuple):
    """A metric: its name with the unit at its end, its kind, labels, and meaning."""

    name: str
    kind: MeasureKind
    labels: tuple[str, ...]
    means: str


Readings = Mapping[tuple[str, tuple[str, ...]], float]
"""The values of gauges, by name and values of the labels in their order."""

CLOCKS = Measure(
    "umpire_clocks",
    MeasureKind.GAUGE,
    ("state",),
    "Duties under clocks of open cases: missed, at_risk (under two hours), due_today, on_time, stopped by law",
)
ARRIVALS = Measure(
    "umpire_arrivals_waiting",
    MeasureKind.GAUGE,
    ("state",),
    "Arrivals: unread, or unstarted (read, and not with a case)",
)
OLDEST_ARRIVAL = Measure(
    "umpire_oldest_arrival_seconds",
    MeasureKind.GAUGE,
    ("state",),
    "Age of the oldest arrival that is unread or unstarted",
)
LETTERS = Measure(
    "umpire_letters_not_handed_over", MeasureKind.GAUGE, (), "Letters that were written and are not with the carrier"
)
OLDEST_LETTER = Measure(
    "umpire_oldest_letter_not_handed_over_seconds",
    MeasureKind.GAUGE,
    (),
    "Age of the oldest letter not with the carrier",
)
OPEN_TASKS = Measure("umpire_open_tasks", MeasureKind.GAUGE, ("role",), "Open tasks of each role")
OVERDUE_TASKS = Measure(
    "umpire_overdue_tasks", MeasureKind.GAUGE, ("role",), "Open tasks of each role past their due time"
)
MEASURED_AT = Measure(
    "umpire_measured_at_seconds",
    MeasureKind.GAUGE,
    (),
    "Unix time at which these figures were last read from the store",
)
TURN_WAIT = Measure(
    "umpire_store_turn_wait_seconds", MeasureKind.HISTOGRAM, (), "Wait of a writer for its turn at the store (SQLite)"
)
HTTP_REQUESTS = Measure(
    "umpire_http_request_seconds",
    MeasureKind.HISTOGRAM,
    ("route", "method", "status"),
    "Time of requests to pages and API, by the template of their route",
)
MEASURES = (
    CLOCKS,
    ARRIVALS,
    OLDEST_ARRIVAL,
    LETTERS,
    OLDEST_LETTER,
    OPEN_TASKS,
    OVERDUE_TASKS,
    MEASURED_AT,
    TURN_WAIT,
    HTTP_REQUESTS,
)

SDK_METRICS = (
    "temporal_activity_schedule_to_start_latency",
    "temporal_workflow_task_schedule_to_start_latency",
    "temporal_workflow_task_execution_failed",
    "temporal_worker_task_slots_available",
    "temporal_sticky_cache_size",
    "temporal_num_pollers",
)
"""Metrics that the SDK serves on the worker's port; latencies are in milliseconds."""

SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms, in seconds."""


def metric_names() -> frozenset[str]:
    """Every name under which a metric is scraped; a histogram has three."""
    found = set(SDK_METRICS)
    for one in (*(measure.name for measure in MEASURES if measure.kind is MeasureKind.HISTOGRAM), *SDK_METRICS[:2]):
        found |= {f"{one}_{part}" for part in ("bucket", "sum", "count")}
    return frozenset(found | {measure.name for measure in MEASURES if measure.kind is MeasureKind.GAUGE})
