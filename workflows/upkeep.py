"""Workflow of upkeep: one run of one task that a schedule starts."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from activities.upkeep import UpkeepRuns
    from engine import options
    from engine.workflow_names import UPKEEP


@workflow.defn(name=UPKEEP, versioning_behavior=VersioningBehavior.PINNED)
class Upkeep:
    """Runs the named task once. Its result says what was found, in a sentence."""

    @workflow.run
    async def run(self, task: str) -> str:
        return await workflow.execute_activity_method(UpkeepRuns.run_upkeep, task, **options.UPKEEP)
