"""The hospital's word about a stay, and the course of its review: moves, changes of status, what is taken back, the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from demo.time_skipping_lab import Lab
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.requests.request import ServiceLine
from domain.stays.adt import AdtKind, PatientClass
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, LevelAnswer, StatusAnswer
from domain.stays.parts import DayStatus
from domain.stays.plan_messages import DischargePlanUpdated
from domain.vocabulary import CodeSystem
from store import directory, tasks
from tests.workflows.care_requests import request
from tests.workflows.lab_stay import FACTS, HOSPITAL, STAY, LabStay, new_stay, skip_to_monday

WARD = LevelOfCare.INPATIENT_WARD


async def filled_in(stay: LabStay, kind: TaskKind, who: str, form: object) -> CompleteTask:
    return await stay.completion(kind, who, TaskOutcome.DONE, form=form.model_dump(mode="json"))  # type: ignore[attr-defined]


def questions(stay: LabStay, kind: TaskKind) -> list[str]:
    with stay.lab.store.read() as s:
        return [task.why for task in tasks.of_case(s, stay.case_id) if task.kind is kind]


async def inpatient(lab: Lab, unit: str = "Med-Surg") -> LabStay:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted(unit=unit)
    return stay


async def test_a_planned_admission_is_matched_to_its_authorization_and_asks_for_no_other(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    line = ServiceLine(
        line_id="1",
        code="PLANNED-STAY",
        code_system=CodeSystem.OTHER,
        quantity=Decimal(3),
        unit="day",
        start=stay.day(2),
        end=stay.day(4),
        level_of_care="inpatient",
    )
    case_id = await lab.open(request(line, known=FACTS, servicing=HOSPITAL))
    await stay.tell(
        AdtKind.PREADMIT, patient_class=PatientClass.PREADMIT, admitted_at=await lab.now() + timedelta(days=2)
    )
    assert stay.view().waiting.what == "the patient's arrival"  # type: ignore[union-attr]
    await lab.advance(days=2)
    await stay.tell(AdtKind.ADMIT, patient_class=PatientClass.INPATIENT, unit="Med-Surg")
    assert case_id in stay.entries("authorization_matched")[0].summary
    assert stay.answer(stay.day(4)) == (DayStatus.CERTIFIED, WARD)
    assert (stay.reviews(), stay.entries("update_requested")) == ([], [])


async def test_a_planned_admission_that_never_comes_ends_without_a_question(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.tell(
        AdtKind.PREADMIT, patient_class=PatientClass.PREADMIT, admitted_at=await lab.now() + timedelta(days=2)
    )
    await lab.advance(days=10)
    assert stay.view().status is CaseStatus.VOIDED
    assert stay.sent() == []


async def test_midnights_under_observation_count_towards_the_expectation_of_two(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.observed()
    await lab.advance(hours=37)
    await stay.review().approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    why = questions(stay, TaskKind.STATUS_QUESTION)
    assert len(why) == 1 and "observation for long" in why[0]
    answer = StatusAnswer(answer="The hospital admits.", expected_midnights=1)
    await stay.send(await filled_in(stay, TaskKind.STATUS_QUESTION, "nurse.adams", answer))
    await stay.admitted()
    await stay.update({"ip.order": True, "ip.expectation_factors_documented": True})
    sheet = stay.sheet()
    assert (sheet["outpatient_midnights"], sheet["inpatient_midnights"]) == (1, 0)
    assert "1 midnight in the hospital before the inpatient order." in stay.entries("round_opened")[-1].summary
    assert "IP2MN" in stay.review().entries("criteria_evaluated")[-1].summary
    assert stay.reviews()[-1].decided_at is None, "a word on the telephone approves nothing by itself"


async def test_days_at_two_levels_are_two_lines_of_one_review(lab: Lab) -> None:
    stay = await inpatient(lab, unit="ICU")
    await lab.advance(days=1)
    await stay.moved("Med-Surg")
    await stay.update(FACTS, through=stay.day(2))
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, LevelOfCare.ICU)
    assert stay.answer(stay.day(2)) == (DayStatus.CERTIFIED, WARD)
    assert len(stay.reviews()) == 1


async def test_a_unit_that_nobody_knows_is_asked_of_a_person_and_no_day_of_it_is_reviewed_before(lab: Lab) -> None:
    stay = await inpatient(lab, unit="7 West")
    await stay.update(FACTS)
    assert stay.reviews() == []
    await stay.send(await filled_in(stay, TaskKind.LEVEL_QUESTION, "nurse.adams", LevelAnswer(level=WARD)))
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
    assert "as stated by nurse.adams" in stay.entries("level_answered")[0].summary


async def test_a_unit_that_nobody_knew_is_still_asked_about_when_the_patient_has_moved_on(lab: Lab) -> None:
    """A day whose level nobody knows would else keep every later day from being reviewed."""
    stay = await inpatient(lab, unit="7 West")
    await lab.advance(days=1)
    await stay.moved("Med-Surg")
    await stay.update(FACTS)
    assert stay.reviews() == []
    assert stay.task(TaskKind.LEVEL_QUESTION).status is TaskStatus.OPEN
    await stay.send(await filled_in(stay, TaskKind.LEVEL_QUESTION, "nurse.adams", LevelAnswer(level=LevelOfCare.ICU)))
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, LevelOfCare.ICU)
    assert stay.answer(stay.day(1)) == (DayStatus.CERTIFIED, WARD)


async def test_a_change_from_inpatient_to_observation_asks_a_person_and_takes_nothing_back(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS)
    await stay.observed()
    assert "The plan does not make one" in questions(stay, TaskKind.STATUS_QUESTION)[0]
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
    assert stay.sheet()["status"] == "observation"
    assert "patient class, unit changed" in stay.entries("stay_event")[-1].summary


async def test_another_status_after_the_discharge_is_a_question_and_takes_nothing_back(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS)
    await lab.advance(days=2)
    await stay.discharged()
    await lab.advance(hours=5)
    await stay.observed()
    assert "After the discharge" in questions(stay, TaskKind.STATUS_QUESTION)[0]
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
    assert stay.sheet()["status"] == "inpatient"


async def test_a_changed_diagnosis_is_told_and_kept(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.tell(AdtKind.UPDATE, diagnoses=("I21.4",))
    assert "diagnoses changed" in stay.entries("stay_event")[-1].summary
    assert stay.sheet()["diagnoses"] == ["I21.4"]


async def test_a_cancelled_admission_withdraws_the_review_under_way_and_a_new_one_begins_anew(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update({})
    await stay.tell(AdtKind.CANCEL_ADMIT)
    assert stay.reviews()[0].status is CaseStatus.WITHDRAWN
    assert stay.sheet()["voided_at"] is not None
    assert stay.task(TaskKind.CLINICAL_UPDATE).status is TaskStatus.CANCELLED
    await lab.advance(hours=1)
    await stay.admitted()
    await stay.update(FACTS)
    assert stay.sheet()["voided_at"] is None
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)


async def test_a_stay_that_is_taken_back_ends_after_the_time_for_corrections(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.tell(AdtKind.CANCEL_ADMIT)
    await lab.advance(days=8)
    assert stay.view().status is CaseStatus.VOIDED
    assert "did not take place" in stay.entries("closed")[0].summary


async def test_a_cancelled_discharge_reopens_the_stay_and_its_next_days_are_asked_about(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS, through=stay.day(1))
    await lab.advance(days=1)
    await stay.discharged()
    asked = len(stay.entries("update_requested"))
    await lab.advance(days=2)
    assert len(stay.entries("update_requested")) == asked, "a stay that is over is asked about no further day"
    await stay.tell(AdtKind.CANCEL_DISCHARGE)
    assert stay.sheet()["discharged_at"] is None
    assert len(stay.entries("update_requested")) == asked + 1
    assert str(stay.day(2)) in stay.entries("update_requested")[-1].summary


async def test_a_stay_ends_when_every_day_has_its_answer_and_the_hospital_has_had_time_to_correct(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS)
    await lab.advance(days=2)
    await stay.discharged()
    await lab.advance(days=6)
    assert stay.view().status is CaseStatus.OPEN
    await lab.advance(days=2)
    assert stay.view().status is CaseStatus.COMPLETED


async def test_a_readmission_is_linked_and_shown_and_nothing_is_denied(lab: Lab) -> None:
    first = await inpatient(lab)
    await first.update(FACTS)
    await lab.advance(days=2)
    await first.discharged()
    await lab.advance(days=10)
    again = LabStay(lab, STAY.replace("AAAA", "DDDD"), first.member_id, await lab.now(), "America/Chicago")
    await again.tell(
        AdtKind.REGISTER, event_id="X1", patient_class=PatientClass.EMERGENCY, unit="ED", visit_number="V2"
    )
    await again.tell(AdtKind.TO_INPATIENT, event_id="X2", patient_class=PatientClass.INPATIENT, unit="Med-Surg")
    link = again.sheet()["readmissions"][0]
    assert (link["case_id"], link["days_since"]) == (first.case_id, 10)
    assert "nothing is decided by it" in again.entries("readmission_linked")[0].summary
    await again.update(FACTS)
    assert again.answer(again.day(0)) == (DayStatus.CERTIFIED, WARD)


async def test_a_member_whose_coverage_lapsed_is_reviewed_by_people_and_nothing_is_denied(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab, "MBR1000006")
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    assert stay.reviews()[-1].decided_at is None
    assert stay.review().task(TaskKind.COVERAGE_QUESTION).status is TaskStatus.OPEN


async def test_a_member_without_any_coverage_on_file_is_asked_about_and_reviewed_once_there_is_one(lab: Lab) -> None:
    await skip_to_monday(lab)
    with lab.store.begin() as s:
        member, coverage = directory.member(s, "MBR1000001"), directory.coverages(s, "MBR1000001")[0]
        assert member is not None
        directory.put_member(s, member.model_copy(update={"member_id": "MBR1999999"}))
    stay = await new_stay(lab, "MBR1999999")
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    assert stay.reviews() == []
    assert "No coverage of the member is on file" in questions(stay, TaskKind.STATUS_QUESTION)[0]
    with lab.store.begin() as s:
        found = {"member_id": "MBR1999999", "coverage_id": "COV1999999-MA", "benefits": ()}
        directory.put_coverage(s, coverage.model_copy(update=found))
    await stay.send(
        await filled_in(stay, TaskKind.STATUS_QUESTION, "intake.kim", StatusAnswer(answer="It is entered now."))
    )
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)


async def test_a_decision_of_the_qio_that_care_goes_on_covers_what_was_denied_at_its_end(lab: Lab) -> None:
    stay = await inpatient(lab)
    await stay.update(FACTS)
    await stay.send(DischargePlanUpdated(**await stay.stamp("umpire", "system"), waits_for_qio=True))
    assert stay.sheet()["waits_for_qio"] is True
    await stay.send(DischargePlanUpdated(**await stay.stamp("umpire", "system"), goes_on=True))
    heard = [entry.summary for entry in stay.entries("qio_heard")]
    assert heard[0].startswith("The QIO was asked in time") and heard[1] == "The QIO decided that coverage goes on."


async def test_a_lower_level_that_the_plan_says_of_an_inpatient_is_a_proposal_in_the_review_of_the_ordered_one(
    lab: Lab,
) -> None:
    stay = await inpatient(lab)
    kept = await stay.keep({})
    said = ClinicalUpdate(**await stay.stamp("nurse.adams"), update_id=kept, level=LevelOfCare.OBSERVATION)
    await stay.send(said)
    await lab.settle()
    assert stay.entries("round_opened")[-1].data["round"]["proposed_level"] == "observation"
    assert [line["level"] for line in stay.entries("round_opened")[-1].data["round"]["lines"]] == [WARD.value]
    assert any("The order stands" in entry.summary for entry in stay.entries("stay_changed"))
