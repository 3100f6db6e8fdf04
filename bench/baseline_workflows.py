"""Baseline workflows: a workflow that does nothing, one that calls activities which do nothing, and one that waits.

They run in the SDK's sandbox, as workflows do by default, so this file imports the standard library and temporalio only.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import activity, workflow

PATIENCE = timedelta(seconds=20)


@activity.defn
def nothing(word: str) -> str:
    """An activity that runs on a thread, as Umpire's do."""
    return word


@workflow.defn
class Null:
    """No activity at all: what the server and the SDK ask for any workflow."""

    @workflow.run
    async def run(self, _kinds: list[str]) -> str:
        return "done"


@workflow.defn
class Bare:
    """The same activities in the same order as a case, `local` or `remote`, with nothing in them."""

    @workflow.run
    async def run(self, kinds: list[str]) -> str:
        for kind in kinds:
            if kind == "local":
                await workflow.execute_local_activity(nothing, "word", start_to_close_timeout=PATIENCE)
            else:
                await workflow.execute_activity(nothing, "word", start_to_close_timeout=PATIENCE)
        return "done"


@workflow.defn
class Parked:
    """Waits for an instant: what a timer and a cached workflow cost with nothing in it."""

    @workflow.run
    async def run(self, until: str) -> float:
        """Milliseconds after the instant (ISO 8601, UTC) at which the timer fired."""
        due = datetime.fromisoformat(until)
        await asyncio.sleep((due - workflow.now()).total_seconds())
        return (workflow.now() - due).total_seconds() * 1e3

    @workflow.query
    def status(self) -> str:
        return "parked"
