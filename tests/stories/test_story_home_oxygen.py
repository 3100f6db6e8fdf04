"""Home oxygen with complete evidence is approved by rule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from demo import case_record
from demo.stories import home_oxygen
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab
from domain.cases.views import CaseStatus
from domain.criteria.trace import CriteriaResultState
from domain.decisions.decision_makers import ByRule
from domain.journal import EntryKind
from domain.vocabulary import Audience, LineOutcome, NoticeKind
from store import cases
from tests.stories.letters_on_file import count_letters, end_of_day, files_of, is_each_mailed_once, mailed_files

pytestmark = pytest.mark.many


async def test_home_oxygen_with_complete_evidence_is_approved_by_rule_in_seconds(
    lab: Lab, narrator: StoryPrinter, out: Path
) -> None:
    found = case_record.read_case_record(lab.store, await home_oxygen.tell(lab, narrator))
    view = found.view
    assert view.status is CaseStatus.APPROVED
    assert view.decided_at is not None and view.decided_at - view.received_at < timedelta(seconds=10)
    assert view.decision_due == end_of_day(view.received_at, 7, "America/Chicago")
    assert found.tasks == ()
    with lab.store.read() as s:
        (line,) = cases.lines(s, view.case_id)
    assert (line.outcome, line.decided_by) == (LineOutcome.APPROVED, ByRule("OXY@2023-04-01.3"))
    assert found.verdicts[str(line.verdict_id)].state is CriteriaResultState.MET
    assert {entry.data["duty"] for entry in found.of_kind(EntryKind.CLOCK_MET)} == {
        "decision",
        "written_notice",
        "provider_notice",
    }
    assert found.fault is None


async def test_its_four_letters_left_the_house_once_and_carry_number_and_dates(
    lab: Lab, narrator: StoryPrinter, out: Path
) -> None:
    found = case_record.read_case_record(lab.store, await home_oxygen.tell(lab, narrator))
    assert count_letters(found) == dict.fromkeys(
        ("acknowledgment/member", "acknowledgment/provider", "approval/member", "approval/provider"), 1
    )
    assert is_each_mailed_once(found)
    assert set(mailed_files(lab.outbox)) == files_of(found)
    for audience in (Audience.MEMBER, Audience.PROVIDER):
        (letter,) = found.letters_of(NoticeKind.APPROVAL, audience)
        assert str(found.view.authorization_number) in letter.rendered.text
        assert "December 7, 2026 to December 6, 2027" in " ".join(letter.rendered.text.split())
    assert len(list((out / "1-home-oxygen").iterdir())) == 8
