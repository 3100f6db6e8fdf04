"""A case number names its process, and the numbers of a case's children follow from its own."""

from __future__ import annotations

import ast
import re

import pytest

from domain import case_numbers
from domain.case_numbers import CasePrefix, kind_of
from domain.vocabulary import ProcessKind
from tests.paths import ROOT

STAY, PLAN, CLAIM = "ST-AAAABBBBCCCC", "DP-AAAABBBBCCCC", "RR-AAAABBBBCCCC"
PREFIXES = "|".join(prefix.rstrip("-") for prefix in CasePrefix)
# A whole number is an example for a reader; a bare prefix, or one in front of something, builds or takes apart a number.
PREFIX_LITERAL = re.compile(rf"^(?:{PREFIXES})-(?![A-Z2-7]{{12}})|(?:^|[^A-Z-])(?:{PREFIXES})-$")
OUTSIDE = {"tests", ".venv"}


def test_every_process_has_a_prefix_of_its_own() -> None:
    assert {kind_of(prefix + "AAAABBBBCCCC") for prefix in CasePrefix} == set(ProcessKind)
    assert kind_of("XX-AAAABBBBCCCC") is None and kind_of("AAAABBBBCCCC") is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (case_numbers.plan_number(STAY), ProcessKind.DISCHARGE_PLAN),
        (case_numbers.stay_number(PLAN), ProcessKind.STAY),
        (case_numbers.review_number(STAY, 2), ProcessKind.REQUEST),
        (case_numbers.next_setting_number(PLAN, 1), ProcessKind.REQUEST),
        (case_numbers.care_management_number(PLAN, 1), ProcessKind.CONCERN),
        (case_numbers.post_service_number(CLAIM), ProcessKind.REQUEST),
        (case_numbers.reported_concern_number(CLAIM, 3), ProcessKind.CONCERN),
        (case_numbers.appeal_number("PA-AAAABBBBCCCC", 1), ProcessKind.APPEAL),
        (case_numbers.appeal_review_number("AP-AAAABBBBCCCC-L1"), ProcessKind.REQUEST),
    ],
)
def test_a_child_is_a_case_of_its_process_and_shares_the_code(number: str, kind: ProcessKind) -> None:
    assert kind_of(number) is kind and number[3:].startswith("AAAABBBBCCCC")


def test_the_numbers_of_children_stay_as_running_cases_know_them() -> None:
    """They are workflow ids: another spelling would start a second case for the same thing."""
    assert case_numbers.plan_number(STAY) == PLAN and case_numbers.stay_number(PLAN) == STAY
    assert case_numbers.stay_number(STAY) == STAY
    assert case_numbers.review_number(STAY, 2) == "PA-AAAABBBBCCCC-R2"
    assert case_numbers.next_setting_number(PLAN, 1) == "PA-AAAABBBBCCCC-NEXT1"
    assert case_numbers.care_management_number(PLAN, 1) == "QC-AAAABBBBCCCC-CM1"
    assert case_numbers.post_service_number(CLAIM) == "PA-AAAABBBBCCCCR1"
    assert case_numbers.reported_concern_number(CLAIM, 3) == "QC-AAAABBBBCCCCN3"
    assert case_numbers.authorization_number("PA-AAAABBBBCCCC") == "AUAAAABBBBCCCC"


def test_only_a_stays_own_reviews_are_its_reviews() -> None:
    assert case_numbers.is_review_of("PA-AAAABBBBCCCC-R1", STAY)
    for other in ("PA-AAAABBBBCCCC-NEXT1", "PA-AAAABBBBCCCC-R1-L1", "PA-AAAABBBBCCCCR1", "PA-AAAABBBBDDDD-R1", STAY):
        assert not case_numbers.is_review_of(other, STAY)


def test_prefixes_of_case_numbers_are_written_in_one_module() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in OUTSIDE and path != ROOT / "domain" / "case_numbers.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PREFIX_LITERAL.search(node.value)
    }
    assert not found


def test_a_prefix_in_code_would_be_found() -> None:
    for literal in ("PA-", "ST-BENCH", "DP-", "review of PA-"):
        assert PREFIX_LITERAL.search(literal)
    for other in ("PA-7K3QX2MDVH5A", "The case, such as PA-7K3QX2MDVH5A.", "MA-OD-STD-PA", "PA"):
        assert not PREFIX_LITERAL.search(other)
