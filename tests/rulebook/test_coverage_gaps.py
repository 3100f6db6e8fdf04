"""Gaps between guidelines, requirements and the code map, which no single file shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.coverage.requirements import RequirementRule
from domain.criteria.model import Guideline
from rulebook.coverage_gaps import find_coverage_gaps
from rulebook.rulebook import load_rulebook

BOOK = load_rulebook({})


def gaps(guidelines: tuple[Guideline, ...] = (), requirements: tuple[RequirementRule, ...] | None = None) -> list[str]:
    review = BOOK.review if requirements is None else replace(BOOK.review, requirements=requirements)
    return list(find_coverage_gaps(guidelines or BOOK.criteria.guidelines, review, BOOK.code_map))


def shipped(guideline_id: str) -> Guideline:
    return next(found for found in BOOK.criteria.guidelines if found.id == guideline_id)


def about(guideline: Guideline, **changes: Any) -> tuple[Guideline, ...]:
    """All shipped guidelines, with another audience or other services of this one."""
    other = guideline.model_copy(update={"applies_to": guideline.applies_to.model_copy(update=changes)})
    return tuple(other if found is guideline else found for found in BOOK.criteria.guidelines)


def test_the_shipped_rulebook_has_no_gaps() -> None:
    assert gaps() == []


def test_a_code_of_a_guideline_that_no_requirement_names_is_found() -> None:
    bed = shipped("BED")
    (found,) = gaps(about(bed, hcpcs=(*bed.applies_to.hcpcs, "E0999")))
    assert found.startswith("BED: no requirement names E0999 under medicare_advantage")


def test_the_beginning_of_codes_that_no_requirement_names_is_found() -> None:
    (found,) = gaps(about(shipped("FUS"), icd10pcs_prefix=("0SG0", "0RG7")))
    assert found.startswith("FUS: no requirement names 0RG7ZZZ under medicare_advantage")


def test_an_approval_by_rule_for_any_length_of_time_is_found() -> None:
    bed = shipped("BED").model_copy(update={"certifies": ()})
    (found,) = gaps(tuple(bed if other.id == "BED" else other for other in BOOK.criteria.guidelines))
    assert found.startswith("BED: approves by rule for any length of time; give the longest")


def test_a_misspelled_group_of_a_requirement_is_found_with_the_likely_one() -> None:
    first, *others = BOOK.review.requirements
    found = gaps(requirements=(first.model_copy(update={"service_groups": ("home_oxygn",)}), *others))
    assert (
        f"{first.rule_id}: no code is in the service group home_oxygn, so it matches nothing; did you mean home_oxygen?"
        in found
    )


def test_a_requirement_of_another_line_of_business_does_not_count() -> None:
    rules = tuple(rule for rule in BOOK.review.requirements if rule.rule_id != "EH-PA-DME-CGM")
    found = [gap for gap in gaps(requirements=rules) if gap.startswith("CGM:")]
    assert found and "E2102, E2103, A4238, A4239 under medicare_advantage" in found[0]


def test_a_requirement_that_no_guideline_answers_is_found_unless_it_says_why() -> None:
    rules = {rule.rule_id: rule for rule in BOOK.review.requirements}
    silent = rules["EH-HOSPICE-MA"].model_copy(update={"judged_without_criteria": None})
    (found,) = gaps(requirements=(silent, *BOOK.review.requirements))
    assert found.startswith("EH-HOSPICE-MA: no guideline is about anything it lists") and "add a guideline" in found


def test_a_misspelled_service_group_is_found_with_the_likely_one() -> None:
    oxygen = shipped("OXY")
    found = gaps(about(oxygen, service_group=("home_oxygn",)))
    assert "OXY: no code is in the service group home_oxygn, so it matches nothing; did you mean home_oxygen?" in found


def test_a_guideline_that_does_not_say_whom_it_is_for_is_found_and_approves_nothing_by_rule() -> None:
    oxygen = shipped("OXY")
    others = about(oxygen, ages=None)
    assert any(gap.startswith("OXY: applies_to.ages does not say whom it is for") for gap in gaps(others))
    without = next(found for found in others if found.id == "OXY")
    assert oxygen.why_not_by_rule is None and "whom it is for (ages)" in str(without.why_not_by_rule)


def test_a_guideline_of_another_set_than_the_law_names_is_found_with_state_set_and_law() -> None:
    residential = shipped("EXRES")
    everywhere = residential.model_copy(
        update={"source": residential.source.model_copy(update={"except_states": ("NY", "CA", "TX")})}
    )
    others = tuple(everywhere if found is residential else found for found in BOOK.criteria.guidelines)
    found = gaps(others)
    assert found and all(gap.startswith("EXRES: in IL ASAM has to be used") for gap in found)
    assert "215 ILCS 5/370c(b)(3)" in found[0] and "source.except_states" in found[0]
    as_asam = everywhere.model_copy(update={"source": everywhere.source.model_copy(update={"criteria_set": "ASAM"})})
    assert gaps(tuple(as_asam if found is residential else found for found in BOOK.criteria.guidelines)) == []


def test_a_guideline_known_only_by_codes_is_found_by_their_service_group() -> None:
    residential = shipped("EXRES")
    bare = residential.model_copy(
        update={
            "applies_to": residential.applies_to.model_copy(update={"service_group": ()}),
            "source": residential.source.model_copy(update={"except_states": ()}),
        }
    )
    found = gaps(tuple(bare if one is residential else one for one in BOOK.criteria.guidelines))
    assert {gap.split(" has to be used")[0] for gap in found} >= {"EXRES: in NY LOCADTR", "EXRES: in CA ASAM"}
