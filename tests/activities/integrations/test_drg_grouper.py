"""The grouper behind the port: it groups a bill that states everything, and says what keeps it from grouping another."""

from __future__ import annotations

from datetime import date

import pytest

from activities.integrations.drg_grouper import DrgpyGrouper, installed_grouper
from domain.retrospective.drg_check import (
    BilledDiagnosis,
    BilledStay,
    CannotGroup,
    DiagnosisSeverity,
    DrgDifference,
    DrgGrouping,
    Sex,
    check_drg,
)

DISCHARGED = date(2026, 6, 3)


def stay(*codes: str, billed: str = "871", **more) -> BilledStay:
    told = {"sex": Sex.FEMALE, "discharge_status": "01"} | more
    return BilledStay(
        billed_drg=billed,
        discharged=told.pop("discharged", DISCHARGED),
        diagnoses=tuple(BilledDiagnosis(code=code, present_on_admission="Y") for code in codes),
        **told,
    )


def test_a_bill_that_states_everything_is_grouped_by_the_version_of_its_day():
    found = DrgpyGrouper().group(stay("A41.9", "J96.01", "N17.9"))
    assert isinstance(found, DrgGrouping)
    assert found.ms_drg == "871" and found.grouper == "drgpy, MS-DRG v43.1"
    assert found.severities == {"J96.01": DiagnosisSeverity.MCC, "N17.9": DiagnosisSeverity.CC}
    older = DrgpyGrouper().group(stay("A41.9", "J96.01", discharged=date(2021, 3, 1)))
    assert isinstance(older, DrgGrouping) and older.grouper == "drgpy, MS-DRG v38"


def test_the_code_that_carries_the_drg_is_named_with_what_the_drg_would_be_without_it():
    found = check_drg(stay("A41.9", "J96.01", "N17.9"), installed_grouper(), authorized="871")
    assert found.difference is DrgDifference.SAME
    assert [(one.code, one.severity, one.drg_without) for one in found.carried_by] == [
        ("J96.01", DiagnosisSeverity.MCC, "872")
    ]
    assert found.asks_person


def test_two_codes_that_bear_the_same_drg_do_not_carry_it_alone():
    found = check_drg(stay("A41.9", "J96.01", "G93.41"), installed_grouper())
    assert found.carried_by == () and found.against == (("grouper", "871"),)


def test_a_billed_drg_without_its_code_differs_from_the_regrouped_one():
    found = check_drg(stay("A41.9", "N17.9"), installed_grouper())
    assert found.difference is DrgDifference.DIFFERS and found.against == (("grouper", "872"),)


@pytest.mark.parametrize(
    ("more", "missing"),
    [({"sex": None}, "sex"), ({"discharge_status": None}, "discharge status")],
)
def test_what_the_bill_does_not_state_is_never_filled_in(more: dict[str, None], missing: str):
    found = DrgpyGrouper().group(stay("A41.9", **more))
    assert isinstance(found, CannotGroup) and found.missing == (missing,)


def test_a_diagnosis_without_its_indicator_is_not_taken_to_be_present_on_admission():
    bare = stay("A41.9").model_copy(update={"diagnoses": (BilledDiagnosis(code="A41.9"),)})
    found = DrgpyGrouper().group(bare)
    assert isinstance(found, CannotGroup) and found.missing == ("whether each diagnosis was present on admission",)


@pytest.mark.parametrize("day", [date(2018, 9, 30), date(2026, 10, 1), date(2030, 1, 1)])
def test_a_day_that_no_version_covers_is_not_grouped_by_another(day: date):
    found = DrgpyGrouper().group(stay("A41.9", discharged=day))
    assert isinstance(found, CannotGroup) and "no version" in found.because


@pytest.mark.parametrize("codes", [("Z38.00",), ("A41.9", "P07.01")])
def test_a_newborn_is_not_grouped_without_age_and_weight(codes: tuple[str, ...]):
    assert isinstance(DrgpyGrouper().group(stay(*codes)), CannotGroup)
    assert isinstance(DrgpyGrouper().group(stay("A41.9", age_days=5)), CannotGroup)


def test_codes_that_group_to_nothing_are_said_to():
    found = check_drg(stay("A00.0ZZ"), installed_grouper())
    assert found.difference is DrgDifference.UNKNOWN and found.not_grouped is not None
