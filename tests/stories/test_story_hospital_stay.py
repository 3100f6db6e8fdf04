"""The hospital stay: what the story promises, and what its journals and letters hold besides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO

import pytest
import pytest_asyncio
from rich.console import Console

from demo import case_record
from demo.case_record import CaseRecord
from demo.stories import hospital_stay
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind
from store import case_summaries, cases

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.many]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """One lab for all tests of this file, which only read what the story left."""
    async with laboratory(tmp_path_factory.mktemp("stay")) as lab:
        yield lab


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stay(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> CaseRecord:
    narrator = StoryPrinter(Console(file=StringIO(), width=110), tmp_path_factory.mktemp("out"))
    return case_record.read_case_record(lab.store, await hospital_stay.tell(lab, narrator))


def other(lab: Lab, stay: CaseRecord, name: str) -> CaseRecord:
    return case_record.read_case_record(lab.store, name.format(stay.view.case_id.removeprefix("ST-")))


async def test_every_day_of_the_stay_has_its_answer_and_the_denied_one_shows_both(lab: Lab, stay: CaseRecord) -> None:
    with lab.store.read() as s:
        sheet = case_summaries.get(s, stay.view.case_id)
    assert sheet is not None
    days = sheet.content["days"]
    answers = [(row["answer"], row["level_of_care"], row["changed_by"] is not None) for row in days]  # type: ignore[union-attr, index, call-overload]
    assert answers == [
        ("certified", "icu", False),
        ("certified", "icu", False),
        ("certified", "inpatient_ward", False),
        ("denied", "inpatient_ward", True),
        ("certified", "inpatient_ward", False),
    ]


async def test_the_denial_was_signed_after_a_call_was_offered_and_told_to_member_and_hospital(
    lab: Lab, stay: CaseRecord
) -> None:
    third = other(lab, stay, "PA-{}-R3")
    kinds = [entry.kind for entry in third.entries]
    assert kinds.index(EntryKind.PEER_TO_PEER_SETTLED) < kinds.index(EntryKind.DETERMINATION_MADE)
    assert third.view.status is CaseStatus.APPROVED_IN_PART
    told = {letter.audience for letter in third.letters_of(NoticeKind.ADVERSE_DETERMINATION)}
    assert told == {Audience.MEMBER, Audience.PROVIDER}


async def test_nothing_that_was_owed_to_the_member_was_late(lab: Lab, stay: CaseRecord) -> None:
    with lab.store.read() as s:
        found = [view.case_id for view in cases.find(s)]
    for case_id in found:
        assert not case_record.read_case_record(lab.store, case_id).of_kind(EntryKind.CLOCK_MISSED)


async def test_the_member_is_called_within_two_business_days_and_reminded_before_the_visit(
    lab: Lab, stay: CaseRecord
) -> None:
    with lab.store.read() as s:
        home = next(v.case_id for v in cases.find(s) if v.case_id.startswith("DP-") and "TALLGRASS" in v.title.upper())
    found = case_record.read_case_record(lab.store, home)
    call = found.task(TaskKind.POST_DISCHARGE_CALL)
    assert call.completed_at is not None and call.completed_at <= call.due_at
    reminders = found.letters_of(NoticeKind.APPOINTMENT_REMINDER)
    first, second = sorted(letter.written_at for letter in reminders)
    assert abs(second - first - timedelta(days=2)) < timedelta(seconds=1)
