from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from domain.clocks.engine import ExtensionReason
from domain.clocks.rules import Confidence, ContractTime, DueKind, MissedClockEffect
from domain.vocabulary import ServiceKind
from rulebook.clock_rules import load_clock_rules
from rulebook.yamlfile import RulebookErrors

SHIPPED = load_clock_rules()
RULES = {(rule.rule_id, rule.variant): rule for rule in SHIPPED}

GOOD = """\
clocks:
- rule_id: A-1
  title: One
  applies: {lob: [medicaid]}
  duty: decision
  starts: {event: request_received}
  length: {value: 7, unit: calendar_days}
  cites: [a law]
  confidence: known
"""

STAFFED = 'weekdays: ["06:00", "18:00"], other_days: ["09:00", "12:00"]'


@pytest.fixture
def folder(tmp_path: Path):
    def fill(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return fill


def refusals(folder: Path) -> list[str]:
    with pytest.raises(RulebookErrors) as refused:
        load_clock_rules(folder)
    return [str(error).removeprefix(f"{folder}/") for error in refused.value.errors]


BINDS_THE_PLAN = {"MA", "PD", "MCD", "CHIP", "ERISA"}


def ids(*starts: str) -> set[str]:
    return {rule.rule_id for rule in SHIPPED if rule.rule_id.startswith(starts)}


def test_every_clock_of_the_law_is_shipped():
    assert len({rule.rule_id for rule in SHIPPED}) == 153
    counts = {law: len(ids(f"{law}-")) for law in ("MA", "PD", "MCD", "CHIP", "ERISA", "ACA", "QHP", "NCQA", "URAC")}
    assert counts == {
        "MA": 44, "PD": 19, "MCD": 21, "CHIP": 8, "ERISA": 13, "ACA": 8, "QHP": 3, "NCQA": 4, "URAC": 2,
    }  # fmt: skip
    states = {state: len(ids(f"{state}-")) for state in ("CA", "TX", "NY", "WA", "IL")}
    assert states == {"CA": 9, "TX": 6, "NY": 7, "WA": 4, "IL": 3}


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: f"{rule.rule_id} {rule.variant}".strip())
def test_every_rule_says_whom_it_binds(rule):
    assert rule.applies.lob or rule.applies.accredited_by
    if rule.applies.state:
        assert rule.applies.self_funded is False, "a State's law does not bind a plan that an employer funds itself"


def test_a_decision_that_the_plan_owes_under_federal_law_says_what_a_miss_does():
    reviewers = {"MA-IRE-DECISION", "MA-FT-QIO-DECISION", "MA-DISCHARGE-QIO-DECISION", "PD-IRE-DECISION"}
    agencies = {"MCD-SFH-DECISION", "MCD-FFS-STD", "MCD-FFS-EXP", "CHIP-FFS-STD", "MCD-DRUG-24H", "CHIP-DRUG-24H"}
    for rule in SHIPPED:
        if rule.rule_id.split("-")[0] in BINDS_THE_PLAN and rule.duty is DueKind.DECISION and not rule.uses:
            assert (rule.missed is None) == (rule.rule_id in reviewers | agencies), rule.rule_id


def test_each_law_has_its_own_consequence():
    effects = {rule.rule_id: rule.missed.effect for rule in SHIPPED if rule.missed is not None}
    assert effects["MA-OD-STD-PA"] is MissedClockEffect.DEEMED_ADVERSE
    assert effects["MA-RECON-STD"] is MissedClockEffect.DEEMED_AFFIRMED_FORWARD
    assert effects["PD-CD-STD"] is MissedClockEffect.DEEMED_ADVERSE_FORWARD
    assert effects["MCD-SA-STD"] is MissedClockEffect.DEEMED_DENIED
    assert effects["MCD-APPEAL-STD"] is effects["ERISA-PRESERVICE"] is MissedClockEffect.DEEMED_EXHAUSTED
    assert effects["MA-POSTSTAB-1H"] is MissedClockEffect.PLAN_PAYS
    assert effects["IL-STD"] is effects["CA-POSTSTAB"] is MissedClockEffect.DEEMED_APPROVED
    assert effects["NY-APPEAL"] is MissedClockEffect.DEEMED_REVERSED
    assert effects["CA-STD"] is MissedClockEffect.VIOLATION


def test_only_erisas_claims_that_are_not_urgent_can_be_stopped():
    assert {rule.rule_id for rule in SHIPPED if rule.tolling is not None} == {"ERISA-PRESERVICE", "ERISA-POSTSERVICE"}


def test_no_drug_clock_no_part_d_clock_and_no_urgent_erisa_clock_can_be_extended():
    extendable = {rule.rule_id for rule in SHIPPED if rule.extension is not None}
    assert extendable == {
        "MA-OD-STD-PA",
        "MA-OD-STD-NONPA",
        "MA-OD-EXP",
        "MA-IIP-OD",
        "MA-RECON-STD",
        "MA-RECON-EXP",
        "MA-IRE-DECISION",
        "MCD-SA-STD",
        "MCD-SA-EXP",
        "MCD-FFS-STD",
        "MCD-FFS-EXP",
        "MCD-APPEAL-STD",
        "MCD-APPEAL-EXP",
        "CHIP-SA-STD",
        "CHIP-SA-EXP",
        "ERISA-PRESERVICE",
        "ERISA-POSTSERVICE",
        "CA-STD",
        "TX-RETRO",
    }
    for rule in SHIPPED:
        if rule.extension is not None and rule.applies.service_kind == (ServiceKind.PART_B_DRUG,):
            raise AssertionError(rule.rule_id)


def test_medicare_extends_for_the_enrollee_or_with_a_justification_only():
    rule = RULES["MA-OD-STD-PA", ""]
    assert set(rule.extension.reasons) == {ExtensionReason.ENROLLEE_ASKED, ExtensionReason.PLAN_JUSTIFIED}


def test_a_state_may_shorten_medicaids_time_and_nothing_else():
    shorter = {rule.rule_id for rule in SHIPPED if rule.contract_time is ContractTime.SHORTER}
    assert shorter == {"MCD-SA-STD", "MCD-SA-EXP", "MCD-APPEAL-STD", "MCD-APPEAL-EXP", "MCD-GRIEVANCE"}


def test_what_was_not_read_again_is_marked_so():
    """91 rules were read in a source, 51 are well known and 11 are to be checked before anybody relies on them."""
    marks = {rule.rule_id: rule.confidence for rule in SHIPPED}
    assert Counter(marks.values()) == {Confidence.CONFIRMED: 91, Confidence.KNOWN: 51, Confidence.UNSURE: 11}
    unsure = {rule_id for rule_id, mark in marks.items() if mark is Confidence.UNSURE}
    promptly = {
        "MA-OD-EXPEDITE-REFUSED-CALL",
        "PD-EXPEDITE-REFUSED-CALL",
        "MCD-72-HOURS-NOTICE",
        "PD-OTHER-BENEFIT-NOTICE",
    }
    plans = {"AIP-DISMISSAL-REVIEW", "MA-FT-PLAN-INFO", "MA-IIP-OD"}
    assert unsure - promptly == plans | {"CA-AB512", "NY-APPEAL", "URAC-CONC", "URAC-APPEAL"}
    assert promptly <= unsure


def test_a_wrong_unit_is_refused_with_its_place(folder):
    found = refusals(folder(ma=GOOD.replace("calendar_days", "day")))
    assert found == [
        "ma.yaml:7: length.unit: got 'day'; expected one of minutes, hours, calendar_days, business_days, months"
    ]


MISS = """\
  missed:
    effect: {effect}
    note: A note.
"""
SENT_ON = """\
- rule_id: A-2
  title: Two
  applies: {lob: [medicaid]}
  duty: case_file
  starts: {event: time_expired}
  length: {value: 24, unit: hours}
  cites: [a law]
  confidence: known
"""


@pytest.mark.parametrize(
    ("effect", "more", "found"),
    [
        ("deemed_denied", "", "missed.told: got None with deemed_denied; expected always or unless_approved"),
        ("violation", "    told: always\n", "missed.told: got always with violation; expected no told"),
        ("deemed_adverse_forward", "    told: always\n", "missed.forward_to: got None with deemed_adverse_forward"),
        (
            "deemed_adverse_forward",
            "    told: always\n    forward_to: a reviewer\n",
            "missed.next_rule: a case file goes out by no clock",
        ),
        (
            "deemed_adverse_forward",
            "    told: always\n    forward_to: a reviewer\n    next_rule: A-1\n",
            "missed.next_rule: got 'A-1'; expected the rule_id of a rule in this folder that starts with time_expired",
        ),
        (
            "deemed_denied",
            "    told: always\n    forward_to: a court\n",
            "missed.forward_to: got a court with deemed_den",
        ),
        ("plan_pays", "", "missed.liability: nobody is said to pay; expected bearer, pays_for, until and cite"),
        ("deemed_approved", "    next_rule: A-2\n", "missed.next_rule: deemed_approved starts no clock"),
    ],
)
def test_a_consequence_that_a_case_could_not_carry_out_is_refused(folder, effect: str, more: str, found: str):
    text = GOOD + MISS.format(effect=effect) + more + SENT_ON
    assert any(found in error for error in refusals(folder(a=text))), refusals(folder(a=text))


def test_a_consequence_that_says_all_that_a_case_needs_is_taken(folder):
    more = "    told: always\n    forward_to: a reviewer\n    next_rule: A-2\n"
    rules = load_clock_rules(folder(a=GOOD + MISS.format(effect="deemed_adverse_forward") + more + SENT_ON))
    assert [rule.rule_id for rule in rules] == ["A-1", "A-2"]


def test_the_same_rule_twice_is_refused_across_files(folder):
    found = refusals(folder(a=GOOD, b=GOOD))
    assert found[0].startswith("b.yaml:2: rule_id: A-1 is written twice (first in ")


def test_versions_in_force_at_the_same_time_are_refused(folder):
    def version(name: str, window: str) -> str:
        return GOOD.removeprefix("clocks:\n").replace(
            "rule_id: A-1", f"rule_id: A-1\n  variant: {name}\n  effective: {{{window}}}"
        )

    apart = "clocks:\n" + version("old", "last_day: 2025-12-31") + version("new", "first_day: 2026-01-01")
    assert len(load_clock_rules(folder(a=apart))) == 2
    overlapping = apart.replace("2025-12-31", "2026-01-01")
    assert "days that do not overlap" in refusals(folder(a=overlapping))[0]


def test_the_order_of_a_list_hides_no_overlap(folder):
    one = GOOD.replace("{lob: [medicaid]}", "{lob: [medicaid, chip], state: [CA, TX]}")
    other = one.replace("[medicaid, chip]", "[chip, medicaid]").replace("[CA, TX]", "[TX, CA]")
    other = other.removeprefix("clocks:\n").replace("  title", "  variant: other\n  title")
    assert "days that do not overlap" in refusals(folder(a=one + other))[0]


def test_a_rule_that_names_an_unknown_rule_is_refused(folder):
    found = refusals(folder(a=GOOD + "  replaces: [NO-SUCH]\n"))
    assert found == ["a.yaml:10: replaces[0]: got 'NO-SUCH'; expected the rule_id of a rule in this folder"]


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("  length: {value: 7, unit: calendar_days}\n", ""), 2, "write exactly one of length, uses and in_words"),
        (("  starts: {event: request_received}\n", ""), 2, "a rule with a length needs starts"),
        (("days}\n", "days, ends: midnight}\n"), 7, "length.ends: got 'midnight'; expected one of end_of_day, clos"),
        (("calendar_days}", "hours, roll: next_business_day}"), 7, "a length in hours ends to the second"),
        (
            ("event: request", "event: requests"),
            6,
            "starts.event: got 'requests_received'; expected one of request_rec",
        ),
        (("lob:", "lobs:"), 4, "applies.lobs: unknown key; expected lob (did you mean that?)"),
        (("known", "certain"), 9, "confidence: got 'certain'; expected one of confirmed, known, unsure"),
        (("[a law]", "[]"), 8, "cites: got []; expected"),
        (("A-1", "a 1"), 2, "rule_id: got 'a 1'"),
        (("known\n", "known\n  tolling: {reason: missing_information, least_days_given: 45}\n"), 2, "tolling needs an"),
        (
            ("known\n", "known\n  effective: {first_day: 2026-02-01, last_day: 2026-01-01}\n"),
            10,
            "first_day lies after",
        ),
        (("known\n", "known\n  effective: {first_day: 2026-02-30}\n"), 10, "effective.first_day: got '2026-02-30'"),
        (("known\n", "known\n  extension: {most: null, times: 2}\n"), 10, "extension.times: unknown key"),
        (("known\n", "known\n  extension: {most: {value: 0, unit: hours}}\n"), 10, "an extension adds time"),
        (("calendar_days}", "business_days, less_holidays: true}"), 7, "less_holidays is for calendar_days"),
        (
            ("request_received}", "request_received, end_of_time_given: {value: 1, unit: months}}"),
            6,
            "in hours or calendar_",
        ),
        (
            ("request_received}", f"request_received, staffed_hours: {{zone: Mars, {STAFFED}}}}}"),
            6,
            "starts.staffed_hours.zone: 'Mars' is not an IANA time zone",
        ),
        (
            ("request_received}", f"request_received, staffed_hours: {{zone: UTC, {STAFFED.replace('06', '19')}}}}}"),
            6,
            "starts.staffed_hours.weekdays: write the opening time and a later closing time",
        ),
    ],
)
def test_a_wrong_rule_is_refused_where_it_is_wrong(folder, change: tuple[str, str], line: int, says: str):
    found = refusals(folder(a=GOOD.replace(*change)))
    assert len(found) == 1
    assert found[0].startswith(f"a.yaml:{line}: ")
    assert says in found[0]


def test_the_refusals_of_all_files_come_at_once(folder):
    found = refusals(folder(a=GOOD.replace("known", "x"), b=GOOD.replace("decision", "y"), c="clocks: [\n"))
    assert [line.split(":")[0] for line in found] == ["a.yaml", "b.yaml", "c.yaml"]
