"""A plan's own people: loaded from a file, and then known."""

from __future__ import annotations

from pathlib import Path

from store import directory
from tests.cli.terminal import Terminal

PLAN = """
plan:
  plan_id: "1888888884"
  contact:
    plan_name: Example Health
    phone: 1-800-555-0140
    tty: "711"
    fax: 1-800-555-0141
    address: [100 Example Plaza, "Springfield, IL 62701"]
    hours: Monday to Friday
    website: https://www.example.com/health
members:
- member_id: MBR7000001
  family_name: Quill
  given_name: Nora
  birth_date: 1950-05-05
  address: [1 New Street, "Springfield, IL 62702"]
  coverages:
  - {coverage_id: COV7, lob: medicare_advantage, state: IL, zone: America/Chicago, effective: 2024-01-01}
"""


async def test_members_of_a_plan_file_are_known_and_the_others_stay(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    said = await terminal.type("store", "load", file)
    assert said.code == 0, said.err
    assert said.out.startswith("Loaded 1 member, 1 coverage,")
    with terminal.lab.store.read() as s:
        assert directory.member(s, "MBR7000001") is not None
        assert directory.member(s, "MBR1000001") is not None


async def test_nothing_is_loaded_from_a_file_with_a_mistake(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace("lob: medicare_advantage", "lob: medicare_adventure"))
    said = await terminal.type("store", "load", file)
    assert said.code == 6
    assert f"{file}:19: members[0].coverages[0].lob" in said.err
    with terminal.lab.store.read() as s:
        assert directory.member(s, "MBR7000001") is None
