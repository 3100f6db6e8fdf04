"""`umpire rulebook test` and `umpire rulebook clock`, as people and programs call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.paths import SHARED

REFERENCE = SHARED / "reference" / "clock_examples.yaml"

EXAMPLES = """\
examples:
- id: GOOD
  rule_id: MA-OD-STD-PA
  received: '2026-11-03T09:15:00-05:00'
  expect: {decision_due: '2026-11-10T23:59:59-05:00'}
- id: WRONG
  rule_id: MA-OD-STD-PA
  received: '2026-11-03T09:15:00-05:00'
  expect: {decision_due: '2026-11-11T23:59:59-05:00'}
- id: STRANGE
  rule_id: MA-OD-STD-PA
  received: '2026-11-03T09:15:00-05:00'
  expect: {moon_phase: full}
"""


def umpire(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def examples(tmp_path: Path) -> str:
    path = tmp_path / "examples.yaml"
    path.write_text(EXAMPLES, encoding="utf-8")
    return str(path)


def test_the_rulebooks_own_examples_all_pass():
    done = umpire("rulebook", "test", "--json")
    assert done.exit_code == 0
    assert {one["result"] for one in json.loads(done.stdout)} == {"pass"}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the clock reference is not beside the repository")
def test_the_reference_examples_all_pass():
    done = umpire("rulebook", "test", str(REFERENCE), "--json")
    results = json.loads(done.stdout)
    assert done.exit_code == 0 and len(results) >= 66
    assert all(set(one) == {"id", "result", "expected", "got"} and one["result"] == "pass" for one in results)


def test_programs_get_one_result_for_each_example(examples: str):
    done = umpire("rulebook", "test", examples, "--json")
    assert done.exit_code == 6
    assert json.loads(done.stdout) == [
        {
            "id": "GOOD",
            "result": "pass",
            "expected": {"decision_due": "2026-11-10T23:59:59-05:00"},
            "got": {"decision_due": "2026-11-10T23:59:59-05:00"},
        },
        {
            "id": "WRONG",
            "result": "fail",
            "expected": {"decision_due": "2026-11-11T23:59:59-05:00"},
            "got": {"decision_due": "2026-11-10T23:59:59-05:00"},
        },
        {"id": "STRANGE", "result": "not_covered", "expected": {"moon_phase": "full"}, "got": {}},
    ]


def test_people_see_both_instants_and_why(examples: str):
    done = umpire("rulebook", "test", examples)
    assert done.exit_code == 6
    assert "1 pass, 1 fail, 1 not covered." in done.output
    assert "WRONG: decision_due: expected 2026-11-11T23:59:59-05:00, got 2026-11-10T23:59:59-05:00" in done.output
    assert "STRANGE: moon_phase: no such key" in done.output


def test_a_file_that_is_not_there_is_told_without_a_traceback():
    done = umpire("rulebook", "test", "no-such-file.yaml")
    assert done.exit_code == 6 and "the file does not exist" in done.output


def test_a_clock_is_explained_step_by_step():
    done = umpire(
        "rulebook", "clock", "MA-OD-STD-PA", "--zone", "America/New_York", "--received", "2026-11-03T09:15:00"
    )
    assert done.exit_code == 0
    for said in ("1 Starts", "2 Runs", "7 calendar days", "Tue 2026-11-10 23:59:59 EST", "42 CFR 422.568", "confirmed"):
        assert said in done.output


def test_events_move_a_clock_and_two_readings_are_both_shown():
    done = umpire(
        "rulebook", "clock", "ERISA-PRESERVICE", "--zone", "America/New_York", "--received", "2026-11-20T10:00",
        "--event", "extension_notice_sent@2026-11-30T10:00,reason=missing_information,days_given=45",
        "--event", "information_received@2026-12-18T13:00", "--json",
    )  # fmt: skip
    (one,) = json.loads(done.stdout)
    assert one["runs"] is True
    assert one["clock"]["due"][0]["at"] == "2027-01-03T04:59:59Z"
    assert one["clock"]["other_readings"][0]["at"] == "2027-01-08T04:59:59Z"


def test_a_rule_that_uses_others_shows_them():
    done = umpire("rulebook", "clock", "QHP-FFE-PA", "--zone", "America/Chicago", "--received", "2026-11-16T10:00")
    assert "ERISA-PRESERVICE" in done.output and "Tue 2026-12-01 23:59:59 CST" in done.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("NO-SUCH-RULE", "--zone", "UTC", "--received", "2026-11-03"), "no rule is called NO-SUCH-RULE"),
        (("MA-OD-EXP", "--zone", "Mars", "--received", "2026-11-03"), "'Mars' is not an IANA time zone"),
        (("MA-OD-EXP", "--zone", "UTC", "--received", "soon"), "'soon' is neither a date nor an instant"),
        (("MA-OD-EXP", "--zone", "UTC", "--received", "2026-11-03", "--event", "x"), "'x' is no event: write KIND@T"),
        (
            ("MA-OD-EXP", "--zone", "UTC", "--received", "2026-11-03", "--event", "moon@2026-11-03"),
            "no event is called moon",
        ),
        (("CA-STD", "--zone", "UTC", "--received", "2126-11-03"), "outside the calendar california"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(arguments: tuple[str, ...], says: str):
    done = umpire("rulebook", "clock", *arguments)
    assert done.exit_code == (4 if "NO-SUCH-RULE" in arguments else 2) and says in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("rule", "event", "says"),
    [
        ("MA-OD-STD-P", None, "Did you mean MA-OD-STD-PA"),
        ("MA-OD-EXP", "moon@2026-11-03", "Events: request_received"),
        ("MA-OD-EXP", "extension_notice_sent@2026-11-03,bogus=1", "no detail of an event is called bogus"),
        ("MA-OD-EXP", "extension_notice_sent@2026-11-03,days_given=x", "it takes a number from 0, or a day"),
        ("MA-OD-EXP", "extension_notice_sent@2026-11-03,days_given=-1", "it takes a number from 0, or a day"),
        ("MA-OD-EXP", "extension_notice_sent@2026-11-03,reason=zz", "there are enrollee_asked"),
    ],
)
def test_the_way_out_names_what_there_is(rule: str, event: str | None, says: str):
    told = ("--event", event) if event else ()
    done = umpire("rulebook", "clock", rule, "--zone", "UTC", "--received", "2026-11-03", *told)
    assert done.exit_code == (2 if event else 4) and says in done.output
    assert "pydantic" not in done.output


def test_a_rule_that_resembles_none_is_answered_with_all_of_them():
    done = umpire("rulebook", "clock", "NOPE", "--zone", "UTC", "--received", "2026-11-03")
    assert done.exit_code == 4 and "MA-OD-EXP" in done.output and "IL-" in done.output


def test_a_rule_may_be_typed_without_care():
    done = umpire("rulebook", "clock", "ma-od-exp", "--zone", "UTC", "--received", "2026-11-03T10:00")
    assert done.exit_code == 0 and "MA-OD-EXP:" in done.output
