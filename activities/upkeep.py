"""Activity that runs a task of the installation's upkeep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from temporalio import activity
from temporalio.exceptions import ApplicationError

Beat = Callable[[], None]
"""Called after each portion of work, as proof that it goes on."""


class UpkeepRuns:
    """The tasks by name. Each is safe to repeat: it finds what is so, and does nothing twice."""

    def __init__(self, tasks: Mapping[str, Callable[[Beat], Awaitable[str]]]) -> None:
        self._tasks = tasks

    @activity.defn
    async def run_upkeep(self, task: str) -> str:
        """Run the task; what was found, in a sentence without health information."""
        run = self._tasks.get(task)
        if run is None:
            raise ApplicationError(
                f"this release knows no upkeep '{task}': run 'umpire schedules apply' of this release",
                type="UnknownUpkeep",
                non_retryable=True,
            )
        return await run(activity.heartbeat)
