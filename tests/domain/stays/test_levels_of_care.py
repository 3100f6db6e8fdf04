"""Levels of care: what a move sets off, and that neither a level nor a need is guessed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.stays.levels_of_care import (
    ACUTE_INPATIENT,
    CareLevels,
    CountedIn,
    FacilityUnits,
    LevelOfCare,
    LevelRule,
    MoveRule,
    OrderedStatus,
    UnitNames,
)
from rulebook.guidelines import load_criteria
from rulebook.stay_rules import load_stay_rules

LEVELS = load_stay_rules().levels
NPI = "1234567893"
WITH_OWN_NAMES = LEVELS.model_copy(
    update={
        "facilities": (FacilityUnits(npi=NPI, units=(UnitNames(level=LevelOfCare.STEPDOWN, names=("ICU", "5 West")),)),)
    }
)


def test_every_level_has_one_rule():
    assert {rule.level for rule in LEVELS.levels} == set(LevelOfCare)


@pytest.mark.parametrize(
    ("level", "cap", "counted_in"),
    [
        (LevelOfCare.ICU, 1, CountedIn.DAYS),
        (LevelOfCare.STEPDOWN, 2, CountedIn.DAYS),
        (LevelOfCare.INPATIENT_WARD, 3, CountedIn.DAYS),
        (LevelOfCare.SNF, 7, CountedIn.DAYS),
        (LevelOfCare.OBSERVATION, 24, CountedIn.HOURS),
    ],
)
def test_a_round_certifies_days_in_a_bed_and_hours_under_observation(
    level: LevelOfCare, cap: int, counted_in: CountedIn
):
    rule = LEVELS.rule(level)
    assert (rule.cap, rule.counted_in, rule.is_certified) == (cap, counted_in, True)


@pytest.mark.parametrize("level", [LevelOfCare.EMERGENCY, LevelOfCare.HOME, LevelOfCare.ASSISTED_LIVING])
def test_emergency_care_and_home_are_not_certified(level: LevelOfCare):
    assert not LEVELS.rule(level).is_certified


def test_a_level_with_a_cap_says_what_it_counts():
    with pytest.raises(ValidationError, match="come together"):
        LevelRule(level=LevelOfCare.ICU, title="Intensive care", cap=1, source="plan policy", confidence="unsure")


def test_within_one_acute_stay_a_move_opens_no_new_line():
    for leaving in ACUTE_INPATIENT:
        for entering in ACUTE_INPATIENT - {leaving}:
            move = LEVELS.move(leaving, entering)
            assert move is not None and not move.new_line


@pytest.mark.parametrize(
    ("leaving", "entering", "group"),
    [
        (LevelOfCare.OBSERVATION, LevelOfCare.INPATIENT_WARD, "inpatient_stay"),
        (LevelOfCare.INPATIENT_WARD, LevelOfCare.IRF, "inpatient_rehabilitation"),
        (LevelOfCare.INPATIENT_WARD, LevelOfCare.SNF, "skilled_nursing_facility"),
        (LevelOfCare.SNF, LevelOfCare.HOME_HEALTH, "home_health"),
    ],
)
def test_a_move_to_another_kind_of_care_opens_a_line_with_its_own_criteria(
    leaving: LevelOfCare, entering: LevelOfCare, group: str
):
    move = LEVELS.move(leaving, entering)
    assert move is not None and move.new_line and move.criteria_group == group and not move.asks_person


def test_from_inpatient_to_observation_is_the_hospitals_own_change_and_asked_of_a_person():
    for leaving in ACUTE_INPATIENT:
        move = LEVELS.move(leaving, LevelOfCare.OBSERVATION)
        assert move is not None and "never for days that have passed" in move.asks_person


def test_a_move_that_the_table_does_not_have_is_unknown():
    assert LEVELS.move(LevelOfCare.HOME, LevelOfCare.LTCH) is None


def test_every_service_group_of_the_table_has_criteria():
    known = {group for one in load_criteria().guidelines for group in one.applies_to.service_group}
    named = {group for rule in LEVELS.levels for group in (rule.admission_group, rule.continued_group) if group}
    named |= {move.criteria_group for move in LEVELS.moves if move.criteria_group}
    assert named <= known


def test_a_move_to_where_somebody_is_and_criteria_without_a_line_are_refused():
    told = {"to_level": LevelOfCare.ICU, "source": "plan policy", "confidence": "known"}
    with pytest.raises(ValidationError, match="to which the move goes"):
        MoveRule(from_levels=(LevelOfCare.ICU,), new_line=False, **told)
    with pytest.raises(ValidationError, match="needs new_line: true"):
        MoveRule(from_levels=(LevelOfCare.HOME,), new_line=False, criteria_group="icu", **told)


# -- names of units --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MICU", "m-icu", " Micu ", "Neuro ICU", "neuro_icu"])
def test_a_unit_is_known_however_its_name_is_spelt(name: str):
    assert LEVELS.level_of_unit(name) is LevelOfCare.ICU


@pytest.mark.parametrize("name", ["5 West", "CCU", "TCU", "ICUX", ""])
def test_a_unit_whose_name_is_not_listed_has_no_level(name: str):
    assert LEVELS.level_of_unit(name) is None


def test_a_facilitys_own_names_count_first_and_only_there():
    assert WITH_OWN_NAMES.level_of_unit("5 west", NPI) is LevelOfCare.STEPDOWN
    assert WITH_OWN_NAMES.level_of_unit("ICU", NPI) is LevelOfCare.STEPDOWN
    assert WITH_OWN_NAMES.level_of_unit("MICU", NPI) is LevelOfCare.ICU
    assert WITH_OWN_NAMES.level_of_unit("5 west", "1999999992") is None


def test_the_order_and_not_the_bed_makes_a_patient_an_inpatient():
    assert LEVELS.level_of_patient("Med-Surg", OrderedStatus.OBSERVATION) is LevelOfCare.OBSERVATION
    assert LEVELS.level_of_patient("Med-Surg", OrderedStatus.INPATIENT) is LevelOfCare.INPATIENT_WARD
    assert LEVELS.level_of_patient("ICU", OrderedStatus.EMERGENCY) is LevelOfCare.EMERGENCY


@pytest.mark.parametrize(
    ("unit", "status"),
    [("Med-Surg", None), ("ICU", None), (None, OrderedStatus.INPATIENT), ("ED", OrderedStatus.INPATIENT)],
)
def test_without_order_or_unit_the_level_is_unknown(unit: str | None, status: OrderedStatus | None):
    assert LEVELS.level_of_patient(unit, status) is None


def test_a_name_for_two_levels_is_refused():
    two = (
        UnitNames(level=LevelOfCare.ICU, names=("CCU",)),
        UnitNames(level=LevelOfCare.STEPDOWN, names=("c-c-u",)),
    )
    with pytest.raises(ValidationError, match="stands for two levels in units"):
        CareLevels(levels=LEVELS.levels, moves=LEVELS.moves, units=two)
    with pytest.raises(ValidationError, match=f"two levels in {NPI}"):
        CareLevels(levels=LEVELS.levels, moves=LEVELS.moves, facilities=(FacilityUnits(npi=NPI, units=two),))


def test_a_level_left_out_and_a_move_listed_twice_are_refused():
    with pytest.raises(ValidationError, match="exactly one entry for each level"):
        CareLevels(levels=LEVELS.levels[1:], moves=LEVELS.moves)
    with pytest.raises(ValidationError, match="emergency to observation more than once"):
        CareLevels(levels=LEVELS.levels, moves=(*LEVELS.moves, LEVELS.moves[0]))
