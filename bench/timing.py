"""Stopwatch for each kind of activity inside the worker: wall time and CPU time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

from temporalio import activity
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Stopwatch(ClientInterceptor, Interceptor):
    """Interceptor of a client that every worker on that client inherits."""

    def __init__(self) -> None:
        self._taken: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _TimedActivities(next, self)

    def take(self) -> dict[str, dict[str, list[float]]]:
        """Milliseconds of every call since the last time, by kind of activity; `wall` and `cpu` in the same order."""
        taken, self._taken = self._taken, defaultdict(list)
        return {
            kind: {"wall": [wall for wall, _ in calls], "cpu": [cpu for _, cpu in calls]}
            for kind, calls in taken.items()
        }

    def note(self, kind: str, wall: float, cpu: float) -> None:
        self._taken[kind].append((wall * 1e3, cpu * 1e3))


class _TimedActivities(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, watch: Stopwatch) -> None:
        super().__init__(next)
        self._watch = watch

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        input.fn = self._timed(input.fn, activity.info().activity_type)
        return await super().execute_activity(input)

    def _timed(self, work: Callable[..., Any], kind: str) -> Callable[..., Any]:
        @wraps(work)
        def run(*given: Any) -> Any:
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return work(*given)
            finally:
                self._watch.note(kind, time.perf_counter() - wall, time.thread_time() - cpu)

        return run
