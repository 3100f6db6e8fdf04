"""Everything that goes wrong: workers down, systems silent, letters that cannot be written, requests that change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.authorization.messages import CorrectRequest
from domain.cases.messages import NoteDuplicate, ReassignTask
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.coverage.directory import Coverage
from domain.errors import Unavailable
from domain.vocabulary import CodeSystem, Lob, Urgency
from store import journal, requests
from store.letters import LetterRecord
from tests.workflows.care_requests import (
    FUSION,
    FUSION_NOT_MET,
    OXYGEN,
    OXYGEN_FACTS,
    add_member,
    line,
    request,
    without_plan_contact,
)
from tests.workflows.lab_case import LabCase


async def opened(lab: Lab, *lines: object, **more: object) -> LabCase:
    return LabCase(lab, await lab.open(request(*lines, **more)))  # type: ignore[arg-type]


@pytest.fixture
async def forgetful_lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab whose workers keep no case in memory, so that they can be taken away."""
    async with laboratory(tmp_path, cached=False) as lab:
        yield lab


@asynccontextmanager
async def time_passing(lab: Lab, instant: datetime) -> AsyncIterator[None]:
    """Time runs past an instant while nobody works. It stands still as soon as a timer waits for a worker."""
    passing = asyncio.create_task(lab.advance(hours=2))
    while await lab.now() <= instant + timedelta(seconds=1):
        pass
    yield
    await passing


class Silent:
    """An eligibility system that does not answer."""

    def __init__(self) -> None:
        self.asked = 0

    def coverage(self, member_id: str, day: date) -> Coverage | None:
        self.asked += 1
        raise Unavailable("the eligibility system does not answer")


@pytest.mark.many
async def test_a_silent_eligibility_system_is_asked_again_and_then_a_person_confirms(tmp_path: Path) -> None:
    silent = Silent()
    async with laboratory(tmp_path, eligibility=silent) as lab:
        services = await opened(lab, OXYGEN, known=OXYGEN_FACTS)
        await lab.advance(minutes=10)
        assert silent.asked > 3
        task = services.task(TaskKind.COVERAGE_QUESTION)
        assert task.is_open
        assert services.view().status is CaseStatus.OPEN
        confirmed = await services.completion(TaskKind.COVERAGE_QUESTION, "intake.kim", TaskOutcome.COVERAGE_CONFIRMED)
        await services.send(confirmed)
        await lab.advance(minutes=10)
        assert services.view().status is CaseStatus.APPROVED


async def test_an_ended_coverage_is_a_question_for_intake_never_a_denial(lab: Lab) -> None:
    services = await opened(lab, OXYGEN, known=OXYGEN_FACTS, member="MBR1000006")
    assert services.task(TaskKind.COVERAGE_QUESTION).is_open
    await lab.advance(days=20)
    assert services.view().status is CaseStatus.OPEN


async def test_a_decision_sent_late_while_no_worker_ran_is_judged_late(forgetful_lab: Lab) -> None:
    lab = forgetful_lab
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    due = services.view().decision_due
    assert due is not None
    task = services.task(TaskKind.NURSE_REVIEW)
    await lab.advance_to(due - timedelta(hours=1))
    await services.send(await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    await lab.stop_worker()
    async with time_passing(lab, due):
        approval = await services.approval_message(TaskKind.NURSE_REVIEW, "nurse.adams")
        assert approval.at > due
        await lab.handle(services.case_id).signal("complete_task", approval)
        await lab.start_worker()
    view = services.view()
    assert task.is_open
    assert view.status is CaseStatus.APPROVED
    assert view.decided_at == approval.at
    assert [entry.data["duty"] for entry in services.entries("clock_missed")][0] == "decision"
    assert "decision" not in [entry.data["duty"] for entry in services.entries("clock_met")]
    assert "We are sorry that our answer is late." in services.text("approval/member")


async def test_a_decision_sent_in_time_while_no_worker_ran_is_judged_in_time(forgetful_lab: Lab) -> None:
    lab = forgetful_lab
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due - timedelta(hours=1))
    await services.send(await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    await lab.stop_worker()
    approval = await services.approval_message(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert approval.at < due
    async with time_passing(lab, due):
        await lab.handle(services.case_id).signal("complete_task", approval)
        await lab.start_worker()
    assert "decision" in [entry.data["duty"] for entry in services.entries("clock_met")]
    assert "decision" not in [entry.data["duty"] for entry in services.entries("clock_missed")]
    missed = [entry.data["duty"] for entry in services.entries("clock_missed")]
    assert "written_notice" in missed, "the letter left after the due instant, and that stays visible"


class Jammed:
    """A carrier that fails a number of times, then takes the letter."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.taken: list[str] = []

    def carry(self, letter: LetterRecord) -> str:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the carrier is jammed")
        self.taken.append(letter.letter_id)
        return "receipt"


async def test_a_jammed_carrier_is_tried_again_and_each_letter_goes_out_once(tmp_path: Path) -> None:
    carrier = Jammed(failures=3)
    async with laboratory(tmp_path, carrier=carrier) as lab:
        services = await opened(lab, OXYGEN, known=OXYGEN_FACTS)
        await lab.advance(minutes=5)
        assert services.view().status is CaseStatus.APPROVED
    assert len(carrier.taken) == len(set(carrier.taken)) == 4


async def test_a_carrier_that_stays_in_trouble_holds_no_case_up(tmp_path: Path) -> None:
    carrier = Jammed(failures=1000)
    async with laboratory(tmp_path, carrier=carrier) as lab:
        services = await opened(lab, FUSION, known=FUSION_NOT_MET)
        await lab.advance(minutes=2)
        assert services.task(TaskKind.LETTER_REPAIR).is_open
        await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
        await lab.advance(minutes=2)
        assert services.view().status is CaseStatus.OPEN, "it is decided, but its letters are still in the house"
        carrier.failures = 0
        await lab.advance(minutes=20)
        assert services.view().status is CaseStatus.APPROVED
        assert services.task(TaskKind.LETTER_REPAIR).status is TaskStatus.CANCELLED
    assert len(carrier.taken) == len(set(carrier.taken)) == 4


async def test_a_letter_that_cannot_be_written_raises_a_timed_task_and_goes_out_when_mended(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    with without_plan_contact(lab):
        await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
        repair = services.task(TaskKind.LETTER_REPAIR)
        assert repair.is_open
        assert services.view().status is CaseStatus.OPEN
        assert services.entries("letter_blocked")
    await services.send(await services.completion(TaskKind.LETTER_REPAIR, "supervisor.bell", TaskOutcome.RETRY))
    assert services.view().status is CaseStatus.APPROVED
    assert services.sent().count("approval/member") == 1


async def test_a_supervisor_may_reassign_and_a_stranger_may_not(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    await services.send(await services.claim(TaskKind.NURSE_REVIEW, "nurse.adams"))
    task = services.task(TaskKind.NURSE_REVIEW)
    assert await services.refused(await services.claim(TaskKind.NURSE_REVIEW, "nurse.lopez")) == {"task.claimed"}
    move = {"task_id": task.task_id, "reviewer_id": "nurse.lopez"}
    assert await services.refused(ReassignTask(**await services.stamp("intake.kim"), **move)) == {"task.reassign"}
    await services.send(ReassignTask(**await services.stamp("supervisor.bell"), **move))
    assert services.task(TaskKind.NURSE_REVIEW).assignee == "nurse.lopez"


async def test_a_corrected_request_is_looked_at_anew_and_its_clock_keeps_its_start(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    before = services.view()
    await lab.advance(days=1)
    with lab.store.begin() as s:
        corrected = requests.load(s, services.case_id).request.model_copy(update={"lines": (OXYGEN,)})
        corrected = corrected.model_copy(update={"facts": request(OXYGEN, known=OXYGEN_FACTS).facts})
        version = requests.save(s, services.case_id, corrected)
    stamp = await services.stamp("1999999984", "provider")
    await services.send(CorrectRequest(**stamp, request_version=version, what="the service was changed"))
    after = services.view()
    assert after.status is CaseStatus.APPROVED
    assert after.decision_due == before.decision_due
    assert after.received_at == before.received_at
    assert services.task(TaskKind.NURSE_REVIEW).status is TaskStatus.CANCELLED


async def test_the_same_service_in_another_case_goes_to_a_nurse(lab: Lab) -> None:
    await opened(lab, OXYGEN, known=OXYGEN_FACTS)
    again = OXYGEN.model_copy(update={"end": OXYGEN.end + timedelta(days=1) if OXYGEN.end else None})
    services = await opened(lab, again, known=OXYGEN_FACTS)
    assert services.view().status is CaseStatus.OPEN
    assert "overlaps with" in services.task(TaskKind.NURSE_REVIEW).why


async def test_a_repeated_message_is_answered_once_and_changes_nothing(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    message = NoteDuplicate(**await services.stamp("1999999984", "provider"), inbox_id=7)
    first = await services.send(message)
    await lab.handle(services.case_id).signal("note_duplicate", message)
    await lab.settle()
    assert first.accepted
    assert len(services.entries("duplicate_received")) == 1


async def test_a_worker_that_remembers_nothing_goes_on_from_the_history(tmp_path: Path) -> None:
    async with laboratory(tmp_path, cached=False) as lab:
        services = await opened(lab, FUSION, known=FUSION_NOT_MET, urgency=Urgency.EXPEDITED)
        before = services.view().decision_due
        await lab.advance(hours=71)
        assert services.view().decision_due == before
        await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
        assert services.view().status is CaseStatus.APPROVED
        assert not services.entries("clock_missed")
        with lab.store.read() as s:
            assert journal.verify(s, services.case_id) is None


async def test_a_medicaid_case_runs_on_its_own_clock_and_a_late_one_is_deemed_denied(lab: Lab) -> None:
    member = add_member(lab, Lob.MEDICAID, state="OH", rating_period_start=date(2026, 1, 1))
    services = await opened(lab, FUSION, known=FUSION_NOT_MET, member=member)
    assert services.view().governing_rule == "MCD-SA-STD"
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due + timedelta(seconds=1))
    assert [entry.data["effect"] for entry in services.entries("consequence_applied")] == ["deemed_denied"]
    assert "missed_deadline/member" in services.sent()


async def test_an_incomplete_urgent_erisa_claim_gets_its_48_hours(lab: Lab) -> None:
    treatment = line("H0018", CodeSystem.HCPCS, "Residential treatment", quantity=Decimal(14), unit="days")
    member = add_member(lab, Lob.COMMERCIAL_ERISA, state="OH", self_funded=True)
    services = await opened(lab, treatment, known={}, member=member, urgency=Urgency.EXPEDITED)
    view = services.view()
    assert view.waiting is not None and view.waiting.until is not None
    asked = services.entries("information_requested")[0]
    assert view.waiting.until - asked.at >= timedelta(hours=48)
    assert view.governing_rule == "ERISA-URGENT-INCOMPLETE"


async def test_a_withdrawal_taken_back_before_its_letter_is_out_lets_the_review_go_on(lab: Lab) -> None:
    services = await opened(lab, FUSION, known=FUSION_NOT_MET)
    before = services.view()
    with without_plan_contact(lab):
        await services.send(await services.withdraw())
        assert services.view().status is CaseStatus.OPEN
        await services.send(await services.reinstate())
    after = services.view()
    assert (after.received_at, after.decision_due) == (before.received_at, before.decision_due)
    assert services.task(TaskKind.NURSE_REVIEW).is_open
    await services.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert services.view().status is CaseStatus.APPROVED
    assert not {letter for letter in services.sent() if letter.startswith("withdrawn")}
