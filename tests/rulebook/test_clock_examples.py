"""The worked examples that come with the rulebook, and what the runner makes of things it does not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulebook.aid_continuing import load_continuation_rules
from rulebook.calendar_rules import load_calendars
from rulebook.clock_examples import EXAMPLES, ExampleOutcome, ExampleResult, load_examples, run_example, run_examples
from rulebook.clock_rules import load_clock_rules
from rulebook.example_reading import parse_example
from rulebook.yamlfile import RulebookErrors

RULES = load_clock_rules()
FEDERAL = load_calendars()["us_federal"]
CONTINUATION = load_continuation_rules()

SEVEN_DAYS = {
    "id": "A",
    "rule_id": "MA-OD-STD-PA",
    "lob": "medicare_advantage",
    "type": "pre_service_standard",
    "received": "2026-11-03T09:15:00-05:00",
    "expect": {"decision_due": "2026-11-10T23:59:59-05:00"},
}


def run(**changes: object) -> ExampleResult:
    return run_example(parse_example(SEVEN_DAYS | changes), RULES, FEDERAL, CONTINUATION)


def test_every_shipped_example_comes_out_as_it_says():
    results = run_examples(load_examples(), RULES, FEDERAL, CONTINUATION)
    assert [one for one in results if one.result is not ExampleOutcome.PASS] == []


def test_every_rule_with_a_length_has_an_example():
    shown = {example.rule_id for example in load_examples()}
    assert {rule.rule_id for rule in RULES if rule.length is not None or rule.uses} <= shown


def test_what_was_derived_by_hand_is_marked_and_shows_its_arithmetic():
    text = EXAMPLES.read_text(encoding="utf-8")
    by_hand = [one for one in load_examples() if "hand_derived" in one.tags]
    assert len(by_hand) >= 40
    for one in by_hand:
        before = text[: text.index(f"- id: {one.id}\n")].splitlines()[-1]
        assert before.startswith("# "), one.id
    about = {tag for one in by_hand for tag in one.tags}
    assert about >= {"stay", "discharge_notice", "appeal", "forwarding", "filing_window", "continuation"}
    assert about >= {"dst_start", "dst_end", "leap_day", "year_end", "rating_period"}


def test_a_wrong_instant_fails_with_both_instants():
    result = run(expect={"decision_due": "2026-11-11T23:59:59-05:00"})
    assert result.result is ExampleOutcome.FAIL
    assert result.expected == {"decision_due": "2026-11-11T23:59:59-05:00"}
    assert result.got == {"decision_due": "2026-11-10T23:59:59-05:00"}
    assert result.why == ("decision_due: expected 2026-11-11T23:59:59-05:00, got 2026-11-10T23:59:59-05:00",)


def test_the_offset_in_which_an_instant_is_written_does_not_matter():
    assert run(expect={"decision_due": "2026-11-11T04:59:59+00:00"}).result is ExampleOutcome.PASS
    assert run(expect={"decision_due": "2026-11-10"}).result is ExampleOutcome.PASS
    assert run(expect={"decision_due": "2026-11-11"}).result is ExampleOutcome.FAIL


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"expect": {"moon_phase": "2026-11-10"}}, "moon_phase: no such key"),
        ({"expect": {"xyz_due": "2026-11-10"}}, "xyz_due: no such key"),
        ({"expect": {"decision_due": "next week"}}, "neither a date nor an instant"),
        ({"expect": {"if_missed": "something happens"}}, "the words 'something happens' are not known"),
        ({"expect": {"timely": True}}, "the example tells no event that meets the duty"),
        ({"expect": {}}, "nothing is expected"),
        ({"rule_id": "NO-SUCH"}, "no rule is called NO-SUCH"),
        ({"variant": "no-such"}, "no rule is called MA-OD-STD-PA no-such"),
        ({"lob": "dental"}, "no line of business is called dental"),
        ({"zone": "Mars/Base"}, "not an IANA time zone"),
        ({"received": "2026-11-03T09:15:00"}, "has no offset"),
        ({"received": "yesterday"}, "neither a date nor an instant"),
        ({"events": [{"event": "full_moon", "at": "2026-11-04T09:00:00-05:00"}]}, "no event is called full_moon"),
        ({"events": [{"event": "notice_sent"}]}, "has neither at nor on"),
        ({"facts": {"moon": "full"}}, "facts: moon"),
        ({"weather": "rain"}, "a key that is not known: weather"),
    ],
)
def test_what_is_not_understood_is_not_covered_and_never_passes(changes: dict, why: str):
    result = run(**changes)
    assert result.result is ExampleOutcome.NOT_COVERED
    assert any(why in one for one in result.why), result.why


def test_a_known_key_beside_one_that_is_not_known_does_not_pass():
    both = run(expect={"decision_due": "2026-11-10", "moon_phase": "full"})
    assert both.result is ExampleOutcome.NOT_COVERED and both.got == {"decision_due": "2026-11-10"}
    assert run(expect={"decision_due": "2026-11-11", "moon_phase": "full"}).result is ExampleOutcome.FAIL


def test_a_clock_that_does_not_run_fails_what_expects_an_instant():
    waiting = run(rule_id="PD-IRE-FORWARD", lob="part_d", type="external_review", expect={"due": "2026-11-10"})
    assert waiting.result is ExampleOutcome.FAIL
    assert waiting.got == {"due": None}
    assert "waits for time expired" in waiting.why[0]


def test_yes_is_not_one_and_no_is_not_nothing():
    assert run(expect={"extension_valid": False}).result is ExampleOutcome.FAIL  # no notice was sent at all
    assert run(expect={"extension_valid": None}).result is ExampleOutcome.PASS
    assert run(expect={"binds": 1}).result is ExampleOutcome.FAIL


def test_the_effects_of_different_laws_are_told_apart():
    missed = {"rule_id": "IL-URGENT", "lob": "state_il", "type": "pre_service_expedited"}
    assert run(**missed, expect={"if_missed": "deemed authorized"}).result is ExampleOutcome.PASS
    wrong = run(**missed, expect={"if_missed": "deemed denial"})
    assert wrong.result is ExampleOutcome.FAIL and wrong.got == {"if_missed": "deemed_approved"}


def test_an_unreadable_file_is_refused_with_its_place(tmp_path: Path):
    path = tmp_path / "examples.yaml"
    path.write_text("examples:\n- id: A\n  rule_id: B\n- id: C\n", encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        load_examples(path)
    assert f"{path}:2: received: is missing" in str(refused.value)


def test_two_examples_of_one_id_are_refused(tmp_path: Path):
    path = tmp_path / "examples.yaml"
    one = "- id: A\n  rule_id: B\n  received: '2026-11-03'\n  expect: {due: 2026-11-04}\n"
    path.write_text("examples:\n" + one + one, encoding="utf-8")
    with pytest.raises(RulebookErrors, match="A is written twice"):
        load_examples(path)
