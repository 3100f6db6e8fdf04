"""The places where a psychologist may sign an adverse decision, by line of business, State and service."""

from __future__ import annotations

import pytest

from domain.coverage.requirements import LineInContext, find_fields_of_others, find_specialties
from domain.decisions.other_deciders import find_other_deciders
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ServiceKind
from rulebook.code_map import load_code_map
from rulebook.review_rules import load_review_rules

RULES = load_review_rules()
CODES = load_code_map({})


def asked(
    code: str, lob: Lob = Lob.MEDICARE_ADVANTAGE, kind: ServiceKind = ServiceKind.BEHAVIORAL, **changes: object
) -> LineInContext:
    line = ServiceLine.model_validate({"line_id": "1", "code": code, "code_system": CodeSystem.HCPCS} | changes)
    groups = CODES.line_codes(line).service_groups or frozenset({code})
    return LineInContext(lob=lob, service_kind=kind, line=line, service_groups=groups, network=None)


def signers(one: LineInContext, state: str | None = "IL", self_funded: bool | None = False) -> set[str]:
    fields = find_fields_of_others(RULES.specialties, one)
    return {who.profession for who in find_other_deciders(RULES.other_deciders, fields, one.lob, state, self_funded)}


@pytest.mark.parametrize("service", ["H0004", "applied_behavior_analysis", "psychological_testing"])
def test_in_medicare_advantage_a_psychologist_decides_therapy_testing_and_behavior_analysis(service: str) -> None:
    assert signers(asked(service)) == {"psychologist"}
    assert "psychiatry" in find_specialties(RULES.specialties, asked(service))


@pytest.mark.parametrize(
    "service",
    ["inpatient_psychiatric", "H0018", "H0035", "S9480", "withdrawal_management", "electroconvulsive_therapy", "Q9991"],
)
def test_hospital_programs_withdrawal_stimulation_and_medication_stay_with_a_psychiatrist(service: str) -> None:
    assert signers(asked(service)) == set()


def test_a_stay_and_a_drug_are_a_physicians_whatever_code_they_are_sent_under() -> None:
    assert signers(asked("H0004", level_of_care="psych_ip")) == set()
    assert signers(asked("H0004", kind=ServiceKind.PART_B_DRUG)) == set()


@pytest.mark.parametrize(
    ("lob", "state", "may"),
    [
        (Lob.COMMERCIAL_ACA, "NY", True),
        (Lob.MEDICAID, "NY", True),
        (Lob.QHP, "CA", True),
        (Lob.COMMERCIAL_ACA, "IL", False),
        (Lob.MEDICAID, "IL", False),
        (Lob.COMMERCIAL_ACA, "TX", False),
        (Lob.COMMERCIAL_ACA, "WA", False),
        (Lob.MEDICAID, "TX", False),
        (Lob.MEDICAID, "NC", False),
        (Lob.COMMERCIAL_ERISA, "NC", False),
        (Lob.PART_D, "NY", False),
    ],
)
def test_elsewhere_the_law_of_the_state_lets_one_sign_or_a_physician_does(lob: Lob, state: str, may: bool) -> None:
    assert (signers(asked("H0004", lob), state) == {"psychologist"}) is may


def test_an_unknown_state_and_an_employers_own_plan_leave_it_to_a_physician() -> None:
    assert signers(asked("H0004", Lob.COMMERCIAL_ERISA), None) == set()
    assert signers(asked("H0004", Lob.COMMERCIAL_ERISA), "NY", self_funded=True) == set()
    assert signers(asked("H0004", Lob.COMMERCIAL_ERISA), "NY", self_funded=None) == set()
    assert signers(asked("H0004", Lob.COMMERCIAL_ERISA), "NY", self_funded=False) == {"psychologist"}


def test_every_rule_cites_its_law_and_those_that_were_not_read_say_so() -> None:
    assert all(rule.citations and rule.note for rule in RULES.other_deciders)
    assert {rule.rule_id for rule in RULES.other_deciders if not rule.lets_sign} == {
        "PSY-IL",
        "PSY-TX",
        "PSY-WA",
        "PSY-MCD",
        "PSY-COMMERCIAL",
    }
