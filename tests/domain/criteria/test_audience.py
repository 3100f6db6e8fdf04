"""Whom a guideline is for: line of business, age, setting, and what is asked for; and how long one approval may last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.criteria.certified_time import is_within_certified_time, longest_certified
from domain.criteria.evaluation import Guideline, GuidelineSelection, LineCodes, may_approve_by_rule, select_guidelines
from domain.criteria.selection import age_on, is_left_to_people
from domain.criteria.soundness import release_issues
from domain.evidence.facts import EvidenceTier
from domain.vocabulary import CertificationType, Lob
from tests.domain.criteria.samples import DICTIONARY, evaluate_guideline, fact, guideline, leaf

DAY = date(2026, 3, 10)
ITEM = LineCodes(hcpcs=frozenset({"E0601"}), lob=Lob.MEDICAID, age=40)
AUDIENCE: dict[str, Any] = {"hcpcs": ["E0601"], "lobs": ["medicaid"], "ages": [0, 120], "setting": "home"}
CHILDREN: dict[str, Any] = {"every_service": True, "lobs": ["medicaid"], "ages": [0, 20], "setting": "any"}


def rule(rule_id: str, about: dict[str, Any], precedence: str = "plan", **more: Any) -> Guideline:
    shape = {"id": rule_id, "precedence": precedence, "applies_to": about}
    return guideline(leaf("A", "t.yes", "is_true"), **{**shape, **more})


def chosen(codes: LineCodes, *rules: Guideline) -> GuidelineSelection:
    return select_guidelines(rules, codes, DAY, "OH")


def names(found: GuidelineSelection) -> list[str]:
    return [each.id for each in found.governing]


@pytest.mark.parametrize(("age", "bound"), [(17, False), (18, True), (64, True), (65, False), (None, False)])
def test_a_guideline_for_certain_ages_governs_nobody_else_and_nobody_of_unknown_age(
    age: int | None, bound: bool
) -> None:
    found = chosen(replace(ITEM, age=age), rule("ADULT", {**AUDIENCE, "ages": [18, 64]}))
    assert names(found) == (["ADULT"] if bound else [])
    if not bound:
        assert "for ages 18 to 64" in found.set_aside[0].because


def test_a_guideline_for_every_age_needs_no_age() -> None:
    assert names(chosen(replace(ITEM, age=None), rule("ALL", AUDIENCE))) == ["ALL"]


@pytest.mark.parametrize(
    ("place", "bound"), [("12", True), (None, True), ("99", True), ("11", True), ("31", False), ("21", False)]
)
def test_a_place_that_contradicts_the_setting_sets_the_guideline_aside(place: str | None, bound: bool) -> None:
    found = chosen(replace(ITEM, place_of_service=place), rule("HOME", AUDIENCE))
    assert names(found) == (["HOME"] if bound else [])


def test_a_hospital_rule_does_not_govern_what_is_done_at_home() -> None:
    found = chosen(replace(ITEM, place_of_service="12"), rule("HOSP", {**AUDIENCE, "setting": "hospital"}))
    assert names(found) == [] and "for hospital care; the place of service is 12" in found.set_aside[0].because


def test_a_standard_for_every_service_of_children_leaves_no_weaker_rule_beside_it() -> None:
    rules = (
        rule("CHILD", CHILDREN, "statute"),
        rule("PLAN", AUDIENCE),
        rule("STAY", {"level_of_care": ["icu"], "lobs": ["medicaid"], "ages": [0, 120], "setting": "any"}),
    )
    assert names(chosen(replace(ITEM, age=9), *rules)) == ["CHILD"]
    stay = LineCodes(level_of_care="icu", lob=Lob.MEDICAID, age=9)
    assert names(chosen(stay, *rules)) == ["CHILD"]
    assert names(chosen(replace(stay, age=21), *rules)) == ["STAY"]
    assert names(chosen(replace(ITEM, age=9, lob=Lob.COMMERCIAL_ERISA), *rules)) == []


def test_a_standard_for_every_service_names_none() -> None:
    with pytest.raises(ValueError, match="every_service names all of them"):
        rule("CHILD", {**CHILDREN, "hcpcs": ["E0601"]})


def test_a_replacement_has_its_own_rule_by_the_modifier() -> None:
    rules = rule("FIRST", AUDIENCE), rule("AGAIN", {**AUDIENCE, "modifiers": ["RA"]}, continues="FIRST")
    assert names(chosen(ITEM, *rules)) == ["FIRST"]
    assert names(chosen(replace(ITEM, modifiers=frozenset({"NU", "RA"})), *rules)) == ["AGAIN"]


def test_a_rule_on_continuing_stands_for_the_first_rule_that_another_one_requires() -> None:
    going_on = {**AUDIENCE, "certifications": ["renewal", "extension"]}
    rules = (
        rule("FIRST", AUDIENCE),
        rule("MORE", going_on, continues="FIRST"),
        rule("PART", AUDIENCE, requires=["FIRST"]),
    )
    assert names(chosen(ITEM, *rules)) == ["FIRST", "PART"]
    assert names(chosen(replace(ITEM, certification=CertificationType.RENEWAL), *rules)) == ["MORE", "PART"]


@pytest.mark.parametrize(("day", "age"), [(date(2026, 3, 9), 20), (date(2026, 3, 10), 21), (date(2024, 2, 29), 18)])
def test_a_member_is_older_on_the_birthday_and_not_before(day: date, age: int) -> None:
    assert age_on(day, date(2005, 3, 10)) == age


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"auto_approve": False}, "leaves every approval to people"),
        ({"applies_to": {"hcpcs": ["E0601"]}}, "does not say whom it is for (lobs, ages, setting)"),
        ({"confidence": "known"}, "marked known, not confirmed"),
        ({"confidence": "unsure"}, "marked unsure, not confirmed"),
        ({"confidence": None}, "marked by nobody, not confirmed"),
        ({"under_reconsideration": "CAG-1"}, "under reconsideration (CAG-1)"),
    ],
)
def test_what_is_not_confirmed_is_met_and_never_approved_by_rule(changes: dict[str, Any], why: str) -> None:
    plain = rule("TST", AUDIENCE)
    top = {key: value for key, value in changes.items() if key in ("auto_approve", "applies_to")}
    source = plain.source.model_dump() | {key: value for key, value in changes.items() if key not in top}
    found = rule("TST", top.pop("applies_to", AUDIENCE), source=source, **top)
    verdict = evaluate_guideline(found, fact("t.yes", True))
    assert verdict.state == "met" and why in str(found.why_not_by_rule)
    assert not may_approve_by_rule(verdict, EvidenceTier.ATTEST)
    assert may_approve_by_rule(evaluate_guideline(plain, fact("t.yes", True)), EvidenceTier.ATTEST)


def test_a_bound_on_time_binds_whom_its_branch_covers() -> None:
    logic = {"id": "R", "any": [leaf("LONG", "t.yes", "is_true"), leaf("SHORT", "t.other", "is_true")]}
    bounds = [{"days": 93, "branch": "SHORT", "because": "a trial"}, {"days": 366, "because": "a year"}]
    found = guideline(logic, certifies=bounds)
    assert longest_certified(found, evaluate_guideline(found, fact("t.yes", True))) == 366
    assert longest_certified(found, evaluate_guideline(found, fact("t.other", True))) == 93
    assert longest_certified(guideline(logic), evaluate_guideline(found)) is None


@pytest.mark.parametrize(("end", "fits"), [(date(2026, 6, 10), True), (date(2026, 6, 11), False), (None, False)])
def test_days_asked_for_fit_the_bound_with_both_ends_counted(end: date | None, fits: bool) -> None:
    plain = guideline(leaf("A", "t.yes", "is_true"))
    found = guideline(leaf("A", "t.yes", "is_true"), certifies=[{"days": 93, "because": "a trial"}])
    verdict = evaluate_guideline(found, fact("t.yes", True))
    assert is_within_certified_time(found, verdict, date(2026, 3, 10), end) is fits
    assert is_within_certified_time(plain, verdict, date(2026, 3, 10), end)


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (DAY, None, True),
        (None, None, True),
        (None, date(2026, 6, 1), False),
        (DAY, date(2027, 3, 10), True),
        (DAY, date(2029, 3, 10), False),
    ],
)
def test_a_bound_that_is_held_against_stated_days_only_lets_an_open_end_pass_and_no_long_one(
    start: date | None, end: date | None, fits: bool
) -> None:
    year = {"days": 366, "because": "a year", "binds_open_end": False}
    found = guideline(leaf("A", "t.yes", "is_true"), certifies=[year])
    verdict = evaluate_guideline(found, fact("t.yes", True))
    assert is_within_certified_time(found, verdict, start, end) is fits


@pytest.mark.parametrize(("code", "by_people"), [("0D190ZB", True), ("0DB64Z3", True), ("0D160ZA", False)])
def test_a_code_that_is_known_and_not_confirmed_to_belong_to_a_rule_is_left_to_people(
    code: str, by_people: bool
) -> None:
    found = rule("BAR", {**AUDIENCE, "icd10pcs_prefix": ["0D19", "0DB6", "0D16"], "people_only": ["0D190Z", "0DB64Z3"]})
    codes = LineCodes(icd10pcs=frozenset({code}), lob=Lob.MEDICAID, age=40)
    assert names(chosen(codes, found)) == ["BAR"]
    assert is_left_to_people(found, codes) is by_people


def test_a_code_left_to_people_that_the_rule_does_not_name_is_refused() -> None:
    found = rule("BAR", {**AUDIENCE, "icd10pcs": ["0D160ZA"], "people_only": ["0D160ZB", "0D160"]})
    (said,) = (str(issue) for issue in release_issues(found, DICTIONARY) if "people_only" in issue.path)
    assert (
        said == "applies_to.people_only.0: 0D160ZB is no code of this guideline; expected 0D160ZA (did you mean that?)"
    )


def test_a_stored_guideline_of_before_still_loads_with_the_hash_it_had() -> None:
    old = {
        "id": "OLD",
        "title": "Old",
        "version": "1",
        "source": {"doc": "Old", "cite": "Old 1", "verification": "full_text"},
        "precedence": "lcd",
        "effective_from": "2020-01-01",
        "auto_approve": True,
        "applies_to": {"hcpcs": ["E0601"]},
        "logic": {"id": "R", "all": [{"id": "A", "fact": "t.yes", "op": "is_true"}]},
        "tests": [{"name": "met", "expect": "met", "facts": {"t.yes": True}}],
    }
    loaded = Guideline.model_validate(old)
    assert loaded.content_hash == "83192a7983bb97c88eceb6a0a7315c96a5c6e636f0ef857893ee16abd85cacb2"
    assert loaded.why_not_by_rule is not None
