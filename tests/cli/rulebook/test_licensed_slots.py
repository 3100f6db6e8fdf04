"""`umpire rulebook check` tells which licensed sets are empty slots, and finds a connected set without a slot."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.rulebook import check


def test_the_check_tells_the_empty_slots_and_finds_a_connected_set_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "connected_set_ids", lambda: frozenset({"ASAM", "OWN-SET"}))
    checked = CliRunner().invoke(app, ["rulebook", "check", "--json"])
    found = json.loads(checked.stdout)
    assert found["licensed_sets"]["ASAM"] is True and found["licensed_sets"]["LOCUS"] is False
    (gap,) = found["coverage_gaps"]
    assert gap.startswith("OWN-SET: a package connects this set") and checked.exit_code != 0
