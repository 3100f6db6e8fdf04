"""The rulebook as a whole: nothing that somebody wrote is overlooked, and its version tells every change."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from domain.vocabulary import Lob
from rulebook.code_map import OPERATOR_MAP_VARIABLE
from rulebook.rulebook import FOLDER_VARIABLE, load_rulebook, rulebook_version
from rulebook.yamlfile import RULEBOOK_ROOT, RulebookErrors

pytestmark = pytest.mark.many

OWN_GROUP = "service_groups:\n- {id: own_group, title: Our own, hcpcs: [E0570]}\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULEBOOK_ROOT, tmp_path / "rulebook"))


def version(folder: Path, **more: str) -> str:
    return load_rulebook({FOLDER_VARIABLE: str(folder), **more}).version


def refused(folder: Path) -> str:
    with pytest.raises(RulebookErrors) as errors:
        load_rulebook({FOLDER_VARIABLE: str(folder)})
    return str(errors.value)


@pytest.mark.parametrize(
    "name", ["state_oh.yaml", "clocks/state_oh.yml", "clocks/ohio/standard.yaml", "review/ohio.yaml"]
)
def test_a_file_that_nothing_reads_is_refused_because_its_rules_would_bind_nobody(copy: Path, name: str):
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("clocks: []\n", encoding="utf-8")
    said = refused(copy)
    assert f"{copy / name}:1: nothing reads this file" in said and "clocks/*.yaml" in said


def test_the_operators_own_code_map_may_lie_beside_the_rules(copy: Path):
    own = copy / "own_codes.yaml"
    own.write_text(OWN_GROUP, encoding="utf-8")
    assert version(copy, **{OPERATOR_MAP_VARIABLE: str(own)}) != version(RULEBOOK_ROOT)


def test_the_continuation_of_services_is_checked_at_load(copy: Path):
    file = copy / "continuation.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("cites:", "citez:", 1), encoding="utf-8")
    assert f"{file}" in refused(copy) and "citez: unknown key" in refused(copy)
    file.write_text(text + text[text.index("- lob: medicaid") :].split("\n- ")[0] + "\n", encoding="utf-8")
    assert "a second entry for medicaid" in refused(copy)
    assert load_rulebook({}).continuation[Lob.CHIP].available is False


@pytest.mark.parametrize(
    ("name", "was", "key"),
    [
        ("continuation.yaml", "asked_by: MCD-COB-REQUEST", "asked_by"),
        ("clocks/medicare_advantage_appeals.yaml", "next_rule: MA-IRE-FORWARD-EXP", "missed.next_rule"),
    ],
)
def test_a_name_of_a_clock_that_there_is_not_is_refused(copy: Path, name: str, was: str, key: str):
    file = copy / name
    file.write_text(file.read_text("utf-8").replace(was, was.split(":")[0] + ": NO-SUCH", 1), "utf-8")
    assert f"{key}: got 'NO-SUCH'" in refused(copy)


def test_any_changed_byte_of_any_file_is_another_version(copy: Path):
    same, shown = version(copy), partial(rulebook_version, {FOLDER_VARIABLE: str(copy)})
    assert same == version(RULEBOOK_ROOT) == shown()
    for path in sorted(copy.rglob("*.yaml")):
        before = path.read_bytes()
        path.write_bytes(before + b"# looked at\n")
        assert shown() != same, path
        path.write_bytes(before)
    assert version(copy) == same
