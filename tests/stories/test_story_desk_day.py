"""A day at the desk: what each act left in the store, and what its letters say to whoever reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO

import pytest
import pytest_asyncio
from rich.console import Console

from demo import case_record
from demo.case_record import CaseRecord
from demo.stories import desk_day
from demo.stories.desk_day import DeskDayResult
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.views import CaseStatus
from domain.decisions.decision_makers import ByReviewer
from domain.journal import EntryKind
from domain.vocabulary import Audience, Channel, NoticeKind
from store import cases, journal
from tests.stories.letters_on_file import count_letters, end_of_day, is_each_mailed_once

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.many]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """One lab for all tests of this file, which only read what the story left."""
    async with laboratory(tmp_path_factory.mktemp("desk")) as lab:
        yield lab


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> DeskDayResult:
    narrator = StoryPrinter(Console(file=StringIO(), width=110), tmp_path_factory.mktemp("out"))
    return await desk_day.tell(lab, narrator)


def record(lab: Lab, case_id: str) -> CaseRecord:
    return case_record.read_case_record(lab.store, case_id)


def page(found: CaseRecord, notice: NoticeKind, audience: Audience = Audience.MEMBER) -> str:
    (letter,) = found.letters_of(notice, audience)
    return " ".join(letter.rendered.text.split())


async def test_the_clock_of_a_call_runs_from_the_call_and_one_question_asks_for_what_it_cannot_show(
    lab: Lab, day: DeskDayResult
) -> None:
    found = record(lab, day.by_phone)
    assert found.request is not None and found.request.by_hand is not None
    assert (found.request.channel, found.request.by_hand.taken_by) == (Channel.PHONE, "intake.kim")
    assert found.view.status is CaseStatus.OPEN
    assert found.view.decision_due == end_of_day(found.view.received_at, 7, "America/Chicago")
    assert count_letters(found)["information_request/provider"] == 1


async def test_a_dismissal_tells_member_and_supplier_why_and_both_ways_out_and_never_that_the_supplier_asked(
    lab: Lab, day: DeskDayResult
) -> None:
    found = record(lab, day.dismissed)
    assert found.view.status is CaseStatus.DISMISSED and found.view.decided_at is None
    assert {entry.actor.id for entry in found.of_kind(EntryKind.MESSAGE_REFUSED)} == {"intake.kim"}
    for audience in (Audience.MEMBER, Audience.PROVIDER):
        told = page(found, NoticeKind.DISMISSAL, audience)
        assert desk_day.DISMISSAL_WORDS in told
        assert "within 6 months" in told and "within 65 days" in told
        assert "Asked for by" not in told and "Provider: Harbor Mobility" in told
    told = page(found, NoticeKind.ACKNOWLEDGMENT)
    assert "Somebody who says that they act for you asked us to cover" in told


async def test_the_plan_document_denies_under_the_name_of_benefit_staff_with_every_right(
    lab: Lab, day: DeskDayResult
) -> None:
    found = record(lab, day.benefit)
    with lab.store.read() as s:
        (line,) = cases.lines(s, day.benefit)
    assert found.view.status is CaseStatus.DENIED and line.decided_by == ByReviewer("benefits.falk")
    opened = [entry.summary for entry in found.of_kind(EntryKind.TASK_OPENED)]
    assert any(says.startswith("Task for benefit staff: Line 1") for says in opened)
    told = page(found, NoticeKind.ADVERSE_DETERMINATION)
    assert "Plan document, Section 7, item 12" in told and "You have the right to appeal." in told
    assert "external review" in told


async def test_a_longer_approval_is_the_second_version_under_the_same_number_and_each_letter_says_so(
    lab: Lab, day: DeskDayResult
) -> None:
    first, change = record(lab, day.therapy), record(lab, day.longer)
    assert change.view.authorization_number == first.view.authorization_number
    assert "This is about a change of an approval that you have." in page(change, NoticeKind.ACKNOWLEDGMENT)
    told = page(change, NoticeKind.APPROVAL)
    assert "takes the place of what we wrote before" in told and "to March 31, 2027" in told
    assert "to February 28, 2027" in page(first, NoticeKind.APPROVAL), "what was written before stays as it was"


async def test_evidence_after_a_denial_reopens_it_in_a_case_of_its_own_and_the_denial_stays_on_file(
    lab: Lab, day: DeskDayResult
) -> None:
    denied, reopened = record(lab, day.denied), record(lab, day.reopened)
    assert (denied.view.status, reopened.view.status) == (CaseStatus.DENIED, CaseStatus.APPROVED)
    assert reopened.view.decided_at is not None
    assert reopened.view.decided_at - reopened.view.received_at < timedelta(hours=1)
    assert "We were asked to look at it again." in page(reopened, NoticeKind.ACKNOWLEDGMENT)
    assert "was not approved before" in page(reopened, NoticeKind.APPROVAL)


async def test_nothing_of_the_day_was_late_every_letter_left_once_and_every_journal_is_whole(
    lab: Lab, day: DeskDayResult
) -> None:
    with lab.store.read() as s:
        assert journal.verify_all(s) == []
        found = [record(lab, view.case_id) for view in cases.find(s)]
    assert len(found) == 7
    for one in found:
        assert not one.of_kind(EntryKind.CLOCK_MISSED) and is_each_mailed_once(one)
