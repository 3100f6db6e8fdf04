"""The rules on stays as they are shipped, and each mistake refused at its place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from domain.stays.levels_of_care import LevelOfCare
from rulebook.guidelines import load_criteria
from rulebook.rulebook import load_rulebook
from rulebook.stay_rules import STAYS, load_stay_rules
from rulebook.yamlfile import RULEBOOK_ROOT, RulebookErrors

pytestmark = pytest.mark.many

RULES = load_stay_rules()


def test_the_rulebook_holds_the_rules_on_stays():
    book = load_rulebook({})
    assert book.stays == RULES
    assert book.stays.gmlos("871") is not None


@pytest.mark.parametrize("file", ["levels_of_care.yaml", "policy.yaml", "delays.yaml", "transitions.yaml", "gmlos.csv"])
def test_a_change_of_any_file_is_another_version_of_the_rulebook(file: str, tmp_path: Path):
    root = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    environ = {"UMPIRE_RULEBOOK": str(root)}
    before = load_rulebook(environ).version
    path = root / "stays" / file
    path.write_text(path.read_text().replace("Home", "At home").replace("4.8", "4.9").replace("value: 14", "value: 15")
                    .replace("A consultation", "One consultation"))  # fmt: skip
    assert load_rulebook(environ).version != before


def test_what_is_from_memory_or_hearsay_is_not_called_confirmed():
    """Only what was read in a source is: hospice periods, transitional care, the measure on transitions."""
    confirmed = {rule.level.value for rule in RULES.levels.levels if rule.confidence.value == "confirmed"}
    assert confirmed == {"hospice"}
    assert {move.confidence.value for move in RULES.levels.moves} == {"known", "unsure"}
    tasks = {one.task for one in RULES.transitions.tasks if one.confidence.value == "confirmed"}
    assert all(
        "TRC" in one.source or "transitional care" in one.source for one in RULES.transitions.tasks if one.task in tasks
    )


MISTAKES = {
    "a level twice": ("levels_of_care.yaml", "- level: ltch", "- level: icu", "levels[5]", "icu is there twice"),
    "a level that does not exist": ("levels_of_care.yaml", "- level: ltch", "- level: moon", "levels[5].level", "ltch"),
    "a cap of nothing": ("levels_of_care.yaml", "cap: 3", "cap: 0", "levels[2].cap", "greater than 0"),
    "a cap of what": ("levels_of_care.yaml", "  counted_in: hours\n", "", "levels[1]", "come together"),
    "a move twice": (
        "levels_of_care.yaml",
        "from_levels: [psych_ip, residential, php, home]",
        "from_levels: [psych_ip, psych_ip]",
        "moves",
        "psych_ip to iop is there twice",
    ),
    "a move to the same level": (
        "levels_of_care.yaml",
        "from_levels: [stepdown, icu], to_level: inpatient_ward",
        "from_levels: [stepdown, icu], to_level: icu",
        "moves",
        "icu",
    ),
    "a unit of two levels": ("levels_of_care.yaml", "names: [IRF,", "names: [ICU,", "units[6]", "ICU is there twice"),
    "a figure without a source": (
        "policy.yaml",
        "long_stay_days: {value: 14, source: plan policy, ",
        "long_stay_days: {value: 14, ",
        "long_stay_days.source",
        "is missing",
    ),
    "fewer than no days": (
        "policy.yaml", "long_stay_days: {value: 14", "long_stay_days: {value: -1", "long_stay_days.value", "greater",
    ),
    "a misspelt key": ("policy.yaml", "long_stay_days:", "long_stay_day:", "long_stay_day", "unknown key"),
    "a line of business twice": (
        "policy.yaml", "lobs: [medicaid, chip]", "lobs: [medicaid, qhp]", "after_denial[2]", "qhp is there twice",
    ),
    "hours that are too few": ("policy.yaml", 'closes: "17:00"', 'closes: "12:00"', "callback_hours", "eight hours"),
    "a reason laid to nobody": (
        "delays.yaml", "attributions: [physician], source", "attributions: [], source", "attributions", "at least 1",
    ),
    "a reason twice": (
        "delays.yaml", "reason: transport", "reason: unsafe_home", "reasons[25]", "unsafe_home is there twice",
    ),
    "a reminder after its appointment": (
        "transitions.yaml", "days: -3", "days: 3", "tasks[13]", "comes before its appointment",
    ),
    "a question left out": (
        "transitions.yaml", "domain: food", "domain: home", "assessment[7]", "home is there twice",
    ),
    "a readmission that is denied": (
        "transitions.yaml", "readmission: {days: 30,", "readmission: {days: 30, deny: true,", "readmission.deny", "unknown key",
    ),
    "another header": ("gmlos.csv", "ms_drg,title", "drg,title", "", "ms_drg,title"),
    "a length that is no number": ("gmlos.csv", ",28.9651,30.2,", ",28.9651,long,", "gmlos", "decimal"),
    "a flag that is neither": ("gmlos.csv", "39.2,N,N,Y", "39.2,N,maybe,Y", "special_pay", "Y or N"),
    "a DRG twice": ("gmlos.csv", "\n002,", "\n001,", "ms_drg", "DRG 001 is there twice"),
    "a cell too many": ("gmlos.csv", "39.2,N,N,Y", "39.2,N,N,Y,Y", "", "11 cells instead of 10"),
    "a year that cannot be": ("gmlos.yaml", "fiscal_year: 2021", "fiscal_year: 21", "fiscal_year", "2008"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_with_file_line_key_and_what_was_expected(name: str, tmp_path: Path):
    file, right, wrong, key, said = MISTAKES[name]
    folder = tmp_path / "stays"
    shutil.copytree(STAYS, folder)
    text = (folder / file).read_text()
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1))
    with pytest.raises(RulebookErrors) as refused:
        load_stay_rules(folder)
    line = text[: text.index(right)].count("\n") + 1
    (found,) = (one for one in refused.value.errors if said in str(one))
    assert file in found.file and key in found.key
    if "there twice" in said:
        second = (folder / file).read_text().splitlines()[found.line - 1]
        assert said.partition(" is ")[0].removeprefix("DRG ").partition(" to ")[0] in second
    elif file.endswith(".yaml"):
        assert line - 2 <= found.line <= line, "at the key, or at the head of its entry"


def test_mistakes_of_several_files_are_told_at_once(tmp_path: Path):
    folder = tmp_path / "stays"
    shutil.copytree(STAYS, folder)
    (folder / "delays.yaml").unlink()
    (folder / "policy.yaml").write_text("")
    with pytest.raises(RulebookErrors) as refused:
        load_stay_rules(folder)
    assert "the file does not exist" in str(refused.value) and "the file is empty" in str(refused.value)


# -- the guide -------------------------------------------------------------------------------------------------------------


def test_what_the_guide_tells_a_policy_person_to_write_is_loaded_as_it_stands(tmp_path: Path):
    guide = (RULEBOOK_ROOT.parent / "docs" / "rulebook-stays.md").read_text(encoding="utf-8")
    (units,), (figure,) = (re.findall(rf"```yaml {name}\n(.*?)```", guide, re.DOTALL) for name in ("units", "figure"))
    folder = tmp_path / "stays"
    shutil.copytree(STAYS, folder)
    levels, policy = folder / "levels_of_care.yaml", folder / "policy.yaml"
    levels.write_text(levels.read_text().replace("facilities: []\n", units))
    policy.write_text(re.sub(r"(?m)^long_stay_days: .*\n", figure, policy.read_text()))
    rules = load_stay_rules(folder)
    assert rules.levels.level_of_unit("ccu", "1234567893") is LevelOfCare.ICU
    assert RULES.levels.level_of_unit("ccu", "1234567893") is None
    assert rules.policy.long_stay_days.value == 10


# -- the examples of criteria for further days -----------------------------------------------------------------------------

EXAMPLES = {"EXWARD": "inpatient_ward", "EXICU": "icu", "EXOBS": "observation"}


@pytest.mark.parametrize(("name", "group"), EXAMPLES.items())
def test_each_round_of_review_has_an_example_of_criteria_that_approves_nothing_alone(name: str, group: str):
    (found,) = (one for one in load_criteria().guidelines if one.id == name)
    assert found.applies_to.service_group == (group,) and not found.auto_approve
    assert {vector.expect.value for vector in found.tests} == {"met", "not_met", "unknown", "not_applicable"}
    (level,) = (rule for rule in RULES.levels.levels if rule.continued_group == group and rule.level.value in (group,))
    assert level.is_certified


def test_facts_about_a_day_in_hospital_grow_old_within_two_days():
    facts = [one for one in load_criteria().dictionary.facts if one.id.startswith("stay.")]
    lasting = {"stay.observation_order", "stay.observation_question"}
    assert {one.id for one in facts if one.max_age_days is None} == lasting
    assert all(one.max_age_days in (1, 2) for one in facts if one.id not in lasting)
