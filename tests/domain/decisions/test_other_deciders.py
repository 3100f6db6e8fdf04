"""Which profession decides beside physicians: the first rule that speaks for the member counts, and what is unsure is a no."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.cited_value import Confidence
from domain.decisions.other_deciders import (
    FieldOfProfession,
    OtherDecider,
    OtherDeciderRule,
    find_other_deciders,
    shared_deciders,
)
from domain.vocabulary import Lob

FIELD = FieldOfProfession(profession="psychologist", specialties=("clinical_psychology", "child_psychology"))


def rule(
    rule_id: str, *, may: bool, states: tuple[str, ...] = (), sure: Confidence = Confidence.KNOWN
) -> OtherDeciderRule:
    return OtherDeciderRule(
        rule_id=rule_id, profession="psychologist", lobs=(Lob.COMMERCIAL_ERISA,), states=states, may_sign=may,
        citations=("a law",), confidence=sure,
    )  # fmt: skip


def found(*rules: OtherDeciderRule, state: str | None = "NY", self_funded: bool | None = False) -> list[str]:
    others = find_other_deciders(rules, (FIELD,), Lob.COMMERCIAL_ERISA, state, self_funded)
    return [one.rule_id for one in others]


def test_a_states_rule_stands_before_the_general_one_and_a_no_is_a_no() -> None:
    everywhere = rule("ALL", may=True)
    assert found(rule("NY", may=False, states=("NY",)), everywhere) == []
    assert found(rule("CA", may=False, states=("CA",)), everywhere) == ["ALL"]


def test_what_is_not_sure_leaves_the_decision_to_a_physician_and_so_does_silence() -> None:
    assert found(rule("NY", may=True, states=("NY",), sure=Confidence.UNSURE), rule("ALL", may=True)) == []
    assert found() == []


def test_a_plan_that_its_employer_funds_is_outside_of_the_states_rule_and_one_of_unknown_funding_needs_both() -> None:
    state, everywhere = rule("NY", may=True, states=("NY",)), rule("ALL", may=True)
    assert (found(state, self_funded=True), found(state, self_funded=None)) == ([], [])
    assert found(state, everywhere, self_funded=None) == ["NY"]
    assert found(rule("NY", may=False, states=("NY",)), everywhere, self_funded=None) == []


def test_for_a_member_whose_state_is_not_known_only_physicians_decide() -> None:
    assert found(rule("ALL", may=True), state=None) == []


def test_of_several_lines_only_a_specialty_that_fits_each_of_them_decides() -> None:
    one = OtherDecider(rule_id="R", profession="psychologist", specialties=FIELD.specialties, citations=("a law",))
    child = one.model_copy(update={"specialties": ("child_psychology", "neuropsychology")})
    (both,) = shared_deciders(((one,), (child,)))
    assert both.specialties == ("child_psychology",)
    assert shared_deciders(((one,), ())) == () == shared_deciders(())
    assert shared_deciders(((one,), (child.model_copy(update={"specialties": ("neuropsychology",)}),))) == ()


@pytest.mark.parametrize("profession", ["registered_nurse", "pharmacist", "psychological_associate"])
def test_no_rulebook_makes_another_profession_a_decider(profession: str) -> None:
    with pytest.raises(ValidationError, match="expected one of psychologist"):
        FieldOfProfession(profession=profession, specialties=("x",))
