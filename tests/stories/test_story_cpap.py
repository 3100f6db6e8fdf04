"""CPAP with a missing fact: one question, an answer on day 3, and a clock that never paused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo import case_record
from demo.stories import cpap
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab
from domain.cases.views import CaseStatus
from domain.decisions.decision_makers import ByRule
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind
from store import cases
from tests.stories.letters_on_file import count_letters, date_in_words, end_of_day, is_each_mailed_once

pytestmark = pytest.mark.many


async def test_the_provider_is_asked_once_and_the_medicare_clock_never_pauses(lab: Lab, narrator: StoryPrinter) -> None:
    found = case_record.read_case_record(lab.store, await cpap.tell(lab, narrator))
    view, due = found.view, end_of_day(found.view.received_at, 7, "America/Chicago")
    assert view.status is CaseStatus.APPROVED
    assert found.due_instants() == (due,)
    (asked,) = found.of_kind(EntryKind.INFORMATION_REQUESTED)
    assert asked.data["facts"] == ["pap.ahi"]
    (answered,) = found.of_kind(EntryKind.INFORMATION_RECEIVED)
    assert timedelta(days=3) <= answered.at - asked.at < timedelta(days=3, minutes=1)
    assert view.decided_at is not None and view.decided_at - answered.at < timedelta(minutes=1)
    assert count_letters(found) == dict.fromkeys(
        (
            "acknowledgment/member",
            "acknowledgment/provider",
            "information_request/provider",
            "approval/member",
            "approval/provider",
        ),
        1,
    )
    assert is_each_mailed_once(found)
    assert found.fault is None


async def test_the_question_names_what_is_missing_until_when_and_that_the_clock_runs_on(
    lab: Lab, narrator: StoryPrinter
) -> None:
    found = case_record.read_case_record(lab.store, await cpap.tell(lab, narrator))
    (letter,) = found.letters_of(NoticeKind.INFORMATION_REQUEST, Audience.PROVIDER)
    text = " ".join(letter.rendered.text.split())
    due = end_of_day(found.view.received_at, 7, "America/Chicago")
    (asked,) = found.of_kind(EntryKind.INFORMATION_REQUESTED)
    until = asked.at + (due - asked.at) * 0.6
    assert "AHI or RDI" in text
    # The answer is due while somebody is there to take it: on the Friday before when the share falls on a weekend.
    days = [until.astimezone(found.zone).date() - timedelta(days=back) for back in range(4)]
    assert any(date_in_words(day) in text for day in days if day.weekday() < 5)
    assert not any(date_in_words(day) in text for day in days if day.weekday() >= 5)
    assert "does not stop while we wait" in text
    assert date_in_words(due.astimezone(found.zone).date()) in text and "42 CFR 422.568(b)(1)(ii)" in text


async def test_the_second_look_is_met_with_the_value_that_was_missing_and_the_rule_approves(
    lab: Lab, narrator: StoryPrinter
) -> None:
    case_id = await cpap.tell(lab, narrator)
    found = case_record.read_case_record(lab.store, case_id)
    with lab.store.read() as s:
        (line,) = cases.lines(s, case_id)
    states = [verdict.state.value for verdict in found.verdicts.values()]
    assert states == ["unknown", "met"]
    assert line.decided_by == ByRule("PAP@2024-01-01.3")
    trace = found.verdicts[str(line.verdict_id)].trace
    assert trace is not None
    seen = [node.reading.value for node in trace.walk() if node.reading is not None and node.reading.fact == "pap.ahi"]
    assert set(seen) == {21.3}
    assert found.tasks == ()
