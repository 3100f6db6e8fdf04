"""LACE and HOSPITAL: computed as published, and honest about what nobody knows."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.discharge.risk_scores import HospitalValues, LaceValues, RiskBand, Score, hospital, lace
from domain.stays.adt import AdmissionType
from tests.domain.discharge.discharge_world import DischargeWorld, stay_snapshot

SEEDED = settings(derandomize=True, database=None, deadline=None, max_examples=150)
LACE = LaceValues(length_of_stay_days=0, emergent_admission=False, charlson=0, emergency_visits=0)
HOSPITAL = HospitalValues(
    hemoglobin=13.0,
    oncology_service=False,
    sodium=140,
    procedure=False,
    urgent_admission=False,
    admissions_last_year=0,
    length_of_stay_days=2,
)


@pytest.mark.parametrize(
    ("days", "points"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (6, 4), (7, 5), (13, 5), (14, 7), (90, 7)],
)
def test_lace_counts_the_length_of_stay(days: int, points: int):
    assert lace(LACE.model_copy(update={"length_of_stay_days": days})).at_least == points


@pytest.mark.parametrize(("index", "points"), [(0, 0), (3, 3), (4, 5), (12, 5)])
def test_lace_counts_other_illnesses(index: int, points: int):
    assert lace(LACE.model_copy(update={"charlson": index})).at_least == points


@pytest.mark.parametrize(("visits", "points"), [(0, 0), (4, 4), (9, 4)])
def test_lace_counts_emergency_visits_up_to_four(visits: int, points: int):
    assert lace(LACE.model_copy(update={"emergency_visits": visits})).at_least == points


def test_lace_goes_from_0_to_19_and_is_high_from_10():
    worst = lace(LaceValues(length_of_stay_days=20, emergent_admission=True, charlson=6, emergency_visits=5))
    assert (lace(LACE).at_least, worst.at_least, worst.most) == (0, 19, 19)
    ten = lace(LaceValues(length_of_stay_days=7, emergent_admission=True, charlson=2, emergency_visits=0))
    nine = lace(LaceValues(length_of_stay_days=4, emergent_admission=True, charlson=2, emergency_visits=0))
    assert (ten.band, nine.band) == (RiskBand.HIGH, RiskBand.MODERATE)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"hemoglobin": 11.9}, 1),
        ({"hemoglobin": 12.0}, 0),
        ({"oncology_service": True}, 2),
        ({"sodium": 134.9}, 1),
        ({"sodium": 135.0}, 0),
        ({"procedure": True}, 1),
        ({"urgent_admission": True}, 1),
        ({"admissions_last_year": 1}, 0),
        ({"admissions_last_year": 2}, 2),
        ({"admissions_last_year": 5}, 2),
        ({"admissions_last_year": 6}, 5),
        ({"length_of_stay_days": 4}, 0),
        ({"length_of_stay_days": 5}, 2),
    ],
)
def test_hospital_counts_each_value_as_published(change: dict[str, object], points: int):
    assert hospital(HOSPITAL.model_copy(update=change)).at_least == points


@pytest.mark.parametrize(
    ("admissions", "days", "band"), [(2, 2, RiskBand.LOW), (6, 2, RiskBand.MODERATE), (6, 5, RiskBand.HIGH)]
)
def test_hospital_has_three_bands(admissions: int, days: int, band: RiskBand):
    values = HOSPITAL.model_copy(update={"admissions_last_year": admissions, "length_of_stay_days": days})
    assert hospital(values).band is band


def test_a_score_without_hemoglobin_and_sodium_is_at_least_so_much():
    values = HOSPITAL.model_copy(update={"hemoglobin": None, "sodium": None, "admissions_last_year": 6})
    found = hospital(values)
    assert (found.at_least, found.at_most, found.missing) == (5, 7, ("hemoglobin", "sodium"))
    assert not found.is_complete
    assert found.band is RiskBand.MODERATE and found.band_may_be == (RiskBand.HIGH,)
    assert str(found) == "HOSPITAL at least 5 of 13 (moderate or higher; not known: hemoglobin, sodium)"


def test_a_complete_score_is_shown_as_it_is():
    assert str(hospital(HOSPITAL)) == "HOSPITAL 0 of 13 (low)"


def test_with_nothing_known_every_band_is_possible():
    found = lace(LaceValues())
    assert (found.at_least, found.at_most) == (0, 19)
    assert found.band_may_be == (RiskBand.MODERATE, RiskBand.HIGH)


@SEEDED
@given(
    st.builds(
        LaceValues,
        length_of_stay_days=st.none() | st.integers(0, 40),
        emergent_admission=st.none() | st.booleans(),
        charlson=st.none() | st.integers(0, 12),
        emergency_visits=st.none() | st.integers(0, 12),
    )
)
def test_whatever_the_missing_values_turn_out_to_be_the_score_lies_between_its_bounds(values: LaceValues):
    told = lace(values)
    for filling in itertools.product((0, 2, 14), (False, True), (0, 3, 9), (0, 4)):
        whole = dict(zip(LaceValues.model_fields, filling, strict=True))
        known = {name: value for name, value in values if value is not None}
        found: Score = lace(LaceValues(**(whole | known)))
        assert told.at_least <= found.at_least <= told.at_most
        assert found.band in (told.band, *told.band_may_be)


@pytest.mark.parametrize(
    ("told", "through_emergency_department", "emergent", "urgent"),
    [
        (None, None, None, None),
        (None, True, True, True),
        (AdmissionType.EMERGENCY, False, True, True),
        (AdmissionType.URGENT, False, None, True),
        (AdmissionType.ELECTIVE, False, False, False),
        (AdmissionType.ELECTIVE, True, True, True),
    ],
)
def test_scores_count_what_the_hospital_calls_the_admission_and_no_more(
    told: AdmissionType | None, through_emergency_department: bool | None, emergent: bool | None, urgent: bool | None
):
    shown = stay_snapshot(emergent=through_emergency_department, admission_type=told)
    plan = DischargeWorld(shown).plan
    assert plan.lace_inputs.emergent_admission is emergent
    assert plan.hospital_inputs.urgent_admission is urgent
