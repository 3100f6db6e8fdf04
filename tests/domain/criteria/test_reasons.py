"""Reasons: the draft names each criterion in the way, in plain words, with what was seen, where and when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.criteria.evaluation import ReasonParts, draft_reason
from tests.domain.criteria.samples import TODAY, evaluate_guideline, fact, guideline, leaf

YES = leaf("A", "t.yes", "is_true", text="It was done")
LEVEL = leaf("D", "t.level", "le", 88, text="Level of 88 or less", cite="Section 4")


def reason(logic: dict[str, Any], *facts: Any) -> ReasonParts:
    return draft_reason(evaluate_guideline(logic, *facts))


def test_a_reason_says_what_the_rule_asks_what_the_record_says_and_where() -> None:
    found = reason(LEVEL, fact("t.level", 91, effective=date(2026, 3, 1), reference="Observation/7")).findings[0]
    assert found.finding == (
        "The rule asks for the level to be at most 88 %. The record of March 1, 2026 says that it is 91 %."
    )
    assert (found.criterion_id, found.criterion, found.citation) == ("D", "Level of 88 or less", "Section 4")
    assert found.source == "record entry Observation/7 of March 1, 2026"


def test_a_criterion_without_a_place_of_its_own_is_cited_as_the_guideline() -> None:
    parts = reason(YES, fact("t.yes", False))
    assert parts.findings[0].citation == parts.rule_citation == "Test rule 1"


@pytest.mark.parametrize(
    ("logic", "seen", "words"),
    [
        (YES, False, "that it was done. The record of March 10, 2026 says that this is not so."),
        (
            leaf("A", "t.yes", "is_false"),
            True,
            "that this is not so: it was done. The record of March 10, 2026 says that this is so.",
        ),
        (
            leaf("A", "t.level", "between", [56, 59]),
            60.5,
            "for the level to be from 56 to 59 %. The record of March 10, 2026 says that it is 60.5 %.",
        ),
        (
            leaf("A", "t.cause", "in", ["trauma", "tumor"]),
            "none",
            "for the cause to be one of trauma, tumor. The record of March 10, 2026 says that it is none.",
        ),
        (
            leaf("A", "t.count", "ge", 30),
            20,
            "for n to be at least 30. The record of March 10, 2026 says that it is 20.",
        ),
        (
            leaf("A", "t.dx", "prefix_any", ["I50"]),
            ("E11.9",),
            "for the diagnoses to be in the groups I50. The record of March 10, 2026 says that it is E11.9.",
        ),
        (
            {"id": "N", "none": [LEVEL]},
            80,
            "for the level to be above 88 %. The record of March 10, 2026 says that it is 80 %.",
        ),
        (
            {"id": "N", "none": [YES]},
            True,
            "that this is not so: it was done. The record of March 10, 2026 says that this is so.",
        ),
    ],
)
def test_each_kind_of_criterion_has_its_plain_words(logic: dict[str, Any], seen: Any, words: str) -> None:
    leaves = [node for node in guideline(logic).logic.walk() if node.fact]
    parts = reason(logic, fact(str(leaves[0].fact), seen))
    assert parts.gap == (f"The rule asks {words}",)


def test_a_reason_keeps_the_alternatives_apart() -> None:
    logic = {
        "id": "R",
        "any": [{"id": "G", "text": "First way", "all": [YES]}, {"id": "H", "text": "Second way", "all": [LEVEL]}],
    }
    parts = reason(logic, fact("t.yes", False), fact("t.level", 91))
    assert [found.branch for found in parts.findings] == ["First way", "Second way"]
    assert parts.what_would_change == (
        "A record showing that it was done. It counts towards: First way.",
        "A record showing the level to be at most 88 %. It counts towards: Second way.",
    )


def test_a_criterion_that_is_met_is_no_reason_against() -> None:
    parts = reason({"id": "R", "all": [YES, LEVEL]}, fact("t.yes", True), fact("t.level", 91))
    assert [found.criterion_id for found in parts.findings] == ["D"]
    assert parts.records == ("ref-t.level",)


def test_a_reason_follows_refs() -> None:
    logic = {"id": "R", "all": [{"id": "G", "any": [YES]}, {"id": "N", "none": [{"ref": "G"}]}]}
    found = reason(logic, fact("t.yes", True)).findings
    assert [(item.criterion_id, item.asked) for item in found] == [("A", "that this is not so: it was done")]


LOW = {"id": "LOW", "text": "A low level", "any": [LEVEL]}
BRANCHES = [
    {"id": "LOW-AND-DONE", "text": "A low level, properly tested", "all": [LOW, YES]},
    {"id": "OTHER", "text": "Not low, and a cause", "all": [
        {"id": "NEITHER", "text": "Not low", "none": [{"ref": "LOW"}]},
        leaf("E", "t.cause", "in", ["trauma"]),
    ]},
]  # fmt: skip


def test_that_another_alternative_holds_is_no_reason_to_refuse_while_there_is_one() -> None:
    logic = {"id": "ROOT", "text": "Covered", "any": BRANCHES}
    parts = reason(logic, fact("t.level", 80), fact("t.yes", False))
    assert [found.criterion_id for found in parts.findings] == ["A"], "not: the level should be higher"
    alone = reason({"id": "ROOT", "text": "Covered", "all": [LOW, BRANCHES[1]]}, fact("t.level", 80))
    assert [found.criterion_id for found in alone.findings] == ["D"]


def test_a_met_verdict_has_findings_for_it_and_no_gap() -> None:
    parts = reason({"id": "R", "any": [YES, LEVEL]}, fact("t.yes", True), fact("t.level", 91))
    assert [found.criterion_id for found in parts.findings] == ["A"]
    assert (parts.gap, parts.what_would_change) == ((), ())


def test_an_unknown_verdict_gives_no_reason() -> None:
    parts = reason({"id": "R", "all": [YES, LEVEL]}, fact("t.yes", True))
    assert (parts.findings, parts.gap) == ((), ())


def test_an_undated_record_is_cited_without_a_date() -> None:
    found = reason(YES, fact("t.yes", False, effective=None, reference="doc-1")).findings[0]
    assert (found.source, found.effective) == ("document doc-1", None)
    assert "The record says" in found.finding
    assert TODAY.isoformat() not in found.finding
