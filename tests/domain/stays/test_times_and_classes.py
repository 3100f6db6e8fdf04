"""A word that is less precise, lies ahead or is not known moves no patient, and is asked about where it matters."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from domain.stays.adt import AdtKind, PatientClass, TimeDoubt, changed_fields, more_precise
from domain.stays.contradictions import CourseDoubt
from domain.stays.levels_of_care import OrderedStatus
from tests.domain.stays.test_course import course
from tests.domain.stays.test_presence import ED, WARD, admission, at, discharge, doubts, heard

MIDNIGHT = -8.0
"""The beginning of the first day, in hours after its admission."""
DAY_OF_DISCHARGE = {"discharged_at": at(MIDNIGHT + 24), "days_alone": ("discharged_at",)}
DAY_OF_ADMISSION = {"admitted_at": at(MIDNIGHT), "days_alone": ("admitted_at",)}


# -- a day without a time --------------------------------------------------------------------------------------------------


def test_a_day_alone_does_not_overwrite_the_time_of_discharge() -> None:
    later = heard(AdtKind.UPDATE, 40, **WARD, disposition="01", **DAY_OF_DISCHARGE)
    events = (admission(), discharge(26), later)
    assert {course(*order).discharged_at for order in permutations(events)} == {at(26)}


def test_a_day_alone_that_is_another_day_corrects_the_discharge() -> None:
    later = heard(AdtKind.UPDATE, 60, **WARD, disposition="01", **DAY_OF_DISCHARGE)
    assert course(admission(), discharge(50), later).discharged_at == at(MIDNIGHT + 24)


def test_a_discharge_of_which_only_the_day_is_told_happened_when_its_event_did() -> None:
    assert course(admission(), discharge(26, **DAY_OF_DISCHARGE)).discharged_at == at(26)


def test_a_discharge_on_the_day_of_admission_is_not_before_it() -> None:
    same_day = {"discharged_at": at(MIDNIGHT), "days_alone": ("discharged_at",)}
    found = course(admission(), discharge(5, **same_day))
    assert found.discharged_at == at(5) and not doubts(found)


def test_a_day_alone_of_admission_begins_at_the_event_on_that_day() -> None:
    found = course(admission(**DAY_OF_ADMISSION))
    assert (found.began_at, found.admitted_at) == (at(0), at(0))


def test_a_day_alone_of_admission_that_lies_before_the_event_counts_from_its_beginning() -> None:
    assert course(admission(30, **DAY_OF_ADMISSION)).admitted_at == at(MIDNIGHT)


def test_a_day_alone_says_nothing_new_about_a_time_on_that_day() -> None:
    before, after = admission(), heard(AdtKind.UPDATE, 5, **WARD, **DAY_OF_ADMISSION)
    assert changed_fields(before, after) == ()
    assert more_precise(after, "admitted_at", None, at(MIDNIGHT) + timedelta(days=1)) == at(MIDNIGHT)


# -- a time that has not come, or that comes twice -------------------------------------------------------------------------


def test_a_discharge_that_is_told_for_a_later_time_is_none_yet_and_is_asked() -> None:
    ahead = discharge(10, discharged_at=None, time_doubts=(TimeDoubt.DISCHARGE_AHEAD,))
    found = course(admission(), ahead)
    assert found.is_present and found.disposition is None and doubts(found) == [CourseDoubt.DISCHARGE_AHEAD]


def test_a_discharge_told_ahead_that_is_canceled_leaves_no_question() -> None:
    ahead = discharge(10, discharged_at=None, time_doubts=(TimeDoubt.DISCHARGE_AHEAD,))
    found = course(admission(), ahead, heard(AdtKind.CANCEL_DISCHARGE, 11, **WARD))
    assert found.is_present and not doubts(found)


@pytest.mark.parametrize(
    ("doubt", "asked"), [(TimeDoubt.AHEAD, CourseDoubt.TIME_AHEAD), (TimeDoubt.TWICE, CourseDoubt.TIME_TWICE)]
)
def test_a_doubtful_time_is_asked_and_changes_nothing_else(doubt: TimeDoubt, asked: CourseDoubt) -> None:
    plain, doubtful = course(admission()), course(admission(time_doubts=(doubt,)))
    assert doubts(doubtful) == [asked]
    assert doubtful.model_copy(update={"questions": (), "phases": plain.phases}) == plain


# -- classes and dispositions ----------------------------------------------------------------------------------------------


def test_a_class_that_is_not_known_leaves_the_status_and_is_asked_once() -> None:
    unread = [heard(AdtKind.UPDATE, hour, unit="Ward", class_unread=True) for hour in (5, 6)]
    found = course(admission(), *unread)
    assert found.current_phase is not None and found.current_phase.status is OrderedStatus.INPATIENT
    assert doubts(found) == [CourseDoubt.CLASS_UNREAD]


def test_a_class_that_is_left_out_asks_nothing() -> None:
    assert not doubts(course(admission(), heard(AdtKind.UPDATE, 5, unit="Ward")))


@pytest.mark.parametrize("code", ["30", "31", "39"])
def test_every_disposition_of_somebody_who_is_still_a_patient_is_no_discharge(code: str) -> None:
    found = course(admission(), discharge(10, disposition=code))
    assert found.is_present and doubts(found) == [CourseDoubt.STILL_A_PATIENT]


def test_a_death_that_is_reported_without_a_discharge_is_asked_once() -> None:
    told = [heard(AdtKind.UPDATE, hour, **WARD, reported_dead=True) for hour in (5, 6)]
    assert doubts(course(admission(), *told)) == [CourseDoubt.REPORTED_DEAD]
    died = discharge(7, disposition="20", reported_dead=True)
    assert not doubts(course(admission(), died))


# -- plans -----------------------------------------------------------------------------------------------------------------


def test_an_update_of_a_planned_admission_brings_nobody_and_moves_the_plan() -> None:
    plan = heard(AdtKind.PREADMIT, 0, patient_class=PatientClass.PREADMIT, admitted_at=at(200))
    moved = heard(AdtKind.UPDATE, 5, patient_class=PatientClass.PREADMIT, admitted_at=at(224))
    found = course(plan, moved)
    assert not found.is_present and found.planned_for == at(224) and found.began_at is None
    came = course(plan, moved, heard(AdtKind.REGISTER, 220, **ED))
    assert came.is_present and came.began_at == at(220)
