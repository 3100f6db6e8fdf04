"""Changes outside clocks and criteria: which lines of business and States they are about."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from domain.vocabulary import Lob
from rulebook.law_changes import LawChange, find_law_changes
from rulebook.yamlfile import RULEBOOK_ROOT

pytestmark = pytest.mark.many


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULEBOOK_ROOT, tmp_path / "rulebook"))


def changed(copy: Path, name: str, was: str, now: str) -> tuple[LawChange, ...]:
    file = copy / name
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, now, 1), "utf-8")
    return find_law_changes(RULEBOOK_ROOT, copy)


def test_nothing_changed_touches_nobody(copy: Path):
    assert find_law_changes(RULEBOOK_ROOT, copy) == ()


def test_a_states_law_on_deciders_is_about_insured_cases_of_that_state(copy: Path):
    (one,) = changed(copy, "review/state_deciders.yaml", "same_state: true", "same_state: false")
    assert one.says.startswith("who may decide: DEC-TX: ")
    assert one.is_about(Lob.QHP, "TX")
    assert not one.is_about(Lob.QHP, "CA") and not one.is_about(Lob.MEDICARE_ADVANTAGE, "TX")


def test_a_rule_on_appeals_touches_no_case_of_a_first_decision(copy: Path):
    assert changed(copy, "review/deciders.yaml", "not_subordinate: false", "not_subordinate: true") == ()


def test_a_rule_that_comes_to_be_about_another_line_is_about_both(copy: Path):
    (one, *_) = changed(copy, "review/deciders.yaml", "lob: chip\n  roles", "lob: medicaid\n  roles")
    assert one.lobs == {Lob.CHIP, Lob.MEDICAID}


def test_the_law_of_letters_is_about_its_line_of_business(copy: Path):
    (one,) = changed(copy, "notices/law/chip.yaml", "days: 60", "days: 90")
    assert one.is_about(Lob.CHIP, "IL") and not one.is_about(Lob.MEDICAID, "IL")


def test_a_worked_example_is_no_law(copy: Path):
    file = copy / "review" / "requirements.yaml"
    text = file.read_text("utf-8")
    name = text[text.index("tests:") :].split("name: ")[1].split(",")[0]
    assert changed(copy, "review/requirements.yaml", f"name: {name}", "name: another name") == ()


def test_a_step_that_asks_for_more_is_about_the_lines_that_it_names(copy: Path):
    (one,) = changed(copy, "review/step_therapy.yaml", "lookback_days: 180", "lookback_days: 360")
    assert one.says.startswith("which drug comes first: EX-STEP-ASTHMA: ")
    assert one.is_about(Lob.QHP, "IL") and not one.is_about(Lob.MEDICAID, "IL")


def test_a_quantity_limit_without_lines_of_its_own_is_about_all(copy: Path):
    (one,) = changed(copy, "review/quantity_limits.yaml", "limit: 3\n", "limit: 2\n")
    assert one.says.startswith("how much of a drug or supply: QL-CGM-SUPPLIES: ") and one.is_about(Lob.MEDICAID, "IL")


def test_an_example_inside_an_entry_is_no_law_either(copy: Path):
    assert changed(copy, "review/step_therapy.yaml", "name: already on the drug", "name: has the drug") == ()


def test_a_law_that_names_another_set_or_forbids_authorization_later_is_about_its_state_and_lines(copy: Path):
    (one,) = changed(copy, "review/required_sets.yaml", "set_ids: [LOCUS]", "set_ids: [NONPROFIT]")
    assert one.says.startswith("which set of criteria has to be used: CA-MENTAL-ADULT: ")
    assert one.is_about(Lob.QHP, "CA") and not one.is_about(Lob.QHP, "IL")
    both = changed(copy, "review/authorization_bans.yaml", "first_day: 2022-03-22", "first_day: 2022-04-01")
    ban = next(each for each in both if "NY-MCD-OPIOID-MEDICATION" in each.says)
    assert ban.is_about(Lob.MEDICAID, "NY") and not ban.is_about(Lob.QHP, "NY")
