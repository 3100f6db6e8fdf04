"""The build id of a release, and the patches that it knows."""

from __future__ import annotations

import json
from pathlib import Path

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

from engine.release import build_id, identify_release, known_patches
from services.commands.releases import MOVING
from tests.paths import ROOT
from tests.workflows.two_releases import build_of, write_later_release, write_release
from worker import WORKFLOWS
from workflows.upkeep import Upkeep


def test_the_same_code_has_the_same_build_id_in_every_folder_and_other_code_another_one(
    tmp_path: Path,
) -> None:
    assert build_of(write_release(tmp_path / "copy")) == build_id()
    assert build_of(write_later_release(tmp_path / "later")) != build_id()


def test_every_patch_of_the_workflows_is_known() -> None:
    commands = json.loads((ROOT / "tests" / "histories" / "fingerprints" / "commands.json").read_text())
    named = {
        command.partition(" ")[2].strip("'")
        for listed in commands.values()
        for command in listed
        if "patched '" in command
    }
    assert named and known_patches() == named


def test_each_workflow_says_what_a_new_release_does_to_it() -> None:
    definitions = [_Definition.must_from_class(one) for one in (*WORKFLOWS, Upkeep)]
    behaviors = {one.name: one.versioning_behavior for one in definitions}
    assert {name for name, one in behaviors.items() if one is not None and one.name == "AUTO_UPGRADE"} == set(MOVING)
    assert {name for name, one in behaviors.items() if one is not None and one.name == "PINNED"} == {
        "Callback",
        "Upkeep",
    }


def test_a_worker_outside_of_a_deployment_says_no_behavior() -> None:
    runner = SandboxedWorkflowRunner()
    alone, deployed = identify_release("", runner), identify_release("umpire", runner)
    assert alone["build_id"] == build_id() and "deployment_config" not in alone
    assert deployed["workflow_runner"] is runner and deployed["deployment_config"].version.build_id == build_id()
