"""Tests of one thing that disagree, and dates with a window between them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.criteria.evaluation import Guideline, draft_reason, provider_questions
from domain.evidence.facts import Fact, SourceKind
from tests.domain.criteria.samples import TODAY, evaluate_guideline, fact, guideline, leaf, states

BETTER = {"id": "P", "prefer": [leaf("GAS", "t.gas", "le", 55), leaf("SAT", "t.level", "le", 88)]}
RULE: dict[str, Any] = {"id": "R", "all": [BETTER, leaf("A", "t.yes", "is_true")]}
YES = fact("t.yes", True)
WINDOW: dict[str, Any] = {
    "id": "R",
    "all": [leaf("W", "t.tested", "days_after", [60, 89], of="t.began"), leaf("A", "t.yes", "is_true")],
}


def begun(day: str, **more: Any) -> Fact:
    return fact("t.began", day, **more)


@pytest.mark.parametrize(
    ("gas", "level", "state"),
    [(68, 87, "not_met"), (54, 91, "met"), (54, 86, "met"), (70, 95, "not_met")],
)
def test_of_two_tests_of_one_day_the_better_one_counts(gas: int, level: int, state: str) -> None:
    assert evaluate_guideline(RULE, fact("t.gas", gas), fact("t.level", level), YES).state == state


def test_a_test_that_was_not_done_leaves_the_other_one_to_count() -> None:
    assert evaluate_guideline(RULE, fact("t.level", 86), YES).state == "met"
    assert evaluate_guideline(RULE, fact("t.level", 95), YES).state == "not_met"


def test_while_neither_was_done_either_one_is_asked_for() -> None:
    (group,) = evaluate_guideline(RULE, YES).missing
    assert (group.rule, [need.fact for need in group.needs()]) == ("any_one_of", ["t.gas", "t.level"])


def test_tests_of_different_days_that_disagree_are_a_clinicians_question() -> None:
    old = fact("t.gas", 68, effective=TODAY - timedelta(days=30))
    verdict = evaluate_guideline(RULE, old, fact("t.level", 86), YES)
    assert (verdict.state, verdict.open_criteria, verdict.missing_facts) == ("unknown", ("P",), ())
    assert provider_questions(verdict.missing) == ()


def test_tests_of_different_days_that_agree_count() -> None:
    old = fact("t.gas", 50, effective=TODAY - timedelta(days=30))
    assert evaluate_guideline(RULE, old, fact("t.level", 86), YES).state == "met"


def test_a_better_test_that_cannot_be_read_is_not_passed_over() -> None:
    verdict = evaluate_guideline(RULE, fact("t.gas", 50, unit="kPa"), fact("t.level", 86), YES)
    assert (verdict.state, verdict.missing_facts) == ("unknown", ("t.gas",))


def test_the_reason_names_the_test_that_counted_and_not_the_other() -> None:
    verdict = evaluate_guideline(RULE, fact("t.gas", 68), fact("t.level", 87), YES)
    assert verdict.decided_by == ("GAS",)
    assert [one.criterion_id for one in draft_reason(verdict).findings] == ["GAS"]


def test_a_group_of_tests_lists_two_or_more_measurements() -> None:
    for tests in ([leaf("GAS", "t.gas", "le", 55)], [BETTER, leaf("B", "t.yes", "is_true")]):
        with pytest.raises(ValueError, match="two or more leaves"):
            guideline({"id": "R", "prefer": tests})


@pytest.mark.parametrize(
    ("began", "tested", "state"),
    [
        ("2025-01-01", "2025-03-02", "met"),
        ("2025-01-01", "2025-03-31", "met"),
        ("2025-01-01", "2025-03-01", "not_met"),
        ("2025-01-01", "2025-04-01", "not_met"),
    ],
)
def test_a_date_lies_inside_its_window_or_not(began: str, tested: str, state: str) -> None:
    assert evaluate_guideline(WINDOW, begun(began), fact("t.tested", tested), YES).state == state


def test_of_two_dates_the_one_that_is_missing_is_asked_for() -> None:
    assert evaluate_guideline(WINDOW, YES).missing_facts == ("t.tested", "t.began")
    assert evaluate_guideline(WINDOW, YES, begun("2025-01-01")).missing_facts == ("t.tested",)
    assert evaluate_guideline(WINDOW, YES, fact("t.tested", "2025-03-10")).missing_facts == ("t.began",)


@pytest.mark.parametrize("value", ["soon", "2025-02-30", "20250301", "2025-03-01T10:00", 20250301])
def test_what_is_no_day_is_not_read_as_one(value: object) -> None:
    verdict = evaluate_guideline(WINDOW, YES, begun("2025-01-01"), fact("t.tested", value))
    assert (verdict.state, verdict.missing_facts) == ("unknown", ("t.tested",))


def test_a_window_is_supported_as_well_as_the_weaker_of_its_dates() -> None:
    said = begun("2025-01-01", kind=SourceKind.ATTESTATION)
    verdict = evaluate_guideline(WINDOW, said, fact("t.tested", "2025-03-10"), YES)
    assert (verdict.state, verdict.evidence_floor) == ("met", "attest")


def test_the_reason_of_a_window_tells_the_days() -> None:
    verdict = evaluate_guideline(WINDOW, begun("2025-01-01"), fact("t.tested", "2025-01-11"), YES)
    (found,) = draft_reason(verdict).findings
    assert found.asked == "for the test to be 60 to 89 days after the beginning"
    assert found.seen == "it is 10 days after"


def test_a_window_names_both_dates() -> None:
    for wrong in ({"op": "days_after"}, {"op": "is_true", "of": "t.began"}):
        with pytest.raises(ValueError, match="days_after and of go together"):
            guideline({"id": "R", "all": [{"id": "W", "fact": "t.tested", **wrong}]})


def test_every_state_of_a_tree_with_both_is_in_its_trace() -> None:
    rule: Guideline = guideline({"id": "R", "any": [BETTER, WINDOW["all"][0]]})
    verdict = evaluate_guideline(rule, fact("t.gas", 50), begun("2025-01-01"), fact("t.tested", "2025-03-10"))
    assert states(verdict) == {"R": "met", "P": "met", "GAS": "met", "SAT": "unknown", "W": "met"}
