"""`umpire rulebook parity`, as people and programs call it."""

from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from cli.main import app


def parity(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rulebook", "parity", *arguments])


def test_the_worksheet_shows_both_sides_by_classification_with_reason_and_rule() -> None:
    shown = parity("--lob", "commercial_aca")
    assert shown.exit_code == 0
    assert "commercial aca (45 CFR 146.136" in shown.output
    assert "Mental health and substance use" in shown.output and "Medical and surgical" in shown.output
    for name in ("inpatient, in network", "outpatient, out of network", "emergency care", "prescription drugs"):
        assert name in shown.output
    assert "EH-PA-BEHAVIORAL" in shown.output and "EH-PA-SPINE" in shown.output


def test_without_a_line_every_line_that_the_parity_law_binds_is_printed_and_json_holds_the_same() -> None:
    sheets = json.loads(parity("--json").output)
    assert [one["lob"] for one in sheets] == ["commercial_erisa", "commercial_aca", "qhp", "medicaid", "chip"]
    assert all(one["law"] and one["entries"] for one in sheets)
    assert {"classification", "side", "what", "need", "because", "cite"} <= set(sheets[0]["entries"][0])


def test_a_line_that_the_law_does_not_bind_is_compared_and_says_so() -> None:
    assert "the parity law does not bind it" in parity("--lob", "medicare_advantage").output
