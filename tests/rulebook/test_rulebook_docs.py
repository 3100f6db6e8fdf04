"""The rules that docs/rulebook-clocks.md tells a policy person to write are loaded and run, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from domain.clocks.terms import MissedClockEffect
from rulebook.aid_continuing import load_continuation_rules
from rulebook.calendar_rules import load_calendars
from rulebook.clock_examples import ExampleOutcome, load_examples, run_examples
from rulebook.clock_rules import load_clock_rules
from rulebook.example_answers import KNOWN_KEYS
from tests.paths import ROOT

DOCS = ROOT / "docs"


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / "rulebook-clocks.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_clock_and_the_example_of_the_guide_work(tmp_path: Path):
    clock, example, _ = blocks()
    (tmp_path / "state_oh.yaml").write_text("clocks:\n" + clock, encoding="utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "clocks.yaml").write_text("examples:\n" + example, encoding="utf-8")
    rules, told = load_clock_rules(tmp_path), load_examples(tmp_path / "examples" / "clocks.yaml")
    results = run_examples(told, rules, load_calendars()["us_federal"], load_continuation_rules())
    assert [one.result for one in results] == [ExampleOutcome.PASS], results


def test_the_miss_that_sends_a_case_on_can_be_written_as_the_guide_shows_it(tmp_path: Path):
    _, _, late = blocks()
    (tmp_path / "state_oh.yaml").write_text("clocks:\n" + late, encoding="utf-8")
    first, second = load_clock_rules(tmp_path)
    assert first.missed is not None and first.missed.next_rule == second.rule_id


def test_the_guide_tells_what_every_effect_makes_a_case_do():
    section = (DOCS / "rulebook-clocks.md").read_text(encoding="utf-8").split("## 6.")[1]
    assert {effect for effect in MissedClockEffect if f"`{effect}`" not in section} == set()


def test_the_guide_names_only_keys_that_are_known():
    guide = (DOCS / "rulebook-clocks.md").read_text(encoding="utf-8")
    table = guide.partition("| expected key |")[2].partition("\n\n")[0]
    named = {key for row in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named - {"erisa_due", "ca_due"} <= KNOWN_KEYS
    assert len(named) > 20
