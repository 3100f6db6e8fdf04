"""What the guide for authors shows can be written as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from rulebook.guidelines import load_criteria
from rulebook.requirement_rules import load_requirements
from tests.paths import ROOT

GUIDE = (ROOT / "docs" / "rulebook-criteria.md").read_text(encoding="utf-8")


def shown(kind: str) -> str:
    (found,) = re.findall(rf"```yaml {kind}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def test_the_guideline_of_the_guide_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("facts:\n" + shown("facts"), encoding="utf-8")
    (tmp_path / "nebulizer.yaml").write_text(shown("guideline"), encoding="utf-8")
    assert [found.id for found in load_criteria(tmp_path).guidelines] == ["NEB"]


def test_the_requirements_of_the_guide_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_text(shown("requirements"), encoding="utf-8")
    assert [rule.rule_id for rule in load_requirements(path)] == ["MY-PA-NEBULIZER", "MY-OPEN-NEBULIZER"]
