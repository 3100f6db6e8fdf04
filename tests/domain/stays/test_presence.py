"""The patient in the bed: by what happened when, and by what the hospital knew when. A contradiction is asked of a person."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, permutations
from typing import Any

import pytest

from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.contradictions import CourseDoubt
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.timeline import StayTimeline
from tests.domain.stays.test_course import START, course, levels, said

_ARRIVALS = count(1)
WARD: dict[str, Any] = {"patient_class": PatientClass.INPATIENT, "unit": "Ward"}
ED: dict[str, Any] = {"patient_class": PatientClass.EMERGENCY, "unit": "ED"}


def at(hour: float) -> Any:
    return START + timedelta(hours=hour)


def heard(kind: AdtKind, hour: float, known: float | None = None, **more: Any) -> StayEvent:
    """An event at this hour that the hospital wrote down at `known`, received after all earlier ones of the test."""
    number = next(_ARRIVALS)
    told = {"recorded_at": at(hour if known is None else known), "arrival": number, "event_id": f"EV-{number}"}
    return said(kind, hour, **(told | more))


def admission(hour: float = 0, **more: Any) -> StayEvent:
    return heard(AdtKind.ADMIT, hour, **(WARD | {"admitted_at": at(0)} | more))


def discharge(hour: float, known: float | None = None, **more: Any) -> StayEvent:
    return heard(AdtKind.DISCHARGE, hour, known, **(WARD | {"disposition": "01", "discharged_at": at(hour)} | more))


def doubts(found: StayTimeline) -> list[CourseDoubt]:
    return [one.doubt for one in found.questions]


# -- after a discharge -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backdated_to", [5.0, 10.0, 10.5])
def test_an_emergency_visit_that_is_closed_when_the_patient_is_admitted_is_no_end(backdated_to: float) -> None:
    """Repeated, backdated or at the same instant: the admission was known after the discharge."""
    arrived = heard(AdtKind.REGISTER, 0, admitted_at=at(0), **ED)
    closed = heard(AdtKind.DISCHARGE, 10, 10, **ED, discharged_at=at(10))
    for happened in (backdated_to, 10.5):
        admitted = heard(AdtKind.ADMIT, happened, 10.6, **WARD, admitted_at=at(min(backdated_to, 10)))
        found = course(arrived, closed, admitted)
        assert found.is_present and not doubts(found)
        assert found.current_phase is not None and found.current_phase.status is OrderedStatus.INPATIENT


def test_a_move_after_a_discharge_brings_the_patient_back_and_is_asked() -> None:
    moved = heard(AdtKind.TRANSFER, 20, patient_class=PatientClass.INPATIENT, unit="ICU")
    events = (admission(), discharge(10), moved)
    found = course(*events)
    assert found.is_present and levels(found)[-1] is LevelOfCare.ICU
    assert doubts(found) == [CourseDoubt.MOVED_AFTER_DISCHARGE]
    assert len({course(*order).model_dump_json() for order in permutations(events)}) == 1


def test_a_move_that_was_only_written_down_after_the_discharge_is_the_past() -> None:
    late = heard(AdtKind.TRANSFER, 8, 12, patient_class=PatientClass.INPATIENT, unit="ICU")
    found = course(admission(), discharge(10), late)
    assert found.discharged_at == at(10) and not doubts(found)


def test_an_update_that_empties_the_time_of_discharge_brings_the_patient_back_and_is_asked() -> None:
    emptied = heard(AdtKind.UPDATE, 12, discharge_removed=True, **WARD)
    found = course(admission(), discharge(10), emptied)
    assert found.is_present and doubts(found) == [CourseDoubt.DISCHARGE_REMOVED]


def test_an_update_without_a_time_of_discharge_is_asked_once_for_each_discharge() -> None:
    updates = [heard(AdtKind.UPDATE, hour, **WARD) for hour in (12, 13, 14)]
    found = course(admission(), discharge(10), *updates)
    assert found.discharged_at == at(10) and doubts(found) == [CourseDoubt.UPDATED_AFTER_DISCHARGE]


def test_an_ordinary_correction_after_a_discharge_asks_nothing() -> None:
    same = heard(AdtKind.UPDATE, 12, **WARD, disposition="01", discharged_at=at(10))
    assert not doubts(course(admission(), discharge(10), same))


def test_an_admission_that_contradicts_a_discharge_known_before_it_is_asked() -> None:
    again = heard(AdtKind.ADMIT, 1, 12, **WARD, admitted_at=at(0))
    assert CourseDoubt.ADMITTED_AFTER_DISCHARGE in doubts(course(admission(), discharge(10), again))


def test_a_discharge_of_somebody_who_is_still_a_patient_is_none_and_is_asked() -> None:
    found = course(admission(), discharge(10, disposition="30"))
    assert found.is_present and doubts(found) == [CourseDoubt.STILL_A_PATIENT]


# -- outpatient ------------------------------------------------------------------------------------------------------------


def test_a_change_to_class_o_may_be_observation_and_is_asked() -> None:
    changed = heard(AdtKind.TO_OUTPATIENT, 20, patient_class=PatientClass.OUTPATIENT, unit="Ward")
    found = course(admission(), changed)
    assert found.is_present and doubts(found) == [CourseDoubt.CLASS_OUTPATIENT]
    assert found.current_phase is not None and found.current_phase.status is None


def test_a_change_to_class_o_with_a_time_of_discharge_is_the_end() -> None:
    changed = heard(AdtKind.TO_OUTPATIENT, 20, patient_class=PatientClass.OUTPATIENT, discharged_at=at(20))
    assert not course(admission(), changed).is_present


# -- cancels ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("happened", "known", "canceled"), [(14, 10, 11), (10.05, 10.05, 10.02), (10, 10, 12)])
def test_a_canceled_discharge_is_none_whatever_the_clocks_say(
    happened: float, known: float, canceled: float, named: bool
) -> None:
    left = discharge(happened, known)
    back = heard(AdtKind.CANCEL_DISCHARGE, canceled, **WARD, undoes_at=at(happened) if named else None)
    assert course(admission(), left, back).is_present


def test_a_discharge_that_was_known_after_a_cancel_stands() -> None:
    back = heard(AdtKind.CANCEL_DISCHARGE, 12, **WARD)
    found = course(admission(), discharge(10), back, discharge(11, 20))
    assert found.discharged_at == at(11)


def test_a_cancel_takes_back_the_move_that_it_names() -> None:
    moves = [heard(AdtKind.TRANSFER, hour, **(WARD | {"unit": unit})) for hour, unit in ((20, "ICU"), (24, "OBS"))]
    back = heard(AdtKind.CANCEL_TRANSFER, 25, **(WARD | {"unit": "OBS"}), undoes_at=at(20))
    assert levels(course(admission(), *moves, back)) == [LevelOfCare.INPATIENT_WARD, LevelOfCare.OBSERVATION]


def test_a_canceled_move_that_never_came_is_asked() -> None:
    found = course(admission(), heard(AdtKind.CANCEL_TRANSFER, 12, **WARD))
    assert doubts(found) == [CourseDoubt.MOVE_NOT_ON_FILE]


def test_a_canceled_admission_of_somebody_in_the_emergency_department_leaves_the_patient_there() -> None:
    arrived = heard(AdtKind.REGISTER, 0, admitted_at=at(0), **ED)
    found = course(arrived, admission(6), heard(AdtKind.CANCEL_ADMIT, 7, admitted_at=at(0), **ED))
    assert found.is_present and found.admitted_at is None
    assert doubts(found) == [CourseDoubt.ADMISSION_TAKEN_BACK]


def test_a_canceled_admission_by_a_clock_behind_voids_the_stay() -> None:
    assert course(admission(6), heard(AdtKind.CANCEL_ADMIT, 5.9, **WARD)).is_voided
    assert course(admission(6), heard(AdtKind.CANCEL_ADMIT, 7, **WARD), admission(6.5, known=8)).is_present


def test_a_canceled_plan_ends_what_was_only_planned_and_is_asked_of_somebody_present() -> None:
    planned = heard(AdtKind.PREADMIT, -24, patient_class=PatientClass.PREADMIT, admitted_at=at(0))
    canceled = heard(AdtKind.CANCEL_ADMIT, -2, trigger="A38", patient_class=PatientClass.PREADMIT)
    assert course(planned, canceled).is_voided
    late = heard(AdtKind.CANCEL_ADMIT, 5, trigger="A38", patient_class=PatientClass.PREADMIT)
    found = course(planned, admission(), late)
    assert found.is_present and doubts(found) == [CourseDoubt.PLAN_TAKEN_BACK]


@pytest.mark.parametrize("trigger", ["A21", "A22", "A27"])
def test_a_leave_of_absence_is_asked(trigger: str) -> None:
    found = course(admission(), heard(AdtKind.OTHER, 12, trigger=trigger))
    assert doubts(found) == [CourseDoubt.ON_LEAVE]


# -- times -----------------------------------------------------------------------------------------------------------------


def test_a_discharge_before_the_admission_is_not_believed_and_is_asked() -> None:
    found = course(admission(), discharge(50, discharged_at=at(50) - timedelta(days=365)))
    assert found.discharged_at == at(50) and doubts(found) == [CourseDoubt.IMPLAUSIBLE_TIME]


def test_an_admission_of_another_year_is_not_believed_and_is_asked() -> None:
    found = course(admission(admitted_at=at(0) - timedelta(days=3650)))
    assert found.began_at == START and doubts(found) == [CourseDoubt.IMPLAUSIBLE_TIME]


def test_at_the_same_moment_the_sender_s_own_order_counts() -> None:
    for first, second in (("ICU", "Ward"), ("Ward", "ICU")):
        for more in ({"sent_at": at(20)}, {"sequence": 7}, {"arrival": 900}):
            name, value = next(iter(more.items()))
            after = value + (timedelta(seconds=1) if name == "sent_at" else 1)
            one = heard(AdtKind.TRANSFER, 20, **(WARD | {"unit": first} | more))
            two = heard(AdtKind.TRANSFER, 20, **(WARD | {"unit": second, name: after}))
            last = course(admission(), two, one).current_phase
            assert last is not None and last.unit == second


def test_what_an_earlier_release_read_is_judged_as_then() -> None:
    """Running stays replay as they were: only messages that this release reads are judged by when they were known."""
    old = [said(AdtKind.ADMIT, 0, **WARD), said(AdtKind.DISCHARGE, 10, **WARD), said(AdtKind.TRANSFER, 20, **WARD)]
    found = course(*old)
    assert found.discharged_at == at(10) and not found.questions
    assert "questions" not in found.model_dump()


def test_the_emergency_visit_that_is_closed_after_its_admission_under_another_number_ends_nothing() -> None:
    arrived = heard(AdtKind.REGISTER, 0, admitted_at=at(0), visit_number="V1", **ED)
    admitted = heard(AdtKind.ADMIT, 10, visit_number="V2", admitted_at=at(10), **WARD)
    closed = heard(AdtKind.DISCHARGE, 11, visit_number="V1", discharged_at=at(10), **ED)
    assert course(arrived, admitted, closed).is_present
