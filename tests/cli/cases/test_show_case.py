"""Stays and discharge plans on the command line: listed, shown from their sentence down, and completed by their own forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.cases.tasks import TaskKind
from store import cases, tasks
from tests.cli.terminal import SAMPLES, Terminal

pytestmark = pytest.mark.many


async def stay(terminal: Terminal) -> str:
    said = await terminal.type("admit", SAMPLES / "adt" / "03-to-inpatient-A06.hl7", "--json")
    assert said.code == 0, said.err
    stay_id: str = said.data[0]["stay_id"]
    terminal.lab.handle(stay_id)
    await terminal.lab.settle()
    return stay_id


async def test_a_stay_is_listed_and_shown_with_what_its_process_knows(terminal: Terminal) -> None:
    stay_id = await stay(terminal)
    listed = await terminal.type("stays")
    assert stay_id in listed.out and "MERIDIAN" in listed.out
    assert [one["stay"]["stay_id"] for one in (await terminal.type("stays", "--json")).data] == [stay_id]
    assert [one["case_id"] for one in (await terminal.type("cases", "--process", "stay", "--json")).data] == [stay_id]
    shown = (await terminal.type("show", stay_id)).out
    assert shown.splitlines()[0].startswith(f"Stay {stay_id}: Waits for")
    for part in ("\nStay\n", "\nPhases\n", "\nTasks\n", "\nJournal\n"):
        assert part in shown
    assert (await terminal.type("show", stay_id, "--json")).data["sheet"]["process"] == "stay"


async def test_a_concern_raised_at_a_stay_leaves_its_number_there(terminal: Terminal) -> None:
    stay_id = await stay(terminal)
    words = ("--kind", "safety", "--what", "A fall in the night.", "--as", "nurse.adams")
    raised = (await terminal.type("concern", "raise", "--case", stay_id.lower(), *words, "--json")).data[0]
    await terminal.lab.settle()
    shown = (await terminal.type("show", stay_id)).out
    assert f"A concern was raised: {raised['case_id']}." in shown and "A fall" not in shown


async def test_tasks_of_a_stay_and_of_its_plan_have_their_empty_forms(terminal: Terminal) -> None:
    await stay(terminal)
    with terminal.lab.store.read() as s:
        found = [task for view in cases.find(s) for task in tasks.of_case(s, view.case_id)]
    kinds = {task.kind: task for task in found}
    update = await terminal.type("complete", kinds[TaskKind.CLINICAL_UPDATE].task_id, "--as", "nurse.adams", "--form")
    assert set(update.data["form"].values()) <= {None} and update.data["meaning"]
    missed = kinds.get(TaskKind.MISSED_CLOCK)
    if missed is not None:
        said = await terminal.type("complete", missed.task_id, "--as", "compliance.ortiz")
        assert said.code == 0 and "Noted." in said.out


async def test_what_was_not_read_of_a_request_is_shown_on_its_case(terminal: Terminal, tmp_path: Path) -> None:
    bundle = json.loads((SAMPLES / "requests" / "home-oxygen-complete.json").read_bytes())
    unknown = {"coding": [{"system": "https://codes.example.org/place", "code": "12"}]}
    bundle["entry"][0]["resource"]["item"][0]["locationCodeableConcept"] = unknown
    file = tmp_path / "request.json"
    file.write_text(json.dumps(bundle))
    case_id = (await terminal.type("submit", file, "--json")).data[0]["case_id"]
    terminal.lab.handle(case_id)
    await terminal.lab.settle()
    shown = (await terminal.type("show", case_id)).out
    assert "\nNot read\n" in shown and "the place of service is not in a code system that is known here" in shown
    (remark,) = (await terminal.type("show", case_id, "--json")).data["remarks"]
    assert remark["about_service"] is True and remark["line_id"] == "1"
