"""Equipment and therapy that were asked for on one day can be had within a window that begins with the approval."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.authorization import path
from domain.authorization.assessment import approved_span
from domain.coverage.approval_lengths import ApprovalLength
from domain.coverage.validity_windows import PlanWindow, ValidityWindow, find_window
from domain.three_valued import Tri
from rulebook.review_rules import load_review_rules
from tests.domain.authorization.casebook import START, criteria, line, open_case

RULES = load_review_rules().validity_windows
WINDOW = ValidityWindow(days=90, source="plan policy")
DECIDED = date(2026, 11, 30)
THEN = date(2026, 12, 10)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (THEN, THEN, DECIDED, date(2027, 3, 9)),
        (THEN, None, DECIDED, date(2027, 3, 9)),
        (None, None, DECIDED, date(2027, 2, 27)),
        (date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 20), date(2027, 2, 27)),
        (THEN, date(2027, 12, 9), THEN, date(2027, 12, 9)),
    ],
    ids=["one day ahead", "a first day alone", "no day", "a day that is past", "a period"],
)
def test_one_day_becomes_a_window_from_the_approval_and_a_period_stays(
    start: date | None, end: date | None, first: date, last: date
) -> None:
    assert WINDOW.span(start, end, DECIDED) == (first, last)


def test_a_window_ends_with_the_coverage_but_holds_the_day_that_was_asked_for() -> None:
    ending = WINDOW.model_copy(update={"last_day": date(2026, 12, 31)})
    assert ending.span(THEN, THEN, DECIDED) == (DECIDED, date(2026, 12, 31))
    over = WINDOW.model_copy(update={"last_day": date(2026, 12, 1)})
    assert over.span(THEN, THEN, DECIDED) == (DECIDED, THEN)


def test_the_plan_s_own_window_goes_first_and_criteria_let_none_be_longer() -> None:
    found = find_window(RULES, (), "E0601", frozenset())
    assert found is not None and found.days == 90 and "EQUIPMENT" in found.source
    own = find_window(RULES, (PlanWindow(codes=("E06*",), days=30),), "E0601", frozenset())
    assert own is not None and (own.days, own.source) == (30, "the plan's own window")
    short = find_window(RULES, (), "E0601", frozenset(), longest=45)
    assert short is not None and short.days == 45
    assert find_window(RULES, (), "0SG00A0", frozenset()) is None


def test_an_approval_by_rule_holds_for_the_window_and_what_a_reviewer_states_counts_first() -> None:
    asked = line("1", criteria("met", auto=True)).model_copy(update={"window": WINDOW, "start": THEN, "end": THEN})
    case = open_case(asked)
    path.advance(case, START + timedelta(minutes=1))
    approval = case.approvals["1"]
    assert (approval.approved_start, approval.approved_end) == (START.date(), THEN + timedelta(days=89))
    assert approved_span(asked, DECIDED, THEN, THEN) == (THEN, THEN)


def test_a_law_on_the_length_of_approvals_holds_beside_a_window() -> None:
    length = ApprovalLength(rule_id="IL", months=12, chronic=Tri.MET, citation="215 ILCS 200/60")
    asked = line("1", None).model_copy(update={"window": WINDOW, "start": THEN, "end": None, "least_length": length})
    assert approved_span(asked, DECIDED) == (DECIDED, date(2027, 11, 30))
