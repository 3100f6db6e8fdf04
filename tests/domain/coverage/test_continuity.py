"""A new member's care under way goes on, and a new card in the same plan makes nobody a new member."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.coverage.continuity import enrolled_since, find_continuity_rule
from domain.coverage.directory import Coverage
from domain.vocabulary import Lob
from rulebook.review_rules import load_review_rules

RULES = load_review_rules().continuity
JOINED = date(2026, 10, 1)
LAST = date(2026, 12, 29)


def coverage(effective: date, end: date | None = None, plan_id: str = "P1") -> Coverage:
    return Coverage(
        coverage_id=f"C-{effective}", member_id="M", plan_id=plan_id, plan_name="P", lob=Lob.MEDICARE_ADVANTAGE,
        state="IL", zone="America/Chicago", effective=effective, end=end,
    )  # fmt: skip


def rule_on(day: date, lob: Lob = Lob.MEDICARE_ADVANTAGE, state: str = "WY", self_funded: bool | None = None) -> str:
    found = find_continuity_rule(RULES, lob, state, self_funded, JOINED, day)
    return found.rule_id if found is not None else ""


def test_medicare_advantage_protects_ninety_days_of_which_the_day_of_joining_is_the_first() -> None:
    assert (LAST - JOINED).days + 1 == 90
    assert [rule_on(day) for day in (JOINED, LAST)] == ["MA-TRANSITION-90"] * 2
    assert not rule_on(JOINED - timedelta(days=1)) and not rule_on(LAST + timedelta(days=1))


def test_illinois_honors_the_approval_of_an_earlier_plan_in_insured_and_public_plans() -> None:
    for lob in (Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA, Lob.QHP, Lob.MEDICAID, Lob.CHIP):
        assert rule_on(LAST, lob, "IL") == "IL-TRANSITION-90"
        assert not rule_on(LAST, lob, "WY")
    assert not rule_on(LAST, Lob.COMMERCIAL_ERISA, "IL", self_funded=True)


@pytest.mark.parametrize(
    ("others", "since"),
    [
        ((), JOINED),
        ((coverage(date(2026, 1, 1), date(2026, 9, 30)),), date(2026, 1, 1)),
        (
            (coverage(date(2025, 1, 1), date(2025, 12, 31)), coverage(date(2026, 1, 1), date(2026, 9, 30))),
            date(2025, 1, 1),
        ),
        ((coverage(date(2026, 1, 1), date(2026, 9, 29)),), JOINED),
        ((coverage(date(2026, 1, 1), date(2026, 9, 30), "another plan"),), JOINED),
        ((coverage(date(2026, 1, 1)),), date(2026, 1, 1)),
    ],
    ids=["alone", "renewed", "renewed twice", "after a gap", "from another plan", "never ended"],
)
def test_a_member_is_new_since_the_first_day_in_this_plan_without_a_gap(
    others: tuple[Coverage, ...], since: date
) -> None:
    held = coverage(JOINED)
    assert enrolled_since(held, (*others, held)) == since
