"""Changes of an authorization as they are typed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.main import app

CALL = ("--by", "member", "--person", "The member", "--note", "She called.", "--why", "More visits are needed")


@pytest.mark.parametrize("units", ["twelve", "0", "-3", "NaN"])
def test_more_units_are_a_number_above_zero(units: str) -> None:
    said = CliRunner().invoke(app, ["authorization", "more", "AU1", "--as", "nurse.adams", "--units", units, *CALL])
    assert said.exit_code == 2 and "--units" in said.stderr and "number above zero" in said.stderr
