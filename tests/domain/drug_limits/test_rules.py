"""Step therapy and quantity limits: a limit goes to a person, and what is not known never counts against the patient."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.drug_limits.rules import (
    DrugHistory,
    MissingLimitFact,
    QuantityRule,
    StepRule,
    Supply,
    evaluate_quantity,
    evaluate_step,
)
from domain.three_valued import Tri
from domain.vocabulary import Lob

DAY = date(2026, 6, 1)
LONG_AGO = date(2020, 1, 1)
FAST = settings(derandomize=True, max_examples=150, deadline=None, database=None)


def step(**more: Any) -> StepRule:
    return StepRule.model_validate(
        {
            "rule_id": "STEP",
            "drug": {"codes": ["J0178"]},
            "steps": [{"drug": {"codes": ["C9257"]}, "min_days": 84}],
            "lookback_days": 365,
            "new_starts_only": True,
            "exceptions": [{"id": "cannot", "text": "Can it not be given?"}],
            "first_day": "2026-01-01",
            "because": "b",
            "cite": "c",
            "tests": [],
            **more,
        }
    )


def quantity(**more: Any) -> QuantityRule:
    shape = {"rule_id": "QL", "drug": {"codes": ["A42*"]}, "limit": 3, "unit": "unit", "per_days": 90}
    rest = {"first_day": "2026-01-01", "because": "b", "cite": "c", "tests": []}
    return QuantityRule.model_validate({**shape, **rest, **more})


def history(*supplies: tuple[str, int, int], known_since: date = LONG_AGO) -> DrugHistory:
    """Each supply as code, days before DAY, and days given."""
    given_before = (Supply(code=code, day=DAY - timedelta(days=ago), days=days) for code, ago, days in supplies)
    return DrugHistory(known_since=known_since, supplies=tuple(given_before))


def test_somebody_who_already_has_the_drug_is_not_asked_to_step() -> None:
    assert evaluate_step(step(), DAY, history(("J0178", 100, 28))).state is Tri.MET
    assert evaluate_step(step(), DAY, history(("J0178", 500, 28)), {"cannot": False}).state is Tri.NOT_MET


def test_a_supply_that_reaches_into_the_look_back_counts_with_the_days_inside_it() -> None:
    within = history(("C9257", 449, 170))
    assert evaluate_step(step(), DAY, within, {"cannot": False}).state is Tri.MET
    assert evaluate_step(step(), DAY, history(("C9257", 448, 166)), {"cannot": False}).state is Tri.NOT_MET


def test_days_given_twice_count_once() -> None:
    twice = history(("C9257", 100, 50), ("C9257", 100, 50))
    assert evaluate_step(step(), DAY, twice, {"cannot": False}).state is Tri.NOT_MET


def test_one_exception_ends_the_step_and_an_open_one_keeps_it_open() -> None:
    assert evaluate_step(step(), DAY, None, {"cannot": True}).state is Tri.MET
    assert evaluate_step(step(), DAY, history()).state is Tri.UNKNOWN
    assert evaluate_step(step(), DAY, history(), {"cannot": False}).state is Tri.NOT_MET


def test_a_reviewer_reads_the_question_of_an_exception_and_not_its_key() -> None:
    rule = step()
    for answered in ({}, {"cannot": True}):
        said = evaluate_step(rule, DAY, history(), answered).because
        assert rule.exceptions[0].text in said and "cannot" not in said.replace(rule.exceptions[0].text, "")


def test_a_history_that_is_not_known_is_never_an_empty_one() -> None:
    assert evaluate_step(step(), DAY, None, {"cannot": False}).state is Tri.UNKNOWN
    young = history(known_since=DAY - timedelta(days=364))
    assert evaluate_step(step(), DAY, young, {"cannot": False}).state is Tri.UNKNOWN


@pytest.mark.parametrize("change", [{"new_starts_only": False}, {"lookback_days": 364}])
def test_under_medicare_advantage_a_step_binds_new_starts_with_a_year_of_look_back(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"422\.136"):
        step(**change)
    assert step(lobs=["commercial_aca"], **change).rule_id == "STEP"


def test_a_step_rule_that_nobody_could_fulfil_is_refused() -> None:
    with pytest.raises(ValidationError, match="needed is 2 with 1 steps"):
        step(needed=2)


def test_a_rule_binds_by_line_of_business_day_and_drug() -> None:
    rule = quantity(lobs=["medicaid"], last_day="2026-12-31")
    assert rule.binds(Lob.MEDICAID, DAY, "A4239")
    assert not rule.binds(Lob.MEDICARE_ADVANTAGE, DAY, "A4239")
    assert not rule.binds(Lob.MEDICAID, date(2027, 1, 1), "A4239")
    assert not rule.binds(Lob.MEDICAID, DAY, "E2103")


@pytest.mark.parametrize("code", ["99999-0123-45", "99999-123-45", "99999012345"])
def test_a_drug_is_found_by_its_national_code_however_it_is_written(code: str) -> None:
    assert quantity(drug={"codes": ["99999-0123-*"]}).binds(Lob.PART_D, DAY, code)
    assert quantity(drug={"codes": ["99999-0123-45"]}).binds(Lob.PART_D, DAY, code)
    assert not quantity(drug={"codes": ["99999-0124-*"]}).binds(Lob.PART_D, DAY, code)


def test_a_request_without_a_quantity_is_not_compared() -> None:
    assert evaluate_quantity(quantity(), DAY, None, None, history()).state is Tri.UNKNOWN


def test_more_than_the_limit_is_seen_even_when_the_history_is_not_known() -> None:
    assert evaluate_quantity(quantity(), DAY, DAY, Decimal(4), None).state is Tri.NOT_MET
    assert evaluate_quantity(quantity(), DAY, DAY, Decimal(3), None).state is Tri.UNKNOWN


def test_an_amount_for_a_time_that_nobody_states_is_not_known_to_be_too_much() -> None:
    found = evaluate_quantity(quantity(), DAY, None, Decimal(4), history())
    assert (found.state, found.lacking) == (Tri.UNKNOWN, (MissingLimitFact.DAYS_SUPPLY,))
    within = evaluate_quantity(quantity(), DAY, None, Decimal(3), history())
    assert within.state is Tri.MET


def test_what_was_given_in_another_unit_is_not_compared() -> None:
    given = Supply(code="A4239", day=DAY - timedelta(days=10), quantity=Decimal(1), unit="box")
    known = DrugHistory(known_since=LONG_AGO, supplies=(given,))
    assert evaluate_quantity(quantity(), DAY, DAY, Decimal(1), known).state is Tri.UNKNOWN
    assert evaluate_quantity(quantity(units=["box"]), DAY, DAY, Decimal(1), known).state is Tri.MET
    assert not quantity().counts_in(None) and quantity().counts_in("Unit")


def test_a_first_drug_given_for_a_time_that_nobody_states_is_not_known_to_be_too_short() -> None:
    tried = DrugHistory(known_since=LONG_AGO, supplies=(Supply(code="C9257", day=DAY - timedelta(days=200)),))
    found = evaluate_step(step(), DAY, tried, {"cannot": False})
    assert (found.state, found.lacking) == (Tri.UNKNOWN, (MissingLimitFact.HISTORY,))


def test_what_was_given_before_the_window_does_not_count() -> None:
    supplies = (Supply(code="A4239", day=DAY - timedelta(days=90), quantity=Decimal(3)),)
    before = DrugHistory(known_since=LONG_AGO, supplies=supplies)
    assert evaluate_quantity(quantity(), DAY, None, Decimal(3), before).state is Tri.MET
    inside = DrugHistory(
        known_since=LONG_AGO, supplies=(supplies[0].model_copy(update={"day": DAY - timedelta(days=89)}),)
    )
    assert evaluate_quantity(quantity(), DAY, DAY, Decimal(3), inside).state is Tri.NOT_MET
    assert evaluate_quantity(quantity(), DAY, None, Decimal(3), inside).state is Tri.UNKNOWN


SUPPLIES = st.lists(
    st.tuples(st.sampled_from(("C9257", "J0178", "OTHER")), st.integers(1, 700), st.integers(1, 120)), max_size=5
)


@FAST
@given(SUPPLIES, st.sampled_from((None, True, False)), st.integers(0, 800))
def test_steps_agree_with_a_plain_count_day_by_day(
    supplies: list[tuple[str, int, int]], cannot: bool | None, known_days: int
) -> None:
    known_since = DAY - timedelta(days=known_days)
    got = evaluate_step(
        step(), DAY, history(*supplies, known_since=known_since), {} if cannot is None else {"cannot": cannot}
    ).state
    days = [DAY - timedelta(days=ago) for ago in range(1, 366)]

    def had(code: str, day: date) -> bool:
        return any(
            each == code and 0 <= (day - (DAY - timedelta(days=ago))).days < length for each, ago, length in supplies
        )

    enough = sum(had("C9257", day) for day in days) >= 84 or any(had("J0178", day) for day in days)
    if cannot or enough:
        assert got is Tri.MET
    else:
        assert got is (Tri.NOT_MET if known_days >= 365 and cannot is False else Tri.UNKNOWN)


@FAST
@given(SUPPLIES, st.booleans())
def test_learning_more_never_turns_a_step_from_met_to_not_met(
    supplies: list[tuple[str, int, int]], cannot: bool
) -> None:
    rule = step()
    without = evaluate_step(rule, DAY, None, {}).state
    with_more = evaluate_step(rule, DAY, history(*supplies), {"cannot": cannot}).state
    assert without is Tri.UNKNOWN
    if evaluate_step(rule, DAY, history(*supplies), {}).state is Tri.MET:
        assert with_more is Tri.MET


@FAST
@given(
    st.integers(1, 12),
    st.integers(1, 366),
    st.lists(st.tuples(st.integers(1, 200), st.integers(1, 3)), max_size=4),
)
def test_quantities_agree_with_a_plain_sum(asked: int, span: int, before: list[tuple[int, int]]) -> None:
    supplies = tuple(
        Supply(code="A4239", day=DAY - timedelta(days=ago), quantity=Decimal(units)) for ago, units in before
    )
    known = DrugHistory(known_since=LONG_AGO, supplies=supplies)
    got = evaluate_quantity(quantity(), DAY, DAY + timedelta(days=span - 1), Decimal(asked), known).state
    windows = (span + 89) // 90
    total = asked + sum(units for ago, units in before if ago <= 89)
    assert got is (Tri.MET if total <= 3 * windows else Tri.NOT_MET)


@pytest.mark.parametrize("amount", ["-30", "0", "NaN", "Infinity", "-Infinity"])
def test_an_amount_that_nobody_can_be_given_is_never_within_a_limit(amount: str) -> None:
    found = evaluate_quantity(quantity(), DAY, DAY + timedelta(days=27), Decimal(amount), history())
    assert (found.state, found.lacking) == (Tri.UNKNOWN, (MissingLimitFact.QUANTITY,))


def test_a_request_for_more_than_a_year_or_backwards_makes_no_room_for_any_amount() -> None:
    for last_day in (date(9999, 12, 31), DAY + timedelta(days=366), DAY - timedelta(days=1)):
        assert evaluate_quantity(quantity(), DAY, last_day, Decimal(1), history()).state is Tri.UNKNOWN


def test_a_claim_that_was_taken_back_makes_no_room_for_more() -> None:
    back = Supply(code="A4239", day=DAY - timedelta(days=1), quantity=Decimal(-100))
    before = history().model_copy(update={"supplies": (back,)})
    assert evaluate_quantity(quantity(), DAY, DAY + timedelta(days=27), Decimal(1), before).state is Tri.UNKNOWN
