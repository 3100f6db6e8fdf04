"""A worker killed at hour 71 of 72, and others at random moments: nothing is late, nothing is lost, nothing is done twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import case_record
from demo.stories import killed_worker
from demo.story_printer import StoryPrinter
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from store import journal
from tests.stories.letters_on_file import count_letters, files_of, is_each_mailed_once, mailed_files

pytestmark = pytest.mark.devserver


async def test_a_worker_killed_at_hour_71_changes_no_due_instant_and_no_letter(
    tmp_path: Path, narrator: StoryPrinter
) -> None:
    async with killed_worker.STORY.open_lab(tmp_path) as lab:
        told = await killed_worker.tell(lab, narrator)
        found = case_record.read_case_record(lab.store, told.case_id)
        others = [case_record.read_case_record(lab.store, case_id) for case_id in told.others]
        with lab.store.read() as s:
            faults = journal.verify_all(s)
        files = mailed_files(lab.outbox)

    due = (told.received_at + 72 * killed_worker.HOUR).replace(microsecond=0)
    assert told.kills >= 3
    assert found.due_instants() == (due,)
    assert found.view.governing_rule == "MCD-SA-EXP"
    assert found.view.status is CaseStatus.APPROVED
    assert found.view.decided_at is not None
    assert told.received_at + 71 * killed_worker.HOUR <= found.view.decided_at <= due
    assert not found.of_kind(EntryKind.CLOCK_MISSED)
    assert [letter.handed_over_at for letter in found.letters if letter.handed_over_at is None] == []
    assert max(entry.at for entry in found.of_kind(EntryKind.LETTER_HANDED_OVER)) <= due

    assert [each.view.status for each in others] == [CaseStatus.APPROVED] * len(killed_worker.OTHERS)
    for each in (found, *others):
        assert count_letters(each) == dict.fromkeys(
            ("acknowledgment/member", "acknowledgment/provider", "approval/member", "approval/provider"), 1
        )
        assert is_each_mailed_once(each)
        assert len(each.of_kind(EntryKind.DETERMINATION_MADE)) == 1
    assert set(files) == set().union(*(files_of(each) for each in (found, *others)))
    assert len(files) == len(set(files)) == 8 * (1 + len(others))
    assert faults == []
