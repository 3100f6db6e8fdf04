"""An approval holds at least as long as a law says."""

from __future__ import annotations

from datetime import date

import pytest

from domain.coverage.approval_lengths import ApprovalLength, find_approval_length
from domain.three_valued import Tri
from domain.vocabulary import Lob
from rulebook.review_rules import load_review_rules

RULES = load_review_rules().approval_lengths
SINCE = date(2022, 1, 1)


def length(chronic: Tri, lob: Lob = Lob.COMMERCIAL_ACA, state: str = "IL") -> ApprovalLength:
    found = find_approval_length(RULES, lob, state, None, SINCE)
    assert found is not None
    return found.finding(chronic)


@pytest.mark.parametrize(("chronic", "months"), [(Tri.NOT_MET, 6), (Tri.MET, 12), (Tri.UNKNOWN, 12)])
def test_illinois_lets_an_approval_hold_six_months_and_twelve_unless_it_is_known_that_the_condition_is_not_chronic(
    chronic: Tri, months: int
) -> None:
    assert length(chronic).months == months


def test_the_illinois_law_binds_insured_medicaid_and_chip_plans_since_2022_and_nobody_else() -> None:
    for lob in Lob:
        bound = lob not in (Lob.MEDICARE_ADVANTAGE, Lob.PART_D)
        assert (find_approval_length(RULES, lob, "IL", None, SINCE) is not None) is bound
        assert find_approval_length(RULES, lob, "IL", None, date(2021, 12, 31)) is None
        assert find_approval_length(RULES, lob, "TX", None, SINCE) is None
        assert find_approval_length(RULES, lob, "IL", True, SINCE) is None


def test_a_shorter_treatment_that_was_asked_for_stays_as_it_was_asked() -> None:
    six = length(Tri.NOT_MET)
    assert six.least_end(date(2026, 3, 2), None) == date(2026, 9, 2)
    assert six.least_end(date(2026, 3, 2), date(2026, 4, 1)) == date(2026, 4, 1)
    assert six.least_end(date(2026, 3, 2), date(2027, 4, 1)) == date(2026, 9, 2)
