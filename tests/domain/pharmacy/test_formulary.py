"""The formulary: what is listed stands in nobody's way, and everything else is a question for people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.drug_limits.outcomes import LimitKind
from domain.drug_limits.rules import DrugSelector
from domain.pharmacy.formulary import Formulary, FormularyDrug, FormularyTier, evaluate_formulary
from domain.three_valued import Tri
from domain.vocabulary import Lob, ServiceKind

CONTENT: dict[str, Any] = {
    "rule_id": "F-2026",
    "plan_ids": ("P1",),
    "lobs": (Lob.PART_D,),
    "first_day": date(2026, 1, 1),
    "last_day": date(2026, 12, 31),
    "tiers": (
        FormularyTier(number=1, title="generic"),
        FormularyTier(number=4, title="specialty", specialty=True),
    ),
    "drugs": (
        FormularyDrug(drug=DrugSelector(codes=("A1",)), tier=4),
        FormularyDrug(drug=DrugSelector(codes=("A*",), service_groups=("g",)), tier=1),
    ),
    "cite": "Formulary 2026",
}
FORMULARY = Formulary(**CONTENT)


def found(code: str, *, lower: bool = False, groups: tuple[str, ...] = ()) -> tuple[LimitKind, Tri] | None:
    outcome = evaluate_formulary(FORMULARY, code, groups, lower_tier_asked=lower)
    return (outcome.kind, outcome.state) if outcome is not None else None


def test_a_listed_drug_meets_no_limit_of_the_formulary() -> None:
    assert found("A1") is found("A2") is found("X", groups=("g",)) is None


def test_a_drug_that_is_not_listed_goes_to_people_with_the_way_out() -> None:
    outcome = evaluate_formulary(FORMULARY, "X", (), lower_tier_asked=False)
    assert outcome is not None and (outcome.kind, outcome.state) == (LimitKind.FORMULARY, Tri.NOT_MET)
    assert not outcome.allows_approval and "prescriber's statement" in outcome.what_would_change


def test_a_lower_tier_is_never_given_or_refused_by_rule() -> None:
    assert found("A2", lower=True) == (LimitKind.TIER, Tri.UNKNOWN)
    assert found("A1", lower=True) == (LimitKind.TIER, Tri.NOT_MET)


def test_the_first_entry_that_matches_gives_the_tier() -> None:
    first, second = FORMULARY.tier_of("A1"), FORMULARY.tier_of("A2")
    assert first is not None and second is not None and (first.number, second.number) == (4, 1)


def test_it_binds_its_plan_line_of_business_and_year_and_drugs_of_the_pharmacy_alone() -> None:
    asked: dict[str, Any] = {
        "plan_id": "P1",
        "lob": Lob.PART_D,
        "service_kind": ServiceKind.PHARMACY_DRUG,
        "day": date(2026, 12, 31),
    }
    assert FORMULARY.binds(**asked)
    for change in (
        {"plan_id": "P2"},
        {"lob": Lob.MEDICAID},
        {"service_kind": ServiceKind.PART_B_DRUG},
        {"day": date(2027, 1, 1)},
    ):
        assert not FORMULARY.binds(**(asked | change))


def test_a_drug_on_a_tier_that_is_not_there_or_a_tier_named_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="tier 9"):
        Formulary(**(CONTENT | {"drugs": (FormularyDrug(drug=DrugSelector(codes=("A",)), tier=9),)}))
    with pytest.raises(ValidationError, match="twice"):
        Formulary(**(CONTENT | {"tiers": (*CONTENT["tiers"], FormularyTier(number=1, title="again"))}))
