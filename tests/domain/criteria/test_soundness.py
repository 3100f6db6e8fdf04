"""Static checks: a guideline that cannot be evaluated, proven, or reached in all its branches is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.criteria.reachability import reachability_issues
from domain.criteria.soundness import GuidelineIssue, release_issues, structure_issues
from tests.domain.criteria.samples import DICTIONARY, guideline, leaf

YES, OTHER = leaf("A", "t.yes", "is_true"), leaf("B", "t.other", "is_true")
PROVEN = [
    {"name": "yes", "expect": "met", "facts": {"t.yes": True}},
    {"name": "no", "expect": "not_met", "facts": {"t.yes": False}},
    {"name": "silence", "expect": "unknown", "facts": {}},
]


def places(faults: tuple[GuidelineIssue, ...]) -> list[tuple[str, str]]:
    return [(".".join(str(part) for part in fault.path), fault.problem) for fault in faults]


def structure(logic: dict[str, Any]) -> list[tuple[str, str]]:
    return places(structure_issues(guideline(logic), DICTIONARY))


def reachability(logic: dict[str, Any]) -> list[tuple[str, str]]:
    rule = guideline(logic)
    assert structure_issues(rule, DICTIONARY) == ()
    return places(reachability_issues(rule, DICTIONARY))


def proof(**more: Any) -> list[tuple[str, str]]:
    return places(release_issues(guideline(YES, **{"tests": PROVEN, **more}), DICTIONARY))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"id": "R"}, "exactly one of"),
        ({"id": "R", "all": [YES], "any": [OTHER]}, "found all and any"),
        ({"id": "R", "all": []}, "at least one child"),
        ({"all": [YES]}, "needs an id"),
        ({"id": "R", "all": [{"ref": "A", "id": "X"}]}, "a ref stands alone"),
        ({"id": "R", "all": [YES], "op": "is_true"}, "belong to a leaf"),
        ({"id": "R", "at_least": {"n": 3, "of": [YES, OTHER]}}, "n is 3 with 2 children"),
        ({"id": "R", "at_least": {"n": 0, "of": [YES, OTHER]}}, "n is 0 with 2 children"),
        ({"id": "R", "all": [YES], "comment": "x"}, "comment"),
        ({"id": "A", "fact": "t.yes", "op": "istrue"}, "op"),
    ],
)
def test_a_node_that_is_not_one_thing_is_refused(shape: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        guideline(shape)


def test_a_node_id_is_used_once() -> None:
    assert structure({"id": "R", "all": [YES, {**OTHER, "id": "A"}]}) == [("logic.all.1.id", "the id A is used twice")]


def test_a_ref_to_nowhere_is_refused_with_the_likeliest_id() -> None:
    faults = structure_issues(
        guideline({"id": "R", "all": [leaf("AB-1", "t.yes", "is_true"), {"ref": "AB-2"}]}), DICTIONARY
    )
    assert [(str(fault.path[-1]), fault.expected) for fault in faults] == [("ref", "AB-1 (did you mean that?)")]


def test_refs_in_a_circle_are_refused() -> None:
    own = {"id": "R", "all": [YES, {"id": "G", "any": [OTHER, {"ref": "R"}]}]}
    assert structure(own) == [("logic.all.1.any.1.ref", "R leads back to itself")]
    crossed = {"id": "R", "all": [{"id": "G", "any": [YES, {"ref": "H"}]}, {"id": "H", "any": [OTHER, {"ref": "G"}]}]}
    assert [place for place, _ in structure(crossed)] == ["logic.all.0.any.1.ref", "logic.all.1.any.1.ref"]


@pytest.mark.parametrize(
    ("shape", "key", "problem"),
    [
        (leaf("A", "t.nope", "is_true"), "fact", "t.nope is not in the fact dictionary"),
        (leaf("A", "t.yes", "le", 3), "op", "le does not fit t.yes, which is a bool"),
        ({"id": "A", "fact": "t.yes"}, "op", "is missing"),
        (leaf("A", "t.dx", "in", ["I50"]), "op", "in does not fit t.dx, which is a codes"),
        (leaf("A", "t.level", "le"), "value", "is missing"),
        (leaf("A", "t.level", "le", "88"), "value", "got '88'"),
        (leaf("A", "t.level", "le", True), "value", "got True"),
        (leaf("A", "t.level", "between", [60, 50]), "value", "got (60, 50)"),
        (leaf("A", "t.level", "between", [60]), "value", "got (60,)"),
        (leaf("A", "t.level", "in", ["60"]), "value", "got ('60',)"),
        (leaf("A", "t.yes", "is_true", True), "value", "got True"),
        (leaf("A", "t.cause", "eq", "flood"), "value", "got 'flood'"),
        (leaf("A", "t.cause", "in", ["trauma", "flood"]), "value", "got ('trauma', 'flood')"),
        (leaf("A", "t.dx", "prefix_any", [""]), "value", "got ('',)"),
        (leaf("A", "t.level", "le", 88, gray=[90, 88]), "gray", "got (90, 88)"),
        (leaf("A", "t.cause", "eq", "trauma", gray=[1, 2]), "gray", "got (1, 2)"),
    ],
)
def test_a_leaf_must_fit_its_fact(shape: dict[str, Any], key: str, problem: str) -> None:
    assert structure(shape) == [(f"logic.{key}", problem)]


def test_a_flag_is_checked_like_any_leaf() -> None:
    rule = guideline(YES, flags=[{"when": leaf("F", "t.nope", "is_true"), "effect": "tell"}])
    assert [place for place, _ in places(structure_issues(rule, DICTIONARY))] == ["flags.0.when.fact"]


def test_a_guideline_with_a_vector_for_each_outcome_is_proven() -> None:
    assert proof() == []


@pytest.mark.parametrize("outcome", ["met", "not_met", "unknown"])
def test_a_guideline_needs_a_vector_for_each_outcome(outcome: str) -> None:
    rest = [vector for vector in PROVEN if vector["expect"] != outcome]
    assert proof(tests=rest) == [("tests", f"no vector comes out {outcome}")]


def test_a_vector_cannot_name_a_fact_that_the_guideline_does_not_use() -> None:
    typo = {"name": "typo", "expect": "unknown", "facts": {"t.yess": True}}
    assert proof(tests=[*PROVEN, typo]) == [("tests.3.facts.t.yess", "the guideline does not use this fact")]


def test_a_vector_gives_values_of_the_right_type() -> None:
    wrong = {"name": "wrong", "expect": "unknown", "facts": {"t.yes": "yes"}}
    assert proof(tests=[*PROVEN, wrong]) == [("tests.3.facts.t.yes", "got 'yes'")]


@pytest.mark.parametrize("verification", ["indications_only", "partial", "from_memory", "example"])
def test_a_source_that_was_not_read_in_full_never_approves_by_rule(verification: str) -> None:
    more = {"gap": "no public rule", "second_reading": "all of it"}
    source = {"doc": "Test", "cite": "Test rule 1", "verification": verification, **more}
    assert [place for place, _ in proof(source=source)] == ["auto_approve"]
    assert proof(source=source, auto_approve=False) == []


def test_a_guideline_ends_after_it_begins() -> None:
    assert proof(effective_to="2019-12-31") == [("effective_to", "lies before effective_from")]


@pytest.mark.parametrize("code", ["22612", "0075T", "0001F"])
def test_a_cpt_code_never_stands_in_a_guideline(code: str) -> None:
    assert proof(applies_to={"hcpcs": ["E0601", code]}) == [
        ("applies_to.hcpcs.1", f"{code} has the shape of a CPT code, which is licensed")
    ]


@pytest.mark.parametrize(
    "about", [{"hcpcs": ["D0120"]}, {"hcpcs": ["e0601"]}, {"icd10pcs": ["0SG0"]}, {"icd10pcs_prefix": ["0SGO"]}]
)
def test_codes_have_the_shape_of_their_system(about: dict[str, list[str]]) -> None:
    assert len(proof(applies_to=about)) == 1


@pytest.mark.parametrize(
    "logic",
    [
        {"id": "R", "all": [leaf("A", "t.level", "le", 55), leaf("B", "t.level", "ge", 56)]},
        {"id": "R", "all": [leaf("A", "t.yes", "is_true"), leaf("B", "t.yes", "is_false")]},
        {"id": "R", "all": [leaf("A", "t.yes", "is_true"), {"id": "N", "none": [leaf("B", "t.yes", "is_true")]}]},
        {"id": "R", "all": [leaf("A", "t.cause", "eq", "none"), leaf("B", "t.cause", "in", ["tumor"])]},
        {"id": "R", "all": [leaf("A", "t.item", "eq", "E0601"), leaf("B", "t.item", "eq", "E0470")]},
        {"id": "R", "at_least": {"n": 2, "of": [leaf("A", "t.level", "lt", 1), leaf("B", "t.level", "gt", 2)]}},
        {
            "id": "R",
            "any": [
                {"id": "G", "all": [YES, OTHER]},
                {"id": "H", "all": [{"ref": "G"}, leaf("C", "t.yes", "is_false")]},
            ],
        },
    ],
)
def test_a_branch_that_contradicts_itself_is_refused(logic: dict[str, Any]) -> None:
    ((_, problem),) = reachability(logic)
    assert "can never be met: no value of" in problem


def test_a_branch_that_contradicts_what_surrounds_it_is_refused_where_it_stands() -> None:
    dead = {"id": "G", "all": [leaf("B", "t.level", "ge", 60), leaf("C", "t.yes", "is_true")]}
    logic = {
        "id": "R",
        "all": [leaf("A", "t.level", "le", 55), {"id": "O", "any": [leaf("X", "t.other", "is_true"), dead]}],
    }
    ((place, problem),) = reachability(logic)
    assert place == "logic.all.1.any.1.all.0"
    assert problem == "B can never be met: no value of t.level gives A and B"


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (leaf("A", "t.level", "between", [14, 14.5], gray=[13, 15]), "is never met"),
        (leaf("A", "t.cause", "in", ["trauma", "tumor", "none"]), "is met by every value"),
    ],
)
def test_a_leaf_that_says_nothing_is_refused(shape: dict[str, Any], word: str) -> None:
    assert reachability(shape)[0] == ("logic", f"A {word}")


@pytest.mark.parametrize(
    "logic",
    [
        {"id": "R", "any": [leaf("A", "t.level", "le", 55), leaf("B", "t.level", "ge", 56)]},
        {"id": "R", "all": [leaf("A", "t.level", "ge", 55), leaf("B", "t.level", "le", 55)]},
        {"id": "R", "all": [leaf("A", "t.dx", "prefix_any", ["I50"]), leaf("B", "t.dx", "prefix_any", ["E11"])]},
        {"id": "R", "none": [leaf("A", "t.level", "lt", 5), leaf("B", "t.level", "gt", 10)]},
        {"id": "R", "any": [{"id": "G", "all": [YES, OTHER]}, {"id": "H", "none": [{"ref": "G"}]}]},
    ],
)
def test_a_branch_that_some_patient_can_reach_is_accepted(logic: dict[str, Any]) -> None:
    assert reachability(logic) == []
