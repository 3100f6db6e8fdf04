"""An admission entered by hand: the hospital's word for it reaches the stay, and a form without it is what it was."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.stays.adt import AdmissionType, PatientClass
from domain.stays.timeline import build_timeline
from interop.plain.admission import Admission, as_bytes, read_admission

AT = datetime(2026, 12, 1, 12, tzinfo=UTC)


def form(admission_type: AdmissionType | None) -> Admission:
    return Admission(
        facility="MERIDIAN",
        visit_number="V1",
        member_id="MBR1000011",
        patient_class=PatientClass.INPATIENT,
        admitted_at=AT,
        happened_at=AT,
        entered_by="intake.kim",
        admission_type=admission_type,
    )


def test_an_inpatient_admission_by_hand_tells_whether_it_was_an_emergency() -> None:
    event = read_admission(as_bytes(form(AdmissionType.EMERGENCY)), AT).event
    course = build_timeline((event,), {})
    assert course.admission_type is AdmissionType.EMERGENCY and course.was_emergency is False


def test_a_form_that_does_not_tell_it_has_the_bytes_that_it_always_had() -> None:
    assert b"admission_type" not in as_bytes(form(None))
