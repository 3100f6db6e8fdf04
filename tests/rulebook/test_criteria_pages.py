"""The pages in docs/criteria are those of the shipped criteria: `python docs/write_criteria_pages.py` writes them anew."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from rulebook.guidelines import load_criteria

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "criteria"
WRITER = runpy.run_path(str(ROOT / "docs" / "write_criteria_pages.py"))
PAGES: dict[str, str] = WRITER["write_pages"]()


def test_the_pages_on_file_are_what_the_criteria_say() -> None:
    on_file = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    by_hand = {name: on_file.pop(name) for name in WRITER["BY_HAND"]}
    assert on_file == PAGES, "run python docs/write_criteria_pages.py"
    assert all(by_hand.values())


def test_every_guideline_has_its_page_with_rule_source_confidence_and_examples() -> None:
    for found in load_criteria().guidelines:
        page = PAGES[f"{found.id}.md"]
        assert (
            found.source.cite in page and found.title in page and f"**confidence:** {found.source.confidence}" in page
        )
        assert all(f"`{name}`" in page for name in found.nodes)
        assert all(f"| {vector.name} |" in page for vector in found.tests)
        assert f"[{found.id}]({found.id}.md)" in PAGES["README.md"]


def test_the_changelog_names_every_guideline_by_a_dated_entry() -> None:
    text = (FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    for found in load_criteria().guidelines:
        assert re.search(rf"\b{found.id}\b", text), found.id
