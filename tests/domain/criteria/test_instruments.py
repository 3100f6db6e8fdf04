"""The score of an instrument may support a request; no guideline can be written in which it refuses one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.criteria.instruments import instrument_issues
from domain.criteria.model import CriteriaNode, Guideline
from domain.evidence.facts import FactDefinition
from rulebook.errors import RulebookErrors
from rulebook.guidelines import CRITERIA_FOLDER, load_criteria

CRITERIA = load_criteria()
BASE = next(found for found in CRITERIA.guidelines if found.id == "EXECT")
SCORE = {"id": "X-S", "text": "Score", "fact": "bh.phq9", "op": "ge", "value": 10}
OTHER_SCORE = {"id": "X-T", "text": "Other score", "fact": "sud.audit_c", "op": "ge", "value": 8}
FINDING = {"id": "X-F", "text": "Finding", "fact": "bh.severe_now", "op": "is_true"}
SCORE_ALONE = "{id: EXTMS-2a, text: Very high, fact: bh.phq9, op: ge, value: 25}"
MORE = {"id": "X-M", "text": "More", "fact": "bh.treatment_consent", "op": "is_true"}


def with_logic(**group: Any) -> Guideline:
    return BASE.model_copy(update={"logic": CriteriaNode.model_validate({"id": "X-ROOT", "text": "All", **group})})


REFUSING = {
    "a score that has to be high": {"all": [FINDING, SCORE]},
    "a score alone": {"any": [SCORE]},
    "two scores of which one has to be high": {
        "all": [FINDING, {"id": "X-A", "text": "A", "any": [SCORE, OTHER_SCORE]}]
    },
    "a score that must not be high": {"all": [FINDING, {"id": "X-N", "text": "N", "none": [SCORE]}]},
    "two of two, one a score": {
        "all": [MORE, {"id": "X-L", "text": "L", "at_least": {"n": 2, "of": [FINDING, SCORE]}}]
    },
    "a score before a finding": {"all": [MORE, {"id": "X-P", "text": "P", "prefer": [SCORE, FINDING]}]},
    "a score by reference": {"all": [{"id": "X-A", "text": "A", "any": [SCORE, FINDING]}, {"ref": "X-S"}]},
}
SUPPORTING = {
    "beside a finding": {"all": [MORE, {"id": "X-A", "text": "A", "any": [SCORE, FINDING]}]},
    "two scores beside a finding": {"any": [SCORE, OTHER_SCORE, FINDING]},
    "one of three": {"at_least": {"n": 1, "of": [SCORE, OTHER_SCORE, FINDING]}},
    "no score at all": {"all": [FINDING, MORE]},
}


@pytest.mark.parametrize("group", REFUSING.values(), ids=REFUSING)
def test_a_guideline_that_a_score_alone_makes_not_met_is_refused_with_the_place(group: dict[str, Any]) -> None:
    found = instrument_issues(with_logic(**group), CRITERIA.dictionary)
    assert found and all(issue.path[-1] == "fact" for issue in found)
    assert "a score of PHQ-9 alone can make EXECT not met" in str(found[0]) and "an any group" in str(found[0])


@pytest.mark.parametrize("group", SUPPORTING.values(), ids=SUPPORTING)
def test_a_score_beside_a_finding_supports_and_is_taken(group: dict[str, Any]) -> None:
    assert instrument_issues(with_logic(**group), CRITERIA.dictionary) == ()


def test_every_shipped_score_has_a_plausible_range_and_is_used_by_a_guideline_or_a_flag() -> None:
    scores = {found.id: found for found in CRITERIA.dictionary.facts if found.instrument}
    assert {found.instrument for found in scores.values()} == {"PHQ-9", "C-SSRS", "CIWA-Ar", "AUDIT-C"}
    asked = {
        node.fact
        for found in CRITERIA.guidelines
        for node in (*found.logic.walk(), *(flag.when for flag in found.flags))
    }
    assert set(scores) <= asked


def test_an_instrument_that_is_no_number_with_a_range_is_refused() -> None:
    with pytest.raises(ValueError, match="a score is a number with its plausible range"):
        FactDefinition.model_validate(
            {"id": "x.y", "type": "bool", "label": "l", "ask": "a", "evidence": "document", "instrument": "X"}
        )


def test_a_rulebook_with_a_score_that_refuses_is_not_loaded_and_says_where(tmp_path: Path) -> None:
    for name in ("facts.yaml", "examples_behavioral_treatments.yaml"):
        text = (CRITERIA_FOLDER / name).read_text(encoding="utf-8")
        alone = text.replace(
            "{id: EXTMS-2a, text: Severe by examination, fact: bh.severe_now, op: is_true}", SCORE_ALONE
        )
        (tmp_path / name).write_text(alone, encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        load_criteria(tmp_path)
    assert any(
        "a score of PHQ-9 alone can make EXTMS not met" in error.problem and error.line > 1
        for error in refused.value.errors
    )
