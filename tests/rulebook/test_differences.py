"""`umpire rulebook diff` says in words what changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rulebook.authoring.differences import changed_entry_names, find_differences
from rulebook.yamlfile import RULEBOOK_ROOT, RulebookErrors

OLD = """\
clocks:
- rule_id: A-1
  title: One
  applies: {lob: [medicaid]}
  length: {value: 7, unit: calendar_days}
  cites: [a law]
  confidence: known
- rule_id: A-2
  title: Two
"""


@pytest.fixture
def folders(tmp_path: Path):
    def make(old: str, new: str) -> tuple[Path, Path]:
        for name, text in (("old", old), ("new", new)):
            (tmp_path / name / "clocks").mkdir(parents=True)
            (tmp_path / name / "clocks" / "a.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "old", tmp_path / "new"

    return make


def told(old: Path, new: Path) -> list[str]:
    return [str(change) for change in find_differences(old, new)]


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (
            "7, unit: calendar_days",
            "5, unit: business_days",
            "the time changes from 7 calendar days to 5 business days",
        ),
        ("known", "confirmed", "how well it is established changes from known to confirmed"),
        ("[a law]", "[a law, another]", "the list of citations changes from a law to a law, another"),
        ("title: One", "title: First", "title changes from One to First"),
        ("[medicaid]}", "[medicaid], state: [TX]}", "whom it binds changes from {'lob': ['medicaid']} to"),
        ("  confidence: known\n", "", "how well it is established is taken out (it was known)"),
    ],
)
def test_a_change_is_told_in_words(folders, was: str, now: str, says: str):
    (line,) = told(*folders(OLD, OLD.replace(was, now)))
    assert line.startswith(f"clocks/a.yaml: A-1: {says}")


def test_new_rules_and_rules_taken_out_are_told(folders):
    changed = OLD.replace("rule_id: A-2", "rule_id: A-3")
    assert told(*folders(OLD, changed)) == ["clocks/a.yaml: A-3: new", "clocks/a.yaml: A-2: taken out"]


def test_versions_of_one_rule_are_told_apart(folders):
    two = OLD.replace("rule_id: A-2", "rule_id: A-1\n  variant: old")
    assert told(*folders(two, two.replace("title: Two", "title: 2"))) == [
        "clocks/a.yaml: A-1 old: title changes from Two to 2"
    ]


def test_comments_and_order_are_no_changes(folders):
    first, second = OLD.removeprefix("clocks:\n").split("- rule_id: A-2")
    assert told(*folders(OLD, f"# a comment\nclocks:\n- rule_id: A-2{second}{first}")) == []


def test_the_shipped_rulebook_does_not_differ_from_itself(tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(RULEBOOK_ROOT, copy)
    assert find_differences(RULEBOOK_ROOT, copy) == ()
    file = copy / "clocks" / "medicaid.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("value: 24, unit: hours", "value: 48, unit: hours", 1), "utf-8"
    )
    assert changed_entry_names(RULEBOOK_ROOT, copy, "clocks") == {"MCD-DRUG-24H"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(RulebookErrors, match="is no folder"):
        find_differences(tmp_path / "nothing", RULEBOOK_ROOT)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RulebookErrors, match="holds no YAML file"):
        find_differences(RULEBOOK_ROOT, tmp_path / "empty")


def test_a_new_worked_example_is_one_change_wherever_it_is_put(tmp_path: Path):
    copy = Path(shutil.copytree(RULEBOOK_ROOT, tmp_path / "rulebook"))
    file = copy / "examples" / "clocks.yaml"
    new = "examples:\n- {id: NEW-1, rule_id: MA-OD-EXP, received: '2026-11-03', expect: {binds: true}}\n"
    file.write_text(file.read_text("utf-8").replace("examples:\n", new, 1), "utf-8")
    assert [str(one) for one in find_differences(RULEBOOK_ROOT, copy)] == ["examples/clocks.yaml: NEW-1: new"]


def test_a_changed_guideline_is_told_criterion_by_criterion_in_words(tmp_path: Path):
    copy = Path(shutil.copytree(RULEBOOK_ROOT, tmp_path / "rulebook"))
    chair, oxygen = copy / "criteria" / "power_wheelchair.yaml", copy / "criteria" / "home_oxygen.yaml"
    kept = [line for line in chair.read_text("utf-8").splitlines() if "PWC-O," not in line and "{name: " not in line]
    chair.write_text("\n".join(kept).replace("value: [0, 183]", "value: [0, 200]"), "utf-8")
    text = oxygen.read_text("utf-8").replace("o2.hematocrit, op: gt, value: 56", "o2.hematocrit, op: ge, value: 55")
    strain = "text: A sign of strain\n              "
    text = text.replace(f"{strain}any:", f"{strain}all:").replace("                - {ref: OXY-OSA1}\n", "")
    oxygen.write_text(text, "utf-8")
    found = "\n".join(str(one).partition(": ")[2] for one in find_differences(RULEBOOK_ROOT, copy))
    red_cells = "the share of red cells in the blood (hematocrit)"
    label = "the patient is willing to use the chair at home"
    gone = f"criterion PWC-O is taken out (it was: The patient is willing to use it ({label}: yes))"
    for said in (
        f"PWC 2025-10-01.2: {gone}",
        "to the day of the written order from 0 to 200 days after the visit in person about the need for the chair",
        "PWC 2025-10-01.2: worked examples: ",
        "OXY 2023-04-01.3: criterion OXY-G2-F (A sign of strain) changes from any one of to all of",
        "OXY 2023-04-01.3: criterion OXY-G2-BS no longer takes in OXY-OSA1",
        f"(Hematocrit above 56) changes from {red_cells} above 56 % to {red_cells} at least 55 %",
    ):
        assert said in found
    assert "logic." not in found and "{" not in found


def _newer(text: str) -> str:
    """The guideline as a later version: forty events instead of thirty, and left to people."""
    later = text.replace('version: "2024-01-01.3"', 'version: "2027-01-01.1"')
    later = later.replace("effective_from: 2024-01-01", "effective_from: 2027-01-01")
    return later.replace("op: ge, value: 30", "op: ge, value: 40").replace("auto_approve: true", "auto_approve: false")


@pytest.fixture
def apnea(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the facts and the guideline on sleep apnea, alike so far."""
    for name in ("old", "new"):
        (tmp_path / name / "criteria").mkdir(parents=True)
        for file in ("facts.yaml", "cpap_initial.yaml"):
            shutil.copy(RULEBOOK_ROOT / "criteria" / file, tmp_path / name / "criteria")
    return tmp_path / "old", tmp_path / "new"


@pytest.mark.parametrize(("beside", "relation"), [(False, "in place of"), (True, "beside")])
def test_a_new_version_of_a_guideline_is_told_as_a_change_of_it(apnea: tuple[Path, Path], beside: bool, relation: str):
    file = apnea[1] / "criteria" / "cpap_initial.yaml"
    text = file.read_text("utf-8")
    both = text.replace("effective_from: 2024-01-01", "effective_from: 2024-01-01\n  effective_to: 2026-12-31")
    file.write_text(both + _newer(text).split("guidelines:\n")[1] if beside else _newer(text), "utf-8")
    ended = ["PAP 2024-01-01.3: the last day in force is new: 2026-12-31"] if beside else []
    stops = "the number of breathing stops recorded"
    assert [one.removeprefix("criteria/cpap_initial.yaml: ") for one in told(*apnea)] == [
        *ended,
        f"PAP 2027-01-01.1: a new version {relation} 2024-01-01.3, in force from 2027-01-01",
        "PAP 2027-01-01.1: whether a rule may approve it changes from true to false",
        f"PAP 2027-01-01.1: criterion PAP-B1E (At least 30 events) changes from {stops} at least 30 to {stops} at least 40",
    ]


def test_a_version_in_a_file_of_its_own_is_told_by_the_one_before_it(apnea: tuple[Path, Path]):
    text = (apnea[1] / "criteria" / "cpap_initial.yaml").read_text("utf-8")
    (apnea[1] / "criteria" / "cpap_2027.yaml").write_text(_newer(text), "utf-8")
    first, *rest = told(*apnea)
    assert first.startswith("criteria/cpap_2027.yaml: PAP 2027-01-01.1: a new version beside 2024-01-01.3")
    assert len(rest) == 2 and "criterion PAP-B1E" in rest[1]


def test_an_earlier_edition_is_told_as_kept_for_running_cases(apnea: tuple[Path, Path]):
    editions = apnea[1] / "criteria" / "editions" / "2026-12-31"
    editions.mkdir(parents=True)
    shutil.copy(apnea[1] / "criteria" / "cpap_initial.yaml", editions)
    assert told(*apnea) == [
        "criteria/editions/2026-12-31/cpap_initial.yaml: PAP 2024-01-01.3: kept as an earlier edition for running cases"
    ]
