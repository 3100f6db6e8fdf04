"""Protections from a step: grounds of a State's law, and the protected classes of Part D."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.drug_limits.rules import (
    DrugHistory,
    DrugSelector,
    StepException,
    StepRule,
    StepTherapyDrug,
    Supply,
    evaluate_step,
)
from domain.pharmacy.step_protections import (
    ProtectedClass,
    StepOverride,
    protection_from_steps,
    with_override_grounds,
)
from domain.three_valued import Tri
from domain.vocabulary import Lob

DAY = date(2026, 6, 1)
GROUND = StepException(id="law_stable", fact="rx.stable_on_drug", text="Stable on the drug?")
LAW = StepOverride(
    override_id="NY-GROUNDS",
    states=("NY",),
    lobs=(Lob.QHP,),
    first_day=date(2017, 1, 1),
    grounds=(GROUND, StepException(id="law_tried", fact="rx.first_drug_tried", text="Tried?")),
    cite="law",
    confidence="unsure",
)
STEP = StepRule(
    rule_id="STEP",
    drug=DrugSelector(codes=("B",)),
    steps=(StepTherapyDrug(drug=DrugSelector(codes=("A",)), min_days=30),),
    lookback_days=365,
    new_starts_only=True,
    exceptions=(StepException(id="tried", fact="rx.first_drug_tried", text="Tried?"),),
    first_day=date(2026, 1, 1),
    because="A first",
    cite="policy",
    tests=(),
)
PROTECTED = ProtectedClass(
    class_id="PD-X",
    title="X is a protected class",
    drug=DrugSelector(codes=("X*",)),
    lobs=(Lob.PART_D,),
    new_starts_stepped=True,
    lookback_days=120,
    cite="42 CFR 423.120(b)(2)(vi)",
    confidence="known",
)


def test_a_ground_of_the_states_law_ends_a_step_that_the_plans_own_exceptions_would_not() -> None:
    history = DrugHistory(known_since=date(2025, 1, 1))
    (rule,) = with_override_grounds((STEP,), (LAW,), Lob.QHP, "NY", None, DAY)
    assert evaluate_step(rule, DAY, history, {"tried": False, "law_stable": True}).state is Tri.MET
    assert evaluate_step(rule, DAY, history, {"tried": False}).state is Tri.UNKNOWN, "the ground is asked first"
    assert evaluate_step(rule, DAY, history, {"tried": False, "law_stable": False}).state is Tri.NOT_MET


def test_a_ground_that_the_rule_has_already_is_not_asked_twice() -> None:
    (rule,) = with_override_grounds((STEP,), (LAW,), Lob.QHP, "NY", False, DAY)
    assert [each.fact for each in rule.exceptions] == ["rx.first_drug_tried", "rx.stable_on_drug"]


@pytest.mark.parametrize(
    ("lob", "state", "self_funded", "day"),
    [
        (Lob.QHP, "NY", True, DAY),
        (Lob.QHP, "OH", False, DAY),
        (Lob.PART_D, "NY", None, DAY),
        (Lob.QHP, "NY", False, date(2016, 12, 31)),
    ],
)
def test_the_law_of_a_state_binds_nobody_else(lob: Lob, state: str, self_funded: bool | None, day: date) -> None:
    assert with_override_grounds((STEP,), (LAW,), lob, state, self_funded, day) == (STEP,)


def protects(history: DrugHistory | None, said: bool | None = None, **changes: object) -> bool:
    rule = PROTECTED.model_copy(update=changes)
    return protection_from_steps((rule,), Lob.PART_D, "X1", (), DAY, history, said) is not None


def test_who_takes_a_drug_of_a_protected_class_is_not_stepped() -> None:
    supply = Supply(code="X1", day=DAY - timedelta(days=20), days=30)
    assert protects(DrugHistory(known_since=date(2025, 1, 1), supplies=(supply,)))
    assert protects(DrugHistory(known_since=date(2025, 1, 1)), said=True)


def test_where_nothing_shows_that_the_drug_is_new_the_member_counts_as_taking_it() -> None:
    assert protects(None)
    assert protects(DrugHistory(known_since=DAY - timedelta(days=119)))


def test_a_new_start_in_a_protected_class_may_be_stepped_but_never_with_an_antiretroviral() -> None:
    complete = DrugHistory(known_since=DAY - timedelta(days=120))
    assert not protects(complete)
    assert not protects(None, said=False)
    assert protects(complete, said=False, new_starts_stepped=False)


def test_a_supply_before_the_look_back_is_no_taking_and_another_drug_neither() -> None:
    long_ago = Supply(code="X1", day=DAY - timedelta(days=160), days=30)
    other = Supply(code="Y1", day=DAY - timedelta(days=20), days=30)
    assert not protects(DrugHistory(known_since=date(2025, 1, 1), supplies=(long_ago, other)))


def test_another_drug_or_line_of_business_has_no_protection() -> None:
    assert protection_from_steps((PROTECTED,), Lob.PART_D, "Y1", (), DAY, None, None) is None
    assert protection_from_steps((PROTECTED,), Lob.QHP, "X1", (), DAY, None, None) is None


def test_who_takes_a_protected_drug_from_another_package_takes_it() -> None:
    rule = PROTECTED.model_copy(update={"drug": DrugSelector(codes=("99999-0401-*",))})
    for code in ("99999-0401-90", "99999040190", "99999-401-90"):
        history = DrugHistory(
            known_since=date(2025, 1, 1), supplies=(Supply(code=code, day=DAY - timedelta(days=20), days=30),)
        )
        assert protection_from_steps((rule,), Lob.PART_D, "99999-0401-30", (), DAY, history, False) is not None
    other = DrugHistory(
        known_since=date(2025, 1, 1),
        supplies=(Supply(code="99999-0402-30", day=DAY - timedelta(days=20), days=30),),
    )
    assert protection_from_steps((rule,), Lob.PART_D, "99999-0401-30", (), DAY, other, None) is None


@pytest.mark.parametrize("state", [None, "", " ", "ny "])
def test_where_the_members_state_is_not_known_every_ground_is_asked_and_its_spelling_takes_none_away(
    state: str | None,
) -> None:
    (rule,) = with_override_grounds((STEP,), (LAW,), Lob.QHP, state, None, DAY)
    assert "rx.stable_on_drug" in [each.fact for each in rule.exceptions]
