"""The examples of the guide for authors can be written as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from rulebook.guidelines import load_criteria
from rulebook.requirement_rules import load_requirements
from rulebook.yamlfile import RULEBOOK_ROOT
from tests.paths import ROOT

pytestmark = pytest.mark.many

GUIDE = (ROOT / "docs" / "rulebook-criteria.md").read_text(encoding="utf-8")


def shown(kind: str, language: str = "yaml") -> str:
    (found,) = re.findall(rf"```{language} {kind}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def umpire(command: str) -> Result:
    program, *words = shlex.split(command)
    assert program == "umpire"
    return CliRunner().invoke(app, words)


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rulebook to which an author has added what the guide shows, where the guide says."""
    copy = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_ROOT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    facts = copy / "criteria" / "facts.yaml"
    facts.write_text(facts.read_text("utf-8") + shown("facts"), encoding="utf-8")
    (copy / "criteria" / "nebulizer.yaml").write_text(shown("guideline"), encoding="utf-8")
    requirements = copy / "review" / "requirements.yaml"
    rules, _, tests = shown("requirements").removeprefix("requirements:\n").partition("tests:\n")
    text = requirements.read_text("utf-8").replace("\nrequirements:\n", f"\nrequirements:\n{rules}", 1)
    requirements.write_text(text.replace("\ntests:\n", f"\ntests:\n{tests}", 1), encoding="utf-8")
    monkeypatch.setenv("UMPIRE_RULEBOOK", str(copy))
    return copy


def test_the_guideline_of_the_guide_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("facts:\n" + shown("facts"), encoding="utf-8")
    (tmp_path / "nebulizer.yaml").write_text(shown("guideline"), encoding="utf-8")
    assert [found.id for found in load_criteria(tmp_path).guidelines] == ["NEB"]


def test_the_requirements_of_the_guide_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_text(shown("requirements"), encoding="utf-8")
    assert [rule.rule_id for rule in load_requirements(path)] == ["MY-PA-NEBULIZER", "MY-OPEN-NEBULIZER"]


def test_who_follows_the_guide_has_a_rulebook_that_the_check_accepts(followed: Path) -> None:
    checked = umpire("umpire rulebook check")
    assert checked.exit_code == 0, checked.output
    results = {one["id"]: one["result"] for one in json.loads(umpire("umpire rulebook test --json").stdout)}
    assert [result for name, result in results.items() if name.startswith("NEB: ")] == ["pass"] * 3


def test_who_tries_the_guideline_of_the_guide_sees_what_the_guide_shows(followed: Path) -> None:
    (command,) = shown("try", "sh").splitlines()
    assert umpire(command).stdout.strip() == shown("try", "text").strip()


def test_the_order_of_questions_of_the_guide_is_accepted(followed: Path) -> None:
    file = followed / "criteria" / "nebulizer.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("  logic:\n", f"{shown('ask_first')}  logic:\n", 1), encoding="utf-8")
    assert next(one for one in load_criteria(followed / "criteria").guidelines if one.id == "NEB").ask_first


def test_the_guide_names_every_tool_of_an_author() -> None:
    for name in ("new", "try", "check", "test", "units", "diff"):
        assert f"`umpire rulebook {name}" in GUIDE
