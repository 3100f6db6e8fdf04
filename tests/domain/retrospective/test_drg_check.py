"""The check of a billed DRG, with any grouper behind the port and with none."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.retrospective.drg_check import (
    BilledDiagnosis,
    BilledStay,
    CannotGroup,
    DiagnosisSeverity,
    DrgDifference,
    DrgGrouping,
    check_drg,
)


class Sepsis:
    """A grouper of two DRGs: 871 with a major complication, 872 without."""

    def group(self, stay: BilledStay) -> DrgGrouping | CannotGroup:
        severities = {one.code: DiagnosisSeverity.MCC for one in stay.diagnoses[1:] if one.code.startswith("J96")}
        return DrgGrouping(ms_drg="871" if severities else "872", grouper="test", severities=severities)


class Silent:
    def group(self, stay: BilledStay) -> DrgGrouping | CannotGroup:
        return CannotGroup(because="the bill does not state everything that groups a stay", missing=("sex",))


def stay(*codes: str, billed: str = "871") -> BilledStay:
    diagnoses = tuple(BilledDiagnosis(code=code) for code in codes)
    return BilledStay(billed_drg=billed, discharged=date(2026, 6, 3), diagnoses=diagnoses)


def test_without_a_grouper_the_bill_is_compared_with_the_authorization_and_the_coder():
    found = check_drg(stay("A41.9"), None, authorized="872", coder="871")
    assert found.difference is DrgDifference.DIFFERS and found.asks_person
    assert found.against == (("authorization", "872"), ("coder", "871"))
    assert found.not_grouped is not None and found.not_grouped.because == "no grouper is installed"


def test_with_nothing_to_compare_with_nobody_can_say_and_a_person_is_asked():
    found = check_drg(stay("A41.9"), Silent())
    assert found.difference is DrgDifference.UNKNOWN and found.asks_person
    assert found.not_grouped is not None and found.not_grouped.missing == ("sex",)


def test_drgs_are_the_same_with_and_without_leading_zeros():
    found = check_drg(stay("A41.9", billed="065"), None, authorized="65")
    assert found.difference is DrgDifference.SAME and not found.asks_person


def test_a_code_whose_removal_changes_the_drg_carries_it():
    found = check_drg(stay("A41.9", "J96.01", "N17.9"), Sepsis())
    assert [(one.code, one.drg_without) for one in found.carried_by] == [("J96.01", "872")]
    assert found.difference is DrgDifference.SAME and found.asks_person


def test_the_principal_diagnosis_is_never_taken_away():
    assert check_drg(stay("J96.01"), Sepsis()).carried_by == ()


def test_the_check_has_no_outcome_for_payment():
    assert not any(
        word in name for name in type(check_drg(stay("A41.9"), None)).model_fields for word in ("deny", "pay")
    )


@pytest.mark.parametrize("code", ["", "419", "A4", "A41.9.1"])
def test_what_is_no_diagnosis_code_is_refused(code: str):
    with pytest.raises(ValidationError):
        BilledDiagnosis(code=code)
