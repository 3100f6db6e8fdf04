"""A message that waited for a worker is judged by its stamp: in time or late, whenever it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import case_record
from demo.stories import late_decision
from demo.stories.late_decision import duties_with
from demo.story_printer import StoryPrinter
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from tests.stories.letters_on_file import count_letters, is_each_mailed_once

pytestmark = pytest.mark.devserver


async def test_a_late_signal_sent_while_the_worker_is_down_is_judged_late(
    tmp_path: Path, narrator: StoryPrinter
) -> None:
    async with late_decision.STORY.open_lab(tmp_path) as lab:
        told = await late_decision.tell(lab, narrator)
        in_time, too_late = (
            case_record.read_case_record(lab.store, told.in_time),
            case_record.read_case_record(lab.store, told.late),
        )

    for found in (in_time, too_late):
        assert found.due_instants() == ((found.view.received_at + late_decision.CLOCK).replace(microsecond=0),)
        assert found.view.status is CaseStatus.APPROVED
        assert found.fault is None
        assert is_each_mailed_once(found)
    due = in_time.view.decision_due
    assert in_time.view.decided_at is not None and too_late.view.decided_at is not None and due is not None
    assert in_time.view.decided_at <= due < too_late.view.decided_at

    assert "decision" in duties_with(in_time, EntryKind.CLOCK_MET)
    assert duties_with(in_time, EntryKind.CLOCK_MISSED) == {"written_notice", "provider_notice"}
    assert duties_with(too_late, EntryKind.CLOCK_MISSED) == {"decision", "written_notice", "provider_notice"}
    assert not in_time.of_kind(EntryKind.CONSEQUENCE_APPLIED)
    (consequence,) = too_late.of_kind(EntryKind.CONSEQUENCE_APPLIED)
    assert consequence.data["effect"] == "deemed_adverse"
    assert count_letters(too_late)["approval/member"] == count_letters(too_late)["approval/provider"] == 1
    assert not any("missed_deadline" in name for found in (in_time, too_late) for name in count_letters(found))
    task = too_late.task(TaskKind.MISSED_CLOCK)
    assert (task.status, task.outcome, task.assignee) == (TaskStatus.DONE, TaskOutcome.ACKNOWLEDGE, "compliance.ortiz")
