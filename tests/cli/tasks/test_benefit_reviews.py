"""A limit or exclusion of the plan's documents: from the nurse to benefit staff, with a clinician first where the law asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from domain.cases.tasks import TaskKind
from store import cases, letters, tasks
from tests.cli.terminal import Terminal

WHO = ("--as", "benefits.falk")
SEND = ("--outcome", "to_benefits", "--recommendation", "A second device in one year.")
DENIAL: dict[str, Any] = {
    "result": "denied",
    "provision_id": "PLAN-CPAP-EXCLUSION",
    "asked": "Riverbend Clinic asked us to cover a second CPAP device this year.",
    "counted": "Our records show one CPAP device that we paid for in March of this year.",
    "gap": "The device that was asked for would be the second one of this year.",
    "what_would_change": "A record that you never got the device of March, or a request for a device next year.",
    "plain_words": "Your plan document does not cover a second device of the same kind in one calendar year. "
    "Our records show that we paid for one in March of this year.",
    "no_conflict_of_interest": True,
    "attested": True,
}


def task_of(terminal: Terminal, case_id: str, kind: TaskKind) -> str:
    with terminal.lab.store.read() as s:
        found = [task.task_id for task in tasks.of_case(s, case_id) if task.kind is kind and task.is_open]
    assert found, f"no open task of kind {kind}"
    return found[-1]


def form(folder: Path, **changes: Any) -> Path:
    path = folder / "benefit.json"
    path.write_text(json.dumps(DENIAL | changes))
    return path


async def test_an_exclusion_is_denied_by_benefit_staff_with_the_provision_word_for_word(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await terminal.submit("cpap-second-device")
    await terminal.lab.advance(days=12)
    sent = await terminal.type(
        "complete", task_of(terminal, case_id, TaskKind.NURSE_REVIEW), "--as", "nurse.adams", *SEND
    )
    assert sent.code == 0, sent.err
    task = task_of(terminal, case_id, TaskKind.BENEFIT_REVIEW)
    blank = await terminal.type("complete", task, *WHO, "--form")
    assert "provision_id" in blank.data["meaning"] and blank.data["form"]["result"] is None
    judged = await terminal.type("complete", task, *WHO, "--file", form(tmp_path, provision_id="PLAN-EXPERIMENTAL"))
    assert judged.code == 3 and "[benefit.needs_judgment]" in judged.err
    clinical = await terminal.type(
        "complete", task, *WHO, "--file", form(tmp_path, gap="A second device is not medically necessary.")
    )
    assert clinical.code == 3 and "[benefit.clinical_words]" in clinical.err
    nurse = await terminal.type("complete", task, "--as", "nurse.adams", "--file", form(tmp_path))
    assert nurse.code == 3 and "[decision.credential]" in nurse.err
    done = await terminal.type("complete", task, *WHO, "--file", form(tmp_path))
    assert done.code == 0, done.err
    with terminal.lab.store.read() as s:
        view = cases.get(s, case_id)
        pages = {
            audience: " ".join(letters.get(s, f"{case_id}:adverse_determination:{audience}:1").rendered.text.split())
            for audience in ("member", "provider")
        }
    assert view is not None and view.status.value == "denied"
    words = "The plan does not cover a second device of the same kind in a calendar year."
    for page in pages.values():
        assert words in page and "Plan document, Section 7, item 12" in page
    assert "appeal" in pages["member"] and "502(a)" in pages["member"], "the full notice, with every right"
    assert "not on clinical judgment" in pages["provider"] and "physician reviewer" not in pages["provider"]


async def test_a_limit_is_soft_for_a_child_in_medicaid_until_a_clinician_has_answered(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await terminal.submit("therapy-child")
    sent = await terminal.type(
        "complete", task_of(terminal, case_id, TaskKind.NURSE_REVIEW), "--as", "nurse.adams", *SEND
    )
    assert sent.code == 0, sent.err
    question = task_of(terminal, case_id, TaskKind.NEED_QUESTION)
    with terminal.lab.store.read() as s:
        assert not [t for t in tasks.of_case(s, case_id) if t.kind is TaskKind.BENEFIT_REVIEW], "nobody can sign before"
    answer = tmp_path / "need.json"
    answer.write_text(json.dumps({"necessary": True, "rationale": "The gait study of October shows what was lost."}))
    staff = await terminal.type("complete", question, *WHO, "--file", answer)
    assert staff.code == 3 and "[task.role]" in staff.err
    with terminal.lab.store.read() as s:
        fitting = next(t for t in tasks.of_case(s, case_id) if t.task_id == question)
    assert fitting.professions == ("physician",)
    done = await terminal.type("complete", question, "--as", "director.osei", "--file", answer)
    assert done.code == 0 and "does not bind" in done.out, done.err
    assert task_of(terminal, case_id, TaskKind.PHYSICIAN_REVIEW)
