"""The same stay has the same number, whoever says so and in whatever spelling; another stay never has."""

from __future__ import annotations

import pytest

from domain.stays.adt import AdtKind, PatientClass, changed_fields, opens_stay, sort_events
from domain.stays.numbers import identity_of, stay_id_for
from tests.interop.hl7.adt_messages import WHOLE, read

KEY = b"k" * 32


def number(text: str) -> str | None:
    identity = identity_of(read(text))
    return stay_id_for(identity, KEY) if identity else None


def test_facility_and_visit_make_a_stay() -> None:
    assert number(WHOLE) == number(
        WHOLE.replace("|MERIDIAN|", "|meridian|").replace("ACC1", "ACC2").replace("ICU", "4W")
    )
    assert number(WHOLE) != number(WHOLE.replace("|V1^", "|V2^"))
    assert number(WHOLE) != number(WHOLE.replace("MERADT|MERIDIAN", "MERADT|LAKESIDE"))


def test_without_a_visit_the_account_and_without_both_the_patient_with_the_admission() -> None:
    bare = WHOLE.replace("V1^^^MERIDIAN^VN", "")
    assert identity_of(read(bare)) == ("account", "MERIDIAN", "ACC1")
    barer = bare.replace("ACC1", "")
    assert identity_of(read(barer)) == ("admission", "MERIDIAN", "MRN1", "2026-03-03T02:55:00+00:00")
    assert identity_of(read(barer.replace("MRN1^^^MERIDIAN^MR~", ""))) is None
    assert len({number(text) for text in (WHOLE, bare, barer)}) == 3


def test_a_stay_number_tells_nobody_anything_without_the_key() -> None:
    identity = identity_of(read(WHOLE))
    assert identity is not None
    assert stay_id_for(identity, KEY) != stay_id_for(identity, b"j" * 32)
    assert len(stay_id_for(identity, KEY)) == 15 and "V1" not in stay_id_for(identity, KEY)


@pytest.mark.parametrize(
    ("kind", "patient_class", "opens"),
    [
        (AdtKind.ADMIT, PatientClass.OUTPATIENT, True),
        (AdtKind.PREADMIT, PatientClass.PREADMIT, True),
        (AdtKind.TO_INPATIENT, PatientClass.INPATIENT, True),
        (AdtKind.REGISTER, PatientClass.EMERGENCY, True),
        (AdtKind.REGISTER, PatientClass.OUTPATIENT, False),
        (AdtKind.REGISTER, PatientClass.RECURRING, False),
        (AdtKind.REGISTER, PatientClass.UNKNOWN, True),
        (AdtKind.TRANSFER, PatientClass.INPATIENT, True),
        (AdtKind.DISCHARGE, PatientClass.INPATIENT, True),
        (AdtKind.UPDATE, PatientClass.OBSERVATION, True),
        (AdtKind.UPDATE, PatientClass.OUTPATIENT, False),
        (AdtKind.TO_OUTPATIENT, PatientClass.OUTPATIENT, True),
        (AdtKind.CANCEL_DISCHARGE, PatientClass.INPATIENT, True),
        (AdtKind.CANCEL_ADMIT, PatientClass.INPATIENT, False),
        (AdtKind.MERGE, PatientClass.INPATIENT, False),
        (AdtKind.OTHER, PatientClass.INPATIENT, False),
    ],
)
def test_what_shows_that_somebody_is_in_the_hospital_opens_a_stay(
    kind: AdtKind, patient_class: PatientClass, opens: bool
) -> None:
    event = read(WHOLE).event.model_copy(update={"kind": kind, "patient_class": patient_class})
    assert opens_stay(event) is opens


def test_events_are_put_in_the_order_in_which_they_happened() -> None:
    first = read(WHOLE).event
    update = first.model_copy(update={"event_id": "EV-2", "kind": AdtKind.UPDATE})
    cancel = first.model_copy(update={"event_id": "EV-1", "kind": AdtKind.CANCEL_ADMIT})
    before = first.model_copy(update={"event_id": "EV-9", "happened_at": first.happened_at.replace(hour=1)})
    assert sort_events([cancel, update, first, before]) == (before, first, update, cancel)


def test_an_update_is_compared_and_silence_takes_nothing_back() -> None:
    before = read(WHOLE).event
    silent = before.model_copy(update={"diagnoses": (), "unit": None, "patient_class": PatientClass.UNKNOWN})
    told = before.model_copy(update={"diagnoses": ("N17.9",), "patient_class": PatientClass.OBSERVATION})
    assert changed_fields(before, silent) == ()
    assert changed_fields(before, told) == ("patient class", "diagnoses")
