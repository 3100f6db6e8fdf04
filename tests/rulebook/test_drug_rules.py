"""Rules on drugs: shipped ones are sound, and what could mislead is refused with its place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.drug_limits.outcomes import LimitKind
from rulebook.errors import RulebookErrors
from rulebook.guidelines import load_dictionary
from rulebook.pharmacy.labels import read_labels, render_labels_csv
from rulebook.pharmacy.rules import load_drug_rules
from rulebook.review_rules import REVIEW
from tests.paths import ROOT

DICTIONARY = load_dictionary()
SHIPPED = load_drug_rules(REVIEW, DICTIONARY)
LABELS = "drug_code,indication,diagnoses,source,version_day\n"


def changed(folder: Path, name: str, old: str, new: str) -> str:
    """The refusals after one change in a copy of the shipped files."""
    for file in ("drug_edits.yaml", "drug_law.yaml", "drug_labels.csv"):
        shutil.copy(REVIEW / file, folder / file)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        load_drug_rules(folder, DICTIONARY)
    return "\n".join(str(error) for error in refused.value.errors)


def test_every_kind_of_edit_is_shipped_each_with_six_examples_at_least() -> None:
    kinds = {edit.kind for edit in SHIPPED.edits}
    assert kinds == {LimitKind.AGE, LimitKind.SEX, LimitKind.DOSE, LimitKind.OPIOID, LimitKind.BENEFIT}
    assert all(len(edit.tests) >= 6 for edit in SHIPPED.edits)


def test_all_six_protected_classes_are_there_and_antiretrovirals_are_never_stepped() -> None:
    never = {found.class_id for found in SHIPPED.protected_classes if not found.new_starts_stepped}
    assert len(SHIPPED.protected_classes) == 6 and never == {"PD-ANTIRETROVIRALS"}


def test_every_opioid_edit_spares_the_same_people_and_buprenorphine_for_addiction() -> None:
    spared = {"rx.cancer_pain", "rx.hospice_or_palliative", "rx.sickle_cell", "rx.long_term_care"}
    for edit in SHIPPED.edits:
        if edit.kind is LimitKind.OPIOID:
            assert spared <= {node.fact for node in edit.logic.walk()}
            assert edit.except_for is not None and "buprenorphine_for_addiction" in edit.except_for.service_groups


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("drug_edits.yaml", "op: le, value: 10}", "op: le, value: 9}", "'ten mg' comes out not_met"),
        ("drug_edits.yaml", "fact: patient.age, op: between", "fact: patient.agee, op: between", "patient.agee"),
        ("drug_edits.yaml", "kind: age", "kind: step", "kind is one of"),
        ("drug_edits.yaml", 'codes: ["99999-0330-*"]', 'codes: ["99213"]', "licensed"),
        ("drug_edits.yaml", "rule_id: OPIOID-90-MME", "rule_id: OPIOID-7-DAYS", "OPIOID-7-DAYS is there twice"),
        ("drug_edits.yaml", "cite: Example Health formulary 2026, dose limit D1 (an example)", "cite: ''", "cite"),
        ("drug_law.yaml", "fact: rx.stable_on_drug", "fact: rx.ige_level", "names no yes-or-no fact"),
        ("drug_law.yaml", "circumstances: [drug_emergency]", "circumstances: []", "never due"),
        ("drug_labels.csv", "2026-01-01", "soon", "version_day"),
    ],
)
def test_what_could_mislead_is_refused_with_its_place(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    errors = changed(tmp_path, name, old, new)
    assert said in errors and name in errors


def test_a_rulebook_without_these_files_has_no_such_rules(tmp_path: Path) -> None:
    found = load_drug_rules(tmp_path, DICTIONARY)
    assert (found.edits, found.overrides, found.indications, found.supplies, found.labels) == ((), (), (), (), ())


def test_labels_are_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    source, target = tmp_path / "labels.csv", tmp_path / "review"
    source.write_text(LABELS + "99999-0001-*,Gout,M10 M1A,Label,2026-05-01\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["rulebook", "import-labels", str(source), "--out", str(target)])
    assert done.exit_code == 0 and "1 indications of 1 drugs" in done.output
    kept = (target / "drug_labels.csv").read_text(encoding="utf-8")
    assert kept == source.read_text(encoding="utf-8") == render_labels_csv(read_labels(source))
    source.write_text(LABELS + "99999-0001-*,Gout,,Label,2026-05-01\n,Gout,M10,Label,yesterday\n", encoding="utf-8")
    refused = CliRunner().invoke(app, ["rulebook", "import-labels", str(source), "--out", str(target)])
    assert refused.exit_code != 0
    assert (target / "drug_labels.csv").read_text(encoding="utf-8") == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,indication\n", "the header is code,indication"),
        (LABELS, "the table is empty"),
        (LABELS + "1,Gout,M10\n", "3 cells instead of 5"),
        (LABELS + "1,Gout,M10,Label,2026-05-01\n1,Gout,M1A,Label,2026-05-01\n", "is there twice"),
    ],
)
def test_a_table_of_labels_that_cannot_be_read_is_refused_with_the_way_out(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        read_labels(tmp_path / "labels.csv")
    assert said in str(refused.value.errors[0])


def test_the_edit_of_the_guide_loads_as_it_stands_there(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "pharmacy.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "drug_edits.yaml").write_text(block, encoding="utf-8")
    (edit,) = load_drug_rules(tmp_path, DICTIONARY).edits
    assert edit.rule_id == "MY-DOSE"
