"""A run that continues a case starts from the case that it carries, also when an older release wrote its input."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio import workflow

from engine import workflow_names
from worker import WORKFLOWS
from workflows.steps.case import CaseWorkflow

OLDER_INPUTS = json.loads(Path(__file__).with_name("continued_runs.json").read_text())
"""For each workflow the input of a continued run, as the releases wrote it that copied the case's fields beside it."""
LATER = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
BY_NAME: dict[str, Any] = {workflow._Definition.must_from_class(one).name or "": one for one in WORKFLOWS}


class Continued(Exception):
    pass


def run_of(monkeypatch: pytest.MonkeyPatch, name: str, *, continued: bool) -> None:
    """Let the workflow be a run that Temporal continued from an earlier one, or a first run."""
    given = OLDER_INPUTS[name]
    about = {
        "workflow_id": given.get("case_id", given.get("stay_id")),
        "run_id": "R2" if continued else "R1",
        "first_execution_run_id": "R1",
        "continued_run_id": "R1" if continued else None,
        "start_time": LATER,
        "retry_policy": None,
        "cron_schedule": "",
    }
    monkeypatch.setattr(workflow, "info", lambda: SimpleNamespace(**about))
    monkeypatch.setattr(workflow, "now", lambda: LATER)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_case_that_the_start_of_a_first_run_brings_along_is_not_believed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(monkeypatch, name, continued=False)
    start, running = begun(name, OLDER_INPUTS[name])
    assert start.carried.answers and not running.case.answers
    assert running.refused_start


@pytest.mark.parametrize("name", BY_NAME)
def test_a_run_continues_the_case_that_an_older_release_carried(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_of(monkeypatch, name, continued=True)
    start, running = begun(name, OLDER_INPUTS[name])
    assert running.case == start.carried and running.case.case_id == start.carried.case_id
    running.case.answers["m2"] = running.case.answers["m1"].model_copy(update={"message_id": "m2"})

    _, next_running = begun(name, next_input(running, monkeypatch))
    assert next_running.case == running.case
    assert list(next_running.case.answers) == ["m1", "m2"]


def test_every_workflow_has_its_name_in_the_list_that_starters_use() -> None:
    names = {value for key, value in vars(workflow_names).items() if key.isupper()}
    assert names == {*BY_NAME, workflow_names.UPKEEP}


def begun(name: str, data: Any) -> tuple[Any, CaseWorkflow[Any, Any]]:
    """The start as this release reads it, and the run that is given its JSON."""
    running = BY_NAME[name](data)
    return running.kind_of_start.model_validate_json(json.dumps(data)), running


def next_input(running: CaseWorkflow[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The input that the run hands to the next one, as JSON data."""
    handed: list[Any] = []

    def continue_as_new(start: Any, **_: Any) -> None:
        handed.append(start.model_dump(mode="json"))
        raise Continued

    monkeypatch.setattr(workflow, "continue_as_new", continue_as_new)
    monkeypatch.setattr(workflow, "now", lambda: LATER)
    with pytest.raises(Continued):
        running.continue_in_new_run()
    return handed[0]
