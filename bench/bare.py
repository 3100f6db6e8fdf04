"""The yardsticks: a workflow that does nothing, and one that calls activities which do nothing.

Sandboxed like the real ones, so this file imports the standard library and temporalio only.
"""

from __future__ import annotations

from datetime import timedelta

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
