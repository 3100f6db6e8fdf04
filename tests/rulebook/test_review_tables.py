"""The tables of requirements, steps, quantities and gold cards: shipped ones hold, and what could mislead is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.coverage.gold_cards import evaluate_gold_card
from domain.drug_limits.rules import evaluate_quantity, evaluate_step
from domain.vocabulary import Lob
from rulebook.guidelines import load_dictionary
from rulebook.limit_rules import load_gold_card_programs, load_quantity_rules, load_step_rules, unknown_fact_errors
from rulebook.requirement_rules import load_requirement_test_cases, load_requirements
from rulebook.review_rules import REVIEW, load_review_rules
from rulebook.yamlfile import RulebookErrors

RULES = load_review_rules()
Loader = Callable[[Path], object]


def test_every_shipped_example_comes_out_as_written() -> None:
    for step in RULES.steps:
        for one in step.tests:
            assert evaluate_step(step, one.day, one.history, one.exceptions).state is one.expect, one.name
    for limit in RULES.quantities:
        for two in limit.tests:
            found = evaluate_quantity(limit, two.day, two.last_day, two.quantity, two.history)
            assert found.state is two.expect, two.name
    for programme in RULES.gold_cards:
        for three in programme.tests:
            assert evaluate_gold_card(programme, three.counts).qualifies is three.qualifies, three.name
    assert len(load_requirement_test_cases(REVIEW / "requirements.yaml")) >= len(RULES.requirements)


def test_the_states_with_a_gold_card_statute_are_there() -> None:
    assert {found.state for found in RULES.gold_cards} == {"TX", "AR", "WV", "WY", "CO", "LA", "VT", "MI", None}


def test_no_state_programme_binds_a_plan_that_an_employer_funds_itself_or_medicare() -> None:
    for found in RULES.gold_cards:
        if found.state is not None:
            assert not found.self_funded_bound
            assert not {"medicare_advantage", "medicaid"} & {lob.value for lob in found.lobs}


def test_no_shipped_table_holds_a_cpt_code() -> None:
    for path in REVIEW.glob("*.yaml"):
        text = re.sub(
            r"20[0-9]{2}-[0-9]{2}-[0-9]{2}|LCD L[0-9]+|[0-9]{5}-[0-9]{4}-|Cal\. Ins\. Code [0-9.]+",
            "",
            path.read_text(encoding="utf-8"),
        )
        assert re.findall(r"\b[0-9]{4}[0-9FTU]\b", text) == [], path.name


def test_a_rulebook_without_drug_and_gold_card_files_is_sound(tmp_path: Path) -> None:
    for path in REVIEW.glob("*.yaml"):
        if path.stem not in ("step_therapy", "quantity_limits", "gold_cards"):
            shutil.copy(path, tmp_path)
    found = load_review_rules(tmp_path)
    assert (found.steps, found.quantities, found.gold_cards) == ((), (), ())


STEP = """\
steps:
- rule_id: S1
  drug: {codes: [J0178]}
  steps: [{drug: {codes: [C9257]}, min_days: 30}]
  lookback_days: 365
  new_starts_only: true
  exceptions: [{id: cannot, text: Is it not possible}]
  first_day: 2026-01-01
  because: b
  cite: c
  tests:
  - {name: open, day: 2026-06-01, expect: unknown}
  - {name: granted, day: 2026-06-01, exceptions: {cannot: true}, expect: met}
  - {name: none, day: 2026-06-01, history: {known_since: 2020-01-01}, exceptions: {cannot: false}, expect: not_met}
"""
QUANTITY = """\
limits:
- rule_id: Q1
  drug: {codes: [A4239]}
  limit: 3
  unit: unit
  per_days: 90
  first_day: 2026-01-01
  because: b
  cite: c
  tests:
  - {name: fits, day: 2026-06-01, quantity: 3, history: {known_since: 2020-01-01}, expect: met}
  - {name: too much, day: 2026-06-01, last_day: 2026-08-29, quantity: 4, expect: not_met}
  - {name: open, day: 2026-06-01, quantity: 2, expect: unknown}
"""
GOLD = """\
programmes:
- programme: G1
  version: "1"
  title: t
  kind: statute
  lobs: [qhp]
  look_back_months: 12
  threshold: 90
  cite: c
  verification: v
  tests:
  - {name: all, counts: {decided: 5, approved: 5, months: 12}, qualifies: true}
  - {name: half, counts: {decided: 4, approved: 2, months: 12}, qualifies: false}
  - {name: half a year, counts: {decided: 4, approved: 4, months: 6}, qualifies: null}
"""
NEED = """\
requirements:
- {rule_id: R1, codes: [E0601], need: required, because: b, cite: c}
- {rule_id: R2, codes: ["E01*"], network: in_network, need: not_required, because: b, cite: c}
tests:
- {name: one, lob: medicaid, code: E0601, expect: required}
- {name: two, lob: medicaid, code: E0143, network: in_network, expect: not_required, rule: R2}
- {name: three, lob: medicaid, code: E9999, expect: unknown}
"""


@pytest.mark.parametrize(
    ("loader", "text", "change", "refusal"),
    [
        (load_step_rules, STEP, ("cite: c", "cite: c\n  comment: x"), ":11: comment: unknown key"),
        (load_step_rules, STEP, ("  cite: c\n", ""), ":2: cite: is missing"),
        (load_step_rules, STEP, ("cite: c", "cite: ''"), ":10: cite: got ''"),
        (load_step_rules, STEP, ("[J0178]", "['67028']"), ":3: drug.codes[0]: 67028 has the shape of a CPT code"),
        (load_step_rules, STEP, ("[C9257]", "['67028']"), ":4: steps[0].drug.codes[0]: 67028 has the shape"),
        (load_step_rules, STEP, ("min_days: 30", "min_days: 0"), ":4: steps[0].min_days: got 0"),
        (load_step_rules, STEP, ("365", "30"), ": under Medicare Advantage a step binds new starts only"),
        (load_step_rules, STEP, ("expect: met", "expect: not_met"), ":13: tests[1].expect: 'granted' comes out met"),
        (
            load_step_rules,
            STEP,
            ("  - {name: open, day: 2026-06-01, expect: unknown}\n", ""),
            ":11: tests: no example comes out unknown",
        ),
        (load_quantity_rules, QUANTITY, ("limit: 3", "limit: 0"), ":4: limit: got 0"),
        (load_quantity_rules, QUANTITY, ("limit: 3", "limit: 2"), "'fits' comes out unknown; expected met"),
        (
            load_quantity_rules,
            QUANTITY,
            ("first_day: 2026-01-01", "first_day: 2026-01-01\n  last_day: 2025-01-01"),
            ":8: last_day: lies before first_day",
        ),
        (load_gold_card_programs, GOLD, ("  cite: c\n", ""), ":2: cite: is missing"),
        (load_gold_card_programs, GOLD, ("threshold: 90", "threshold: 40"), "'half' comes out true; expected false"),
        (load_gold_card_programs, GOLD, ("  threshold: 90\n", ""), "left_to_plan: a figure is missing"),
        (
            load_gold_card_programs,
            GOLD,
            ("threshold: 90", "threshold: 90\n  minimum_count: 3"),
            "minimum_counts: minimum_count and minimum_counts come together",
        ),
        (load_requirements, NEED, ("need: required", "neeed: required"), ":2: neeed: unknown key"),
        (load_requirements, NEED, ("because: b, cite: c}", "because: b}"), ":2: cite: is missing"),
        (load_requirements, NEED, ("[E0601]", "['99213']"), ":2: codes[0]: 99213 has the shape of a CPT code"),
        (load_requirements, NEED, ('["E01*"]', "[E0601]"), ":3: R2 can never count: R1 before it"),
        (load_requirements, NEED, ("rule_id: R2", "rule_id: R1"), ":3: rule_id: R1 is there twice"),
        (load_requirements, NEED, ("expect: required", "expect: unknown"), "'one' comes out required"),
        (load_requirements, NEED, ("rule: R2", "rule: R1"), ":6: rule: 'two' is decided by R2; expected R1"),
        (
            load_requirements,
            NEED,
            ("- {name: one, lob: medicaid, code: E0601, expect: required}\n", ""),
            ":2: no example is decided by R1; expected one under tests",
        ),
        (
            load_requirements,
            NEED,
            ("- {name: three, lob: medicaid, code: E9999, expect: unknown}\n", ""),
            "no example comes out unknown",
        ),
    ],
)
def test_each_mistake_is_refused_with_line_key_and_what_was_expected(
    tmp_path: Path, loader: Loader, text: str, change: tuple[str, str], refusal: str
) -> None:
    assert change[0] in text
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    loader(path)
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        loader(path)
    found = [str(error) for error in refused.value.errors]
    assert any(refusal in line for line in found), found


@pytest.mark.parametrize(
    ("loader", "text"),
    [(load_step_rules, STEP), (load_quantity_rules, QUANTITY), (load_gold_card_programs, GOLD)],
)
def test_two_versions_may_follow_and_not_overlap(tmp_path: Path, loader: Loader, text: str) -> None:
    path = tmp_path / "table.yaml"
    first_day = "  first_day: 2026-01-01\n"
    dated = text if first_day in text else text.replace("  cite: c\n", first_day + "  cite: c\n")
    key, item = dated.split("\n", 1)
    ended = item.replace(first_day, "  first_day: 2025-01-01\n  last_day: 2025-12-31\n")
    path.write_text(f"{key}\n{ended}{item}", encoding="utf-8")
    loader(path)
    path.write_text(f"{key}\n{item}{item}", encoding="utf-8")
    with pytest.raises(RulebookErrors, match="is there twice for the same days"):
        loader(path)


@pytest.mark.parametrize(
    ("fact", "wrong"), [("rx.no_such_fact", "is not in the dictionary"), ("rx.ige_level", "is no yes-or-no fact")]
)
def test_an_exception_is_answered_under_a_yes_or_no_fact_of_the_dictionary(fact: str, wrong: str) -> None:
    known = load_dictionary().by_id
    (shipped, *_) = RULES.steps
    (first, *_) = shipped.exceptions
    changed = shipped.model_copy(update={"exceptions": (first.model_copy(update={"fact": fact}),)})
    assert list(unknown_fact_errors(RULES.steps, known)) == []
    assert [wrong in said for said in unknown_fact_errors([changed], known)] == [True]


def test_a_ban_that_names_no_service_would_free_everything_and_is_refused(tmp_path: Path) -> None:
    for path in REVIEW.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "authorization_bans.yaml").write_text(
        "bans:\n- {ban_id: X, states: [IL], lobs: [qhp], first_day: 2026-01-01, because: x, cite: x, confidence: unsure}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulebookErrors, match="has to be named by codes or service_groups"):
        load_review_rules(tmp_path)


def test_no_state_law_frees_a_federal_plan_of_asking_for_authorization() -> None:
    federal = {Lob.MEDICARE_ADVANTAGE, Lob.PART_D}
    assert RULES.authorization_bans and RULES.required_sets
    assert all(federal.isdisjoint(rule.lobs) for rule in (*RULES.authorization_bans, *RULES.required_sets))
