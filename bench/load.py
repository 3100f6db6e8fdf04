"""Load driver and its measurements: rate, latency, and CPU of server, worker and client for each operation."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.processes import cpu_ms, machine_ms


@dataclass
class Measured:
    """Measurements of one load, added up over its rounds. Times are milliseconds."""

    count: int = 0
    wall: float = 0
    server: float = 0
    worker: float = 0
    client: float = 0
    others: float = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.count * 1000 / self.wall

    @property
    def cpu(self) -> float:
        """CPU of one operation in all three processes."""
        return (self.server + self.worker + self.client) / self.count

    def share(self, used: float) -> float:
        return used / self.count

    def add(self, other: Measured) -> None:
        for name in ("count", "wall", "server", "worker", "client", "others"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.latencies += other.latencies


def percentile(values: list[float], share: float) -> float:
    """The smallest value that is not exceeded by this share of all."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def drive(
    operation: Callable[[int], Awaitable[None]],
    numbers: range,
    in_flight: int,
    seconds: float,
    server: int,
    worker: int,
) -> Measured:
    """Run the operation for each number, so many at once, and account for CPU by process id.

    After `seconds` no further one is begun. Raises TimeoutError when those that run do not end in the same time again.
    """
    latencies: list[float] = []
    waiting = iter(numbers)

    async def one_after_the_other() -> None:
        for number in waiting:
            began = time.perf_counter()
            if began - start > seconds:
                return
            await operation(number)
            latencies.append((time.perf_counter() - began) * 1e3)

    def used() -> tuple[float, float, float, float]:
        return cpu_ms(server), cpu_ms(worker), cpu_ms(os.getpid()), machine_ms()

    before, start = used(), time.perf_counter()
    async with asyncio.timeout(2 * seconds):
        await asyncio.gather(*(one_after_the_other() for _ in range(in_flight)))
    wall = (time.perf_counter() - start) * 1e3
    on_server, on_worker, on_client, machine = (now - then for now, then in zip(used(), before, strict=True))
    others = max(machine - on_server - on_worker - on_client, 0)
    return Measured(len(latencies), wall, on_server, on_worker, on_client, others, latencies)
