"""Licensed sets and the laws that name them: slots without text, and no law about a set that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulebook.errors import RulebookErrors
from rulebook.review_rules import REVIEW, load_licensed_sets, load_required_sets, load_review_rules

RULES = load_review_rules()
ENTRY = """
- rule_id: {rule_id}
  set_ids: [{set_id}]
  states: [IL]
  lobs: [qhp]
  codes: ["{code}"]
  first_day: 2026-01-01
  last_day: {last}
  cite: a statute
  confidence: unsure
"""


def written(folder: Path, **changes: str) -> Path:
    path = folder / "required_sets.yaml"
    entry = {"rule_id": "X-ONE", "set_id": "ASAM", "code": "H0018", "last": "2026-12-31"} | changes
    path.write_text("required:" + ENTRY.format(**entry), encoding="utf-8")
    return path


def test_the_sets_of_illinois_new_york_california_and_texas_are_shipped_as_empty_slots() -> None:
    assert {"ASAM", "LOCUS", "CALOCUS-CASII", "ECSII", "LOCADTR"} <= {found.set_id for found in RULES.licensed_sets}
    assert {state for rule in RULES.required_sets for state in rule.states} == {"IL", "NY", "CA", "TX"}
    assert all(found.licence and found.owner for found in RULES.licensed_sets)


def test_a_sound_entry_loads_and_a_rulebook_without_the_files_has_none(tmp_path: Path) -> None:
    (rule,) = load_required_sets(written(tmp_path), RULES.licensed_sets)
    assert rule.rule_id == "X-ONE"
    assert load_licensed_sets(tmp_path / "none.yaml") == () == load_required_sets(tmp_path / "none.yaml", ())


@pytest.mark.parametrize(
    ("changes", "problem", "key"),
    [
        ({"set_id": "ASSAM"}, "no set has the id ASSAM", "set_ids[0]"),
        ({"last": "2025-12-31"}, "lies before first_day", "last_day"),
        ({"code": "9" * 5}, "has the shape of a CPT code", "codes[0]"),
    ],
)
def test_an_entry_that_could_mislead_is_refused_with_its_place(
    tmp_path: Path, changes: dict[str, str], problem: str, key: str
) -> None:
    with pytest.raises(RulebookErrors) as refused:
        load_required_sets(written(tmp_path, **changes), RULES.licensed_sets)
    (error,) = refused.value.errors
    assert problem in error.problem and error.key.endswith(key) and error.line > 1


def test_an_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.removeprefix("required:"), encoding="utf-8")
    with pytest.raises(RulebookErrors, match="X-ONE is there twice"):
        load_required_sets(path, RULES.licensed_sets)


def test_no_text_of_a_licensed_set_is_shipped() -> None:
    lines = (REVIEW / "licensed_sets.yaml").read_text(encoding="utf-8").splitlines()
    keys = {line.strip(" -").split(":")[0] for line in lines if line and not line.startswith(("#", "sets"))}
    assert keys == {"set_id", "name", "owner", "licence", "about"}
