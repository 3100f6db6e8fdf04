"""The course of a stay, whatever the hospital says, in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.timeline import StayTimeline, build_timeline, repeated_update_ids

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LEVELS = {
    "ED": LevelOfCare.EMERGENCY,
    "OBS": LevelOfCare.OBSERVATION,
    "Ward": LevelOfCare.INPATIENT_WARD,
    "ICU": LevelOfCare.ICU,
}


def said(kind: AdtKind, hour: float, **more: Any) -> StayEvent:
    at = START + timedelta(hours=hour)
    return StayEvent(
        **{"event_id": f"{kind.value}@{hour}", "kind": kind, "happened_at": at, "recorded_at": at, "facility": "F"}
        | more
    )


def arrival(hour: float = 0, **more: Any) -> StayEvent:
    return said(AdtKind.REGISTER, hour, patient_class=PatientClass.EMERGENCY, unit="ED", **more)


def observation(hour: float = 4, **more: Any) -> StayEvent:
    return said(AdtKind.UPDATE, hour, patient_class=PatientClass.OBSERVATION, unit="OBS", **more)


def admission(hour: float = 8, **more: Any) -> StayEvent:
    return said(AdtKind.TO_INPATIENT, hour, patient_class=PatientClass.INPATIENT, unit="Ward", **more)


def move(unit: str, hour: float, **more: Any) -> StayEvent:
    return said(AdtKind.TRANSFER, hour, patient_class=PatientClass.INPATIENT, unit=unit, **more)


def discharge(hour: float = 80, **more: Any) -> StayEvent:
    return said(AdtKind.DISCHARGE, hour, patient_class=PatientClass.INPATIENT, disposition="01", **more)


def course(*events: StayEvent, spoken: dict[str, LevelOfCare] | None = None) -> StayTimeline:
    levels = {event.event_id: LEVELS.get(event.unit or "") for event in events} | (spoken or {})
    return build_timeline(events, levels, tuple(spoken or ()))


def levels(found: StayTimeline) -> list[LevelOfCare | None]:
    return [phase.level for phase in found.phases]


def test_a_stay_goes_from_the_emergency_department_by_observation_to_the_ward() -> None:
    found = course(arrival(), observation(), admission(), discharge())
    assert levels(found) == [LevelOfCare.EMERGENCY, LevelOfCare.OBSERVATION, LevelOfCare.INPATIENT_WARD]
    assert found.was_emergency is True
    assert (found.began_at, found.admitted_at) == (START, START + timedelta(hours=8))
    assert found.observation_began_at == START + timedelta(hours=4)
    assert found.discharged_at == START + timedelta(hours=80)
    assert not found.is_present


def test_the_order_in_which_messages_come_changes_nothing() -> None:
    events = (arrival(), observation(), admission(), move("ICU", 20), discharge())
    assert len({course(*order).model_dump_json() for order in permutations(events)}) == 1


def test_a_message_without_unit_and_class_takes_nothing_back() -> None:
    found = course(arrival(), admission(), said(AdtKind.UPDATE, 9))
    assert levels(found)[-1] is LevelOfCare.INPATIENT_WARD
    assert found.admitted_at == START + timedelta(hours=8)


def test_an_admission_that_is_dated_back_to_the_arrival_does_not_swallow_the_emergency() -> None:
    """Hospitals write the arrival into the time of admission; the midnights before the order would be lost."""
    admitted = said(AdtKind.ADMIT, 30, patient_class=PatientClass.INPATIENT, unit="Ward", admitted_at=START)
    found = course(arrival(), admitted)
    assert found.was_emergency is True
    assert found.admitted_at == START + timedelta(hours=30)


def test_an_update_may_change_the_status_without_saying_so() -> None:
    found = course(arrival(), admission(), said(AdtKind.UPDATE, 20, patient_class=PatientClass.OBSERVATION, unit="OBS"))
    assert found.current_phase is not None and found.current_phase.status is OrderedStatus.OBSERVATION
    assert found.admitted_at is None


def test_an_update_may_change_the_diagnoses_and_silence_keeps_them() -> None:
    found = course(arrival(diagnoses=("R07.9",)), said(AdtKind.UPDATE, 3, diagnoses=("I21.4",)), admission())
    assert found.diagnoses == ("I21.4",)


def test_a_change_to_outpatient_may_be_one_to_observation() -> None:
    to_observation = said(AdtKind.TO_OUTPATIENT, 20, patient_class=PatientClass.OBSERVATION, unit="OBS")
    found = course(arrival(), admission(), to_observation)
    assert found.is_present
    assert levels(found)[-1] is LevelOfCare.OBSERVATION


def test_a_change_to_outpatient_ends_the_stay_where_its_class_says_so() -> None:
    found = course(arrival(), admission(), said(AdtKind.TO_OUTPATIENT, 20, patient_class=PatientClass.OUTPATIENT))
    assert found.discharged_at == START + timedelta(hours=20)


def test_a_change_to_outpatient_of_a_class_that_nobody_knows_is_not_guessed() -> None:
    found = course(arrival(), admission(), said(AdtKind.TO_OUTPATIENT, 20))
    assert found.is_present
    assert found.current_phase is not None and found.current_phase.status is None


def test_a_cancelled_admission_voids_the_stay_and_a_new_one_opens_it() -> None:
    cancelled = said(AdtKind.CANCEL_ADMIT, 9)
    assert course(arrival(), admission(), cancelled).is_voided
    again = course(arrival(), admission(), cancelled, admission(10))
    assert not again.is_voided
    assert again.began_at == START + timedelta(hours=10)


def test_a_correction_of_the_account_after_a_cancelled_admission_brings_nobody_into_the_hospital() -> None:
    correction = said(AdtKind.UPDATE, 12, patient_class=PatientClass.INPATIENT, unit="Ward")
    assert course(arrival(), admission(), said(AdtKind.CANCEL_ADMIT, 9), correction).is_voided


def test_a_planned_admission_after_a_cancelled_one_is_expected_again() -> None:
    planned = said(AdtKind.PREADMIT, 10, admitted_at=START + timedelta(days=3))
    found = course(admission(), said(AdtKind.CANCEL_ADMIT, 9), planned)
    assert (found.is_voided, found.planned_for) == (False, START + timedelta(days=3))


def test_a_planned_admission_has_not_begun() -> None:
    found = course(said(AdtKind.PREADMIT, 0, admitted_at=START + timedelta(days=3)))
    assert found.planned_for == START + timedelta(days=3)
    assert (found.began_at, found.is_present) == (None, False)


def test_a_cancelled_discharge_reopens_the_stay_where_it_was() -> None:
    found = course(arrival(), admission(), discharge(), said(AdtKind.CANCEL_DISCHARGE, 82))
    assert found.is_present
    assert (found.discharged_at, found.disposition) == (None, None)
    assert found.admitted_at == START + timedelta(hours=8)


def test_a_cancelled_move_puts_the_patient_back_and_leaves_what_was_said_otherwise() -> None:
    found = course(
        arrival(),
        admission(),
        move("ICU", 20),
        said(AdtKind.UPDATE, 21, diagnoses=("I21.4",)),
        said(AdtKind.CANCEL_TRANSFER, 22),
    )
    assert levels(found)[-1] is LevelOfCare.INPATIENT_WARD
    assert found.diagnoses == ("I21.4",)


def test_each_cancelled_move_takes_one_move() -> None:
    events = [arrival(), admission(), move("ICU", 20), move("OBS", 24), said(AdtKind.CANCEL_TRANSFER, 25)]
    assert levels(course(*events))[-1] is LevelOfCare.ICU
    assert levels(course(*events, said(AdtKind.CANCEL_TRANSFER, 26)))[-1] is LevelOfCare.INPATIENT_WARD


def test_a_unit_that_nobody_knows_is_an_unknown_level_and_not_the_one_before() -> None:
    assert levels(course(arrival(), admission(), move("7 West", 20)))[-1] is None


def test_the_unit_of_a_discharge_is_no_move() -> None:
    found = course(arrival(), admission(), discharge(unit="Discharge lounge"))
    assert levels(found)[-1] is LevelOfCare.INPATIENT_WARD


def test_another_status_after_the_discharge_is_a_question_and_changes_no_day_that_has_passed() -> None:
    late = said(AdtKind.UPDATE, 100, patient_class=PatientClass.OBSERVATION, unit="OBS")
    found = course(arrival(), admission(), discharge(), late)
    assert found.status_disputed_at == START + timedelta(hours=100)
    assert found.admitted_at == START + timedelta(hours=8)
    assert levels(found)[-1] is LevelOfCare.INPATIENT_WARD
    assert found.discharged_at == START + timedelta(hours=80)


def test_a_change_to_outpatient_after_the_discharge_moves_no_discharge() -> None:
    late = said(AdtKind.TO_OUTPATIENT, 100, patient_class=PatientClass.OUTPATIENT)
    found = course(arrival(), admission(), discharge(), late)
    assert found.discharged_at == START + timedelta(hours=80)
    assert found.status_disputed_at == START + timedelta(hours=100)


def test_a_corrected_time_of_discharge_counts() -> None:
    corrected = said(AdtKind.UPDATE, 100, discharged_at=START + timedelta(hours=78), disposition="03")
    found = course(arrival(), admission(), discharge(), corrected)
    assert (found.discharged_at, found.disposition) == (START + timedelta(hours=78), "03")


def test_somebody_who_is_admitted_again_under_the_same_visit_is_present_again() -> None:
    found = course(arrival(), admission(), discharge(), arrival(90))
    assert found.is_present


def test_a_persons_word_on_the_level_counts_until_the_hospital_tells_of_another_unit() -> None:
    word = said(AdtKind.UPDATE, 12, event_id="word")
    spoken = {"word": LevelOfCare.ICU}
    same = said(AdtKind.UPDATE, 14, patient_class=PatientClass.INPATIENT, unit="Ward", diagnoses=("I21.4",))
    assert levels(course(arrival(), admission(), word, same, spoken=spoken))[-1] is LevelOfCare.ICU
    elsewhere = move("OBS", 16)
    assert levels(course(arrival(), admission(), word, same, elsewhere, spoken=spoken))[-1] is LevelOfCare.OBSERVATION


def test_of_a_stay_that_is_heard_of_late_the_time_before_is_unknown_and_not_lost() -> None:
    heard = move("ICU", 72, admitted_at=START)
    found = course(heard)
    assert [phase.since for phase in found.phases] == [START, START + timedelta(hours=72)]
    assert levels(found) == [None, LevelOfCare.ICU]


def test_an_update_that_is_heard_first_holds_from_the_admission_that_it_names() -> None:
    found = course(said(AdtKind.UPDATE, 72, patient_class=PatientClass.INPATIENT, unit="Ward", admitted_at=START))
    assert [phase.since for phase in found.phases] == [START]
    assert found.admitted_at == START


def test_merges_and_messages_of_other_kinds_change_no_course() -> None:
    before = course(arrival(), admission())
    assert course(arrival(), admission(), said(AdtKind.MERGE, 9), said(AdtKind.OTHER, 10, unit="ICU")) == before


def test_a_persons_word_on_the_time_before_counts_although_the_admission_was_cancelled_in_between() -> None:
    word = said(AdtKind.UPDATE, 0, event_id="word")
    cancelled = said(AdtKind.CANCEL_ADMIT, 5)
    moved = said(AdtKind.TRANSFER, 9, patient_class=PatientClass.INPATIENT, unit="ICU", admitted_at=START)
    levels = {"word": LevelOfCare.STEPDOWN, moved.event_id: LevelOfCare.ICU}
    course = build_timeline([moved, word, cancelled], levels, ("word",))
    assert [(phase.since, phase.level) for phase in course.phases] == [
        (START, LevelOfCare.STEPDOWN),
        (moved.happened_at, LevelOfCare.ICU),
    ]
    assert build_timeline([moved, cancelled], levels).phases[0].level is None


def test_a_level_that_a_person_stated_is_never_forgotten_although_only_a_later_event_tells_of_its_part_of_the_stay() -> (
    None
):
    stated, left = said(AdtKind.UPDATE, 0, event_id="m1"), discharge(8, admitted_at=START)
    known = {stated.event_id: LevelOfCare.ICU, left.event_id: LevelOfCare.ICU}
    assert levels(build_timeline((stated, left), known, ("m1",)))[0] is LevelOfCare.ICU
    assert repeated_update_ids((stated, left), known, ("m1",)) == ()
    again = said(AdtKind.UPDATE, 9, unit="ED")
    assert repeated_update_ids((arrival(), again), {}) == (again.event_id,)
