"""Discharge plans on their way, with time skipped: notices, planning, the discharge, and the thirty days after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus, CaseView
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Lob, ProcessKind, ReviewKind, ServiceKind, Urgency
from engine.settings import TASK_QUEUE
from store import journal, read_models, requests
from tests.workflows import discharge_scenarios as scenarios
from tests.workflows.care_requests import without_plan_contact
from tests.workflows.lab_case import LabCase
from tests.workflows.lab_discharge import (
    HOSPITAL,
    PLANNER,
    SNF,
    LabDischarge,
    StayStandIn,
    StubLetterWriter,
    delivery_form,
    discharge_lab,
    full_needs_assessment,
    register_stand_ins,
)


@pytest.fixture
def writer() -> StubLetterWriter:
    return StubLetterWriter(orders=[])


@pytest.fixture
async def hospital(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: StubLetterWriter) -> AsyncIterator[Lab]:
    async with discharge_lab(tmp_path, monkeypatch, writer) as lab:
        yield lab


async def test_a_plan_begins_on_day_one_with_the_assessment_the_target_and_the_important_message(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    assert services.open_kinds() == {TaskKind.NEEDS_ASSESSMENT, TaskKind.TARGET_SETTING, TaskKind.FORM_DELIVERY}
    assert services.open_task(TaskKind.FORM_DELIVERY).about == "MA-IM"
    assert services.sent() == ["important_message/member"]
    assert services.sheet()["lace"].startswith("LACE at least 3 of 19 (low or higher; not known: length of stay,")
    view = services.view()
    assert (view.process, view.title) == (ProcessKind.DISCHARGE_PLAN, "Discharge from Meridian Heart Hospital")
    assert view.governing_rule == "MA-IM" and view.waiting is not None


async def test_what_the_assessment_leaves_open_is_asked_again_and_shown_as_at_least(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    form = full_needs_assessment(lace={"emergent_admission": True, "emergency_visits": 6})
    form["answers"] = form["answers"][:-1]
    await services.do(TaskKind.NEEDS_ASSESSMENT, form)
    assert services.sheet()["not_answered"] == ["social_background"]
    assert "social background" in services.open_task(TaskKind.NEEDS_ASSESSMENT).why
    assert services.sheet()["lace"].startswith("LACE at least 7 of 19")
    await services.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "social_background", "needs": True}]})
    assert services.sheet()["not_answered"] == []
    assert TaskKind.NEEDS_ASSESSMENT not in services.open_kinds()


async def test_a_discharge_home_is_followed_for_thirty_days_and_then_closed(hospital: Lab) -> None:
    services = await scenarios.discharged_home(hospital)
    assert services.duty("MA-IM")["judged"] == services.duty("MA-IM-COPY")["judged"] == "met"
    sent = services.sent()
    assert {"discharge_summary/member", "discharge_summary/pcp", "provider_feedback/provider"} <= set(sent)
    assert sent.count("appointment_reminder/member") == 2
    assert sent.count("important_message/member") == 2
    assert services.sheet()["gaps"][0]["what"] == "Equipment has not arrived."
    assert services.sheet()["referrals"] == ["QC-0001-CM1"]
    concern = await hospital.client.get_workflow_handle("QC-0001-CM1").describe()
    assert concern.workflow_type == "ConcernProcess"
    await hospital.advance(days=22)
    assert services.view().status is CaseStatus.COMPLETED, services.open_about()
    assert not services.open_kinds() and services.view().closed_at is not None
    with hospital.store.read() as s:
        assert journal.verify(s, services.case_id) is None


async def test_the_next_setting_is_asked_for_as_a_prior_authorization_and_its_answer_heard(hospital: Lab) -> None:
    services = await scenarios.discharged_to_a_nursing_facility(hospital)
    assert [one["in_network"] for one in services.sheet()["choices"]] == [True, False, None]
    assert "choice_list/member" in services.sent()
    (review,) = services.sheet()["next_setting"]
    assert (review["case_id"], review["setting"], review["answer"]) == ("PA-0001-NEXT1", "snf", "approved")
    child = LabCase(hospital, "PA-0001-NEXT1").view()
    assert child.requesting_npi == HOSPITAL and child.authorization_number is not None
    with hospital.store.read() as s:
        asked = requests.load(s, "PA-0001-NEXT1", 1)
    assert asked.request.servicing_provider is not None and asked.request.servicing_provider.npi == SNF
    assert TaskKind.POST_DISCHARGE_CALL not in services.open_kinds(), "the facility has the member"


async def test_the_qio_reverses_the_end_of_coverage_and_the_later_end_has_a_new_notice(hospital: Lab) -> None:
    # The detailed notice is owed by the close of business, so that the QIO asks in the morning.
    morning = (await hospital.now() + timedelta(days=1)).replace(hour=15, minute=0)
    await hospital.advance_to(morning)
    await hospital.client.start_workflow(StayStandIn.run, "x", id="ST-0001", task_queue=TASK_QUEUE)
    services = await scenarios.coverage_ended_and_the_qio_asked(hospital)
    assert services.sent().count("nomnc/member") == 2 and "denc/member" in services.sent()
    for rule in ("MA-NOMNC", "MA-DENC", "MA-FT-PLAN-INFO"):
        assert services.duty(rule)["judged"] == "met", rule
    heard = await services.news()
    assert [one.waits_for_qio for one in heard] == [False, True, False, False]
    assert heard[-1].goes_on is True
    assert heard[-1].ends_not_before == services.picture.covered_through
    assert TaskKind.MISSED_CLOCK not in services.open_kinds()


async def test_observation_beyond_a_day_an_appeal_and_notices_that_nobody_delivers(hospital: Lab) -> None:
    services = await scenarios.observed_then_admitted(hospital)
    assert services.duty("MA-MOON")["judged"] == "met"
    assert services.duty("MA-IM")["judged"] == "missed"
    assert services.duty("MA-DND")["judged"] == "missed"
    assert services.open_task(TaskKind.MISSED_CLOCK).role == "compliance"
    assert services.sheet()["owes_nothing_before"] is not None and not services.sheet()["waits_for_qio"]


async def test_an_admission_that_was_taken_back_voids_its_plan(hospital: Lab) -> None:
    services = await scenarios.admission_taken_back(hospital)
    assert services.view().status is CaseStatus.VOIDED and not services.open_kinds()


async def test_nobody_calls_and_nobody_writes_when_the_member_has_died(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    await services.discharge("20")
    assert services.view().status is CaseStatus.COMPLETED and not services.open_kinds()
    assert services.sent() == ["important_message/member"]


async def test_a_stay_that_is_over_is_no_error_for_its_plan(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    await services.target("home", services.day(await hospital.now(), 3))
    assert services.sheet()["target_setting"] == "home"
    assert (await hospital.standing(services.case_id)).status == "open"


async def test_a_readmission_is_seen_in_the_lists_and_told_by_message_and_only_shown(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    await services.do(TaskKind.FORM_DELIVERY, delivery_form(await hospital.now()))
    await services.discharge()
    await hospital.advance(days=3)
    await another_stay(hospital, "ST-0002")
    await hospital.advance(days=5)
    await services.readmit("ST-0003")
    await services.readmit("ST-0003")
    seen = [(one["stay_id"], one["days_since"]) for one in services.sheet()["readmissions"]]
    assert seen == [("ST-0002", 3), ("ST-0003", 8)]
    assert services.view().status is CaseStatus.OPEN


async def another_stay(lab: Lab, stay_id: str) -> None:
    """A stay as the lists know it."""
    now = await lab.now()
    row = CaseView(
        case_id=stay_id,
        process=ProcessKind.STAY,
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        review_kind=ReviewKind.CONCURRENT,
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        member_id="MBR1000001",
        requesting_npi=HOSPITAL,
        request_version=0,
        received_at=now,
        status=CaseStatus.OPEN,
        waiting=None,
        decision_due=None,
        governing_rule=None,
        rulebook_version="x",
    )
    entry = EntryDraft(
        seq=1,
        at=now,
        kind=EntryKind.STAY_CHANGED,
        actor=UMPIRE,
        summary="Admitted.",
        data={"case": row.model_dump(mode="json")},
    )
    with lab.store.begin() as s:
        read_models.record_entries(s, stay_id, (entry,))


async def test_a_form_with_a_gap_that_blames_somebody_is_refused_at_once(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    await services.discharge()
    called = {"reached": True, "called_at": (await hospital.now()).isoformat(), "gaps": ["The ward failed to call."]}
    task = services.open_task(TaskKind.POST_DISCHARGE_CALL)
    message = await services.filled(task, "nurse.adams", called)
    assert await services.refused(message) == {"task.form.gaps"}


async def test_only_a_planner_does_a_planners_task(hospital: Lab) -> None:
    services = await LabDischarge.start(hospital)
    task = services.open_task(TaskKind.TARGET_SETTING)
    message = await services.filled(task, "nurse.adams", {"setting": "home"})
    assert await services.refused(message) == {"task.role"}
    assert (await services.fill(task, PLANNER, {"setting": "home"})).accepted


async def test_a_notice_that_cannot_be_written_is_a_task_and_written_when_somebody_has_mended_it(hospital: Lab) -> None:
    with without_plan_contact(hospital):
        services = await LabDischarge.start(hospital)
        assert services.sent() == []
        repair = services.open_task(TaskKind.LETTER_REPAIR)
    await services.send(await services.completion(repair.kind, "supervisor.bell", TaskOutcome.RETRY))
    assert services.sent() == ["important_message/member"]
    assert TaskKind.LETTER_REPAIR not in services.open_kinds()


@pytest.mark.many
async def test_a_worker_that_keeps_nothing_in_memory_goes_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: StubLetterWriter
) -> None:
    """Every task of the workflow is then a replay from the start."""
    register_stand_ins(monkeypatch, writer)
    async with laboratory(tmp_path, cached=False) as lab:
        services = await scenarios.coverage_ended_and_the_qio_asked(lab)
        assert services.duty("MA-NOMNC")["judged"] == "met"
        await services.tell("discharged home", discharged_at=await lab.now(), level=LevelOfCare.SNF)
        assert TaskKind.POST_DISCHARGE_CALL in services.open_kinds()
        await lab.stop_worker()
        await lab.start_worker()
        await lab.advance(timedelta(days=1))
        assert services.view().status is CaseStatus.OPEN
