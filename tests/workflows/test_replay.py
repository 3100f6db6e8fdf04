"""Running cases survive a change of code: stored histories replay, and the commands that workflows can issue stay known."""

from __future__ import annotations

import json

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from engine.client import data_converter
from tests.workflows.fingerprints import fingerprints
from tests.workflows.recording import HISTORIES, SCENARIOS
from worker import RUNNER, WORKFLOWS

KEPT = {path.stem: path.read_text() for path in sorted(HISTORIES.glob("*.json"))}
FINGERPRINTS = HISTORIES / "fingerprints" / "commands.json"


def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, data_converter=data_converter({}))


@pytest.mark.parametrize("name", KEPT)
async def test_a_stored_history_replays_under_this_code(name: str) -> None:
    """Fails where a change would break cases that run: patch the workflow, never record the history anew."""
    await replayer().replay_workflow(WorkflowHistory.from_json(name, KEPT[name]))


def test_every_path_has_its_stored_history() -> None:
    assert set(KEPT) >= set(SCENARIOS)


async def test_a_history_with_another_order_of_steps_is_found() -> None:
    """The replay test can fail: a history whose steps differ from the code's is refused."""
    history = json.loads(KEPT["approved_by_rule"])
    events = history["events"]
    scheduled = next(event for event in events if "activityTaskScheduledEventAttributes" in event)
    scheduled["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "another_activity"
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json("changed", json.dumps(history)))


def test_the_commands_of_workflows_are_the_known_ones() -> None:
    """A changed list may break running cases in ways that no stored history reaches.

    If the change is behind `workflow.patched`, or no case of the old kind can be running, store the new list:
    python -m tests.workflows.store_fingerprints (and say so in the commit).
    """
    assert fingerprints() == json.loads(FINGERPRINTS.read_text())
