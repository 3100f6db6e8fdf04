"""Gold cards: a statute counts as written, a voluntary programme by the Wilson bound, and nothing unknown qualifies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.coverage.directory import GoldCard
from domain.coverage.gold_cards import (
    GoldCardProgram,
    GoldCardRecord,
    evaluate_gold_card,
    find_exempting_program,
    wilson_lower_bound,
)
from domain.vocabulary import Lob

FAST = settings(derandomize=True, max_examples=200, deadline=None, database=None)
DAY = date(2026, 3, 10)


def programme(**more: Any) -> GoldCardProgram:
    return GoldCardProgram.model_validate(
        {
            "programme": "GOLD-TX",
            "version": "1",
            "title": "t",
            "kind": "statute",
            "state": "TX",
            "lobs": ["commercial_erisa", "commercial_aca"],
            "first_day": "2025-09-01",
            "look_back_months": 12,
            "threshold": 90,
            "minimum_count": 5,
            "minimum_counts": "look_back",
            "cite": "c",
            "verification": "v",
            "tests": [],
            **more,
        }
    )


def qualifies(rule: GoldCardProgram, decided: int, approved: int, **more: Any) -> bool | None:
    counts = GoldCardRecord(**{"decided": decided, "approved": approved, "months": 12, "furnished": decided, **more})
    return evaluate_gold_card(rule, counts).qualifies


@pytest.mark.parametrize(
    ("decided", "approved", "expected"), [(5, 5, True), (5, 4, False), (20, 18, True), (20, 17, False), (4, 4, False)]
)
def test_a_statute_counts_exactly_as_it_is_written(decided: int, approved: int, expected: bool) -> None:
    assert qualifies(programme(), decided, approved) is expected


def test_what_is_not_known_does_not_qualify_and_does_not_fail() -> None:
    assert qualifies(programme(), 20, 20, furnished=None) is None
    assert qualifies(programme(), 20, 17, furnished=None) is False
    assert qualifies(programme(), 20, 20, months=6) is None
    assert qualifies(programme(threshold=None), 20, 20) is None
    assert qualifies(programme(), 20, 21) is None


def test_a_voluntary_programme_asks_for_thirty_five_approvals_in_a_row() -> None:
    own = programme(kind="voluntary", minimum_count=None, minimum_counts=None)
    assert qualifies(own, 35, 35) is True
    assert qualifies(own, 34, 34) is False
    assert qualifies(own, 0, 0) is False


def test_the_wilson_bound_refuses_impossible_counts() -> None:
    assert wilson_lower_bound(0, 0) == 0.0
    assert wilson_lower_bound(18, 20) == pytest.approx(0.699, abs=0.001)
    for approved, decided in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="from 0 to decided"):
            wilson_lower_bound(approved, decided)


@FAST
@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 100))
def test_the_statutes_share_agrees_with_fractions(decided: int, approved: int, threshold: int) -> None:
    approved = min(approved, decided)
    got = qualifies(programme(threshold=Decimal(threshold)), decided, approved)
    expected = decided >= 5 and Fraction(approved, max(decided, 1)) >= Fraction(threshold, 100)
    assert got is expected


@FAST
@given(st.integers(1, 2000), st.integers(0, 2000))
def test_the_wilson_bound_lies_below_the_share_and_solves_its_own_equation(decided: int, approved: int) -> None:
    approved = min(approved, decided)
    low, share, z = wilson_lower_bound(approved, decided), approved / decided, 1.959963984540054
    assert 0 <= low <= share
    if approved:
        assert (share - low) ** 2 == pytest.approx(z * z * low * (1 - low) / decided, rel=1e-6, abs=1e-12)


CARD = GoldCard(programme="GOLD-TX", codes=("E13*",), first_day=date(2026, 1, 1), last_day=date(2026, 12, 31))


def held(card: GoldCard = CARD, **more: Any) -> str | None:
    asked = {
        "code": "E1390",
        "service_groups": frozenset[str](),
        "day": DAY,
        "lob": Lob.COMMERCIAL_ACA,
        "state": "TX",
        "self_funded": None,
    }
    found = find_exempting_program((card,), (programme(),), **{**asked, **more})
    return found.programme if found else None


def test_a_card_exempts_its_services_on_its_days_in_its_state() -> None:
    assert held() == "GOLD-TX"
    assert held(code="E0601") is None
    assert held(day=date(2027, 1, 1)) is None
    assert held(day=None) is None
    assert held(state="OH") is None
    assert held(lob=Lob.MEDICARE_ADVANTAGE) is None
    assert held(CARD.model_copy(update={"programme": "GOLD-XX"})) is None


def test_a_states_programme_does_not_reach_a_plan_that_an_employer_funds_itself() -> None:
    assert held(lob=Lob.COMMERCIAL_ERISA, self_funded=False) == "GOLD-TX"
    assert held(lob=Lob.COMMERCIAL_ERISA, self_funded=True) is None
    assert held(lob=Lob.COMMERCIAL_ERISA, self_funded=None) is None
