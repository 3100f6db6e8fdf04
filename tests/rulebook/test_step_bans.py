"""No step rule binds the plans of a State that forbids step therapy."""

from __future__ import annotations

from datetime import date

import pytest

from domain.vocabulary import Lob
from rulebook.review_rules import load_review_rules

RULES = load_review_rules()
BEFORE, SINCE = date(2025, 12, 31), date(2026, 1, 1)


@pytest.mark.parametrize("lob", [Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA, Lob.QHP])
@pytest.mark.parametrize("self_funded", [False, None])
def test_illinois_forbids_step_therapy_in_insured_plans_since_2026(lob: Lob, self_funded: bool | None) -> None:
    assert RULES.steps_for(lob, "IL", self_funded, SINCE) == ()
    assert RULES.steps_for(lob, "IL", self_funded, BEFORE) == RULES.steps


def test_a_self_funded_plan_another_state_and_medicare_keep_their_steps() -> None:
    assert RULES.steps_for(Lob.COMMERCIAL_ERISA, "IL", True, SINCE) == RULES.steps
    assert RULES.steps_for(Lob.COMMERCIAL_ERISA, "TX", False, SINCE) == RULES.steps
    assert RULES.steps_for(Lob.PART_D, "IL", None, SINCE) == RULES.steps
