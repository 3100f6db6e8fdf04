"""`umpire rulebook try`, `new`, `units` and `test`, as an author of criteria calls them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from rulebook.yamlfile import RULEBOOK_ROOT

pytestmark = pytest.mark.many

FOLDERS = {"guideline": "criteria", "clock": "clocks", "notice": "notices"}


def umpire(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rulebook", *arguments])


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An author's own copy of the rulebook, in use."""
    copy = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setenv("UMPIRE_RULEBOOK", str(copy))
    return copy


def test_a_guideline_is_tried_on_an_invented_patient_without_a_server() -> None:
    done = umpire("try", "OXY", "--set", "o2.sat_rest=97", "--diagnosis", "G44.009")
    assert done.exit_code == 0, done.output
    said = done.stdout.splitlines()
    assert re.fullmatch(r"Home oxygen, initial coverage \(OXY \S+\): unknown", said[0])
    assert "            [ ] OXY-G1A2: Saturation at rest of 88 or less = 97" in said
    asked = said[said.index("The provider is asked, as in the letter:") :]
    assert asked[1:3] == [
        "1. Not one of the uses that are not covered",
        "   Is one of these so? Please answer yes or no to each:",
    ]
    assert "A clinician is asked at once:" in asked and not any(line.startswith("2.") for line in asked)


def test_alternatives_are_shown_as_the_letter_tells_them() -> None:
    said = umpire("try", "CGM", "--set", "dm.diagnosis=yes").stdout
    assert "   One of these is enough:\n   - Is the patient treated with insulin now?  [dm.insulin_treated]" in said
    assert "   If not, this is enough instead: More than one very low value in spite of more than one change" in said


def test_a_settled_guideline_shows_the_draft_of_the_reason() -> None:
    said = umpire("try", "CGMC", "--set", "dm.days_since_followup=365").stdout
    assert re.match(r"Supplies of a continuous glucose monitor, continued \(CGMC \S+\): not met", said)
    assert "A reviewer's draft says:" in said and "is asked" not in said


def test_a_patient_comes_from_a_file_and_options_stand_over_it(tmp_path: Path) -> None:
    patient = tmp_path / "patient.yaml"
    patient.write_text("facts: {o2.sat_rest: 86, o2.tester_qualified: true}\ndiagnoses: [J44.9]\n", encoding="utf-8")
    known = json.loads(umpire("try", "OXY", "--patient", str(patient), "--json").stdout)
    assert (known["state"], known["judged_now"]) == ("unknown", [])
    assert "o2.tester_qualified" not in json.dumps(known["questions"])
    over = umpire("try", "OXY", "--patient", str(patient), "--set", "o2.terminal_not_respiratory=true", "--json")
    assert json.loads(over.stdout)["state"] == "not_met"


@pytest.mark.parametrize(
    "written", ["o2.pao2_rest=55 mmHg", "o2.pao2_rest=55mm[Hg]", "pap.events=30 events", "pap.ahi=20 /h"]
)
def test_a_number_may_carry_the_unit_in_which_its_fact_is_taken(written: str) -> None:
    guideline = "PAP" if written.startswith("pap") else "OXY"
    plain = re.match(r"[^=]+=[0-9]+", written)
    assert plain is not None
    with_unit, without = (umpire("try", guideline, "--set", one, "--json") for one in (written, plain[0]))
    assert with_unit.exit_code == 0 and with_unit.stdout == without.stdout


def test_what_a_diagnosis_shows_is_not_asked_and_a_stated_fact_counts_over_it() -> None:
    shown = json.loads(umpire("try", "ICD", "--diagnosis", "I42.0", "--json").stdout)
    assert "icd.nonischemic_dcm" not in json.dumps(shown["questions"])
    denied = umpire("try", "ICD", "--diagnosis", "I42.0", "--set", "icd.nonischemic_dcm=false").stdout
    assert "[ ] ICD-B4a" in denied


def test_two_dates_of_one_condition_are_one_question() -> None:
    asked = json.loads(umpire("try", "PWC", "--json").stdout)["questions"]
    (dates,) = [one for one in asked if "mae.order_date" in json.dumps(one["options"])]
    assert dates["options"] == [["mae.order_date", "mae.face_to_face_date"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("OXI",), "Did you mean OXY"),
        (("OXY", "--set", "o2.sat_rst=86"), "no fact is called o2.sat_rst; did you mean o2.sat_rest?"),
        (("OXY", "--set", "o2.sat_rest=low"), "o2.sat_rest is a number in %; got 'low'"),
        (
            ("OXY", "--set", "o2.pao2_rest=7.3 kPa"),
            "o2.pao2_rest is a number in mmHg; got one in kPa, and units are never",
        ),
        (("OXY", "--set", "o2.pao2_rest=55 mmgh"), "o2.pao2_rest is a number in mmHg; got one in mmgh"),
        (("OXY", "--set", "o2.sat_rest"), "gives no value; write it as o2.sat_rest=VALUE"),
        (("OXY", "--set", "o2.has_osa=perhaps"), "o2.has_osa is true or false; got 'perhaps'"),
        (("FUS", "--set", "sp.instability_cause=age"), "sp.instability_cause is one of congenital, trauma"),
        (("OXY", "--day", "1/1/2027"), "Write year, month and day: 2027-01-31."),
        (("OXY", "--set", "icd.lvef=30"), "The guideline does not use icd.lvef."),
    ],
)
def test_a_mistake_is_answered_with_what_to_write(arguments: tuple[str, ...], says: str) -> None:
    assert says in umpire("try", *arguments).stderr


def test_a_patients_file_with_mistakes_names_line_and_key(tmp_path: Path) -> None:
    patient = tmp_path / "patient.yaml"
    patient.write_text("facts:\n  o2.sat_rest: 86\n  o2.has_osa: 'yes'\ndiagnoses: J44.9\n", encoding="utf-8")
    said = umpire("try", "OXY", "--patient", str(patient)).stderr
    assert "patient.yaml:3: facts.o2.has_osa: o2.has_osa is true or false; got 'yes'" in said
    assert "patient.yaml:4: diagnoses: is no list; expected codes in brackets" in said


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_frame_is_written_once_and_the_check_says_what_is_left_to_write(kind: str, own: Path) -> None:
    file = own / FOLDERS[kind] / "mine.yaml"
    assert umpire("new", kind, str(file)).exit_code == 0
    assert "exists already" in umpire("new", kind, str(file)).stderr
    assert umpire("new", kind).stdout.strip() == file.read_text(encoding="utf-8").strip()
    checked = umpire("check")
    says = {
        "guideline": "my.disease is not in the fact dictionary; expected one that exists, or a line for it in criteria",
        "clock": "all pass",
        "notice": "kind: got withdrawn; expected mine, as the file is named",
    }
    assert says[kind] in checked.output


def test_the_frame_of_a_guideline_is_accepted_with_the_facts_of_its_comment(own: Path) -> None:
    assert umpire("new", "guideline", str(own / "criteria" / "mine.yaml")).exit_code == 0
    frame = (own / "criteria" / "mine.yaml").read_text(encoding="utf-8")
    facts = [line.removeprefix("#   ") for line in frame.splitlines() if line.startswith("#   - {id: my.")]
    with (own / "criteria" / "facts.yaml").open("a", encoding="utf-8") as dictionary:
        dictionary.write("".join(f"{line}\n" for line in facts))
    assert umpire("try", "MYRULE", "--set", "my.disease=true").stdout.startswith("The service in a few words")


def test_there_are_frames_of_three_kinds() -> None:
    assert "Frames: guideline, clock, notice." in umpire("new", "letter").stderr


def test_the_units_are_listed_as_they_are_written_and_read() -> None:
    listed = {one["unit"]: one["read_as"] for one in json.loads(umpire("units", "--json").stdout)}
    assert (listed["mm[Hg]"], listed["mo"], listed["[lb_av]"]) == ("mmHg", "months", "pounds")
    assert "{events}" in umpire("units").stdout


def test_the_examples_of_guidelines_run_with_those_of_clocks() -> None:
    found = {one["id"]: one for one in json.loads(umpire("test", "--json").stdout)}
    assert found["CGMC: seen a year ago"] == {
        "id": "CGMC: seen a year ago",
        "result": "pass",
        "expected": {"state": "not_met"},
        "got": {"state": "not_met"},
    }
    assert any(not name.startswith("CGMC") and "decision_due" in one["expected"] for name, one in found.items())


def test_the_check_prints_how_much_is_asked() -> None:
    said = umpire("check")
    assert "Questions in one round: 0." in said.stdout
    assert set(json.loads(umpire("check", "--json").stdout)["questions"]) == {
        "open_examples",
        "per_example",
        "per_first_request",
    }


def test_a_new_rule_is_told_in_words(own: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(own, old)
    (old / "criteria" / "glucose_monitor.yaml").unlink()
    said = umpire("diff", str(old)).stdout
    assert re.search(
        r"CGM \S+: new: Continuous glucose monitor, initial, for E2102, E2103, A4238, A4239.*, from 2024-10-01: covered with "
        r"all of \(Diabetes; Training judged sufficient; Prescribed for an approved use; any one of \(Treated with insulin; ",
        said,
    )
    assert "(CMS LCD L33822" in said
