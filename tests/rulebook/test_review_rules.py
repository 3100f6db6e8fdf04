"""The plan's own rules of review: what they say, and what no rulebook can say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import LineInContext, find_requirement, find_specialties
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ServiceKind
from rulebook.code_map import load_code_map
from rulebook.review_rules import REVIEW, NoDecider, load_review_rules
from rulebook.yamlfile import RulebookErrors

RULES = load_review_rules()
CODES = load_code_map({})


def asked(code: str, kind: ServiceKind = ServiceKind.MEDICAL, network: NetworkStatus | None = None) -> LineInContext:
    system = CodeSystem.ICD10PCS if len(code) == 7 else CodeSystem.HCPCS
    line = ServiceLine(line_id="1", code=code, code_system=system, quantity=Decimal(1), start=date(2026, 12, 1))
    groups = CODES.line_codes(line).service_groups
    return LineInContext(
        lob=Lob.MEDICARE_ADVANTAGE, service_kind=kind, line=line, service_groups=groups, network=network
    )


@pytest.mark.parametrize("code", ["E0424", "E1390", "E0601", "K0823", "K0861", "0SG00A0"])
def test_what_is_on_the_list_needs_authorization(code: str) -> None:
    assert find_requirement(RULES.requirements, asked(code)).required is True


def test_a_service_that_no_rule_names_is_not_taken_to_be_free() -> None:
    assert find_requirement(RULES.requirements, asked("A9999")).required is None


BEHAVIORAL = {
    "psychiatry",
    "addiction_medicine",
    "addiction_psychiatry",
    "child_and_adolescent_psychiatry",
    "geriatric_psychiatry",
}


@pytest.mark.parametrize(
    ("network", "required"),
    [(NetworkStatus.IN_NETWORK, False), (NetworkStatus.OUT_OF_NETWORK, None), (None, None)],
)
def test_a_walker_is_free_only_from_a_supplier_known_to_be_in_the_network(
    network: NetworkStatus | None, required: bool | None
) -> None:
    assert find_requirement(RULES.requirements, asked("E0143", network=network)).required is required


@pytest.mark.parametrize(
    ("code", "fits"),
    [("E0424", "pulmonology"), ("E0601", "sleep_medicine"), ("0SG00A0", "neurosurgery"), ("A9999", "family_medicine")],
)
def test_each_service_has_specialties_that_fit_it(code: str, fits: str) -> None:
    assert fits in find_specialties(RULES.specialties, asked(code))
    assert "dermatology" not in find_specialties(RULES.specialties, asked(code))


@pytest.mark.parametrize(
    "code", ["H0035", "H0015", "S9480", "H0010", "H0018", "Q9991", "GZB4ZZZ", "psych_ip", "php", "iop"]
)
def test_a_behavioral_service_is_refused_by_nobody_outside_the_field_whatever_its_sender_calls_it(code: str) -> None:
    fits = set(find_specialties(RULES.specialties, asked(code)))
    assert fits and fits <= BEHAVIORAL, "the sender's kind of service, medical, does not count"


@pytest.mark.parametrize("level", ["psych_ip", "inpatient_psychiatric", "residential", "php", "iop"])
def test_a_behavioral_stay_under_a_revenue_code_is_refused_by_nobody_outside_the_field(level: str) -> None:
    line = asked("0124").line.model_copy(update={"level_of_care": level})
    fits = set(find_specialties(RULES.specialties, asked("0124").model_copy(update={"line": line})))
    assert fits and fits <= BEHAVIORAL


def test_all_power_mobility_on_the_list_has_the_specialties_of_mobility() -> None:
    for code in ("K0800", "K0823", "K0848", "K0861", "K0899"):
        assert "physical_medicine_and_rehabilitation" in find_specialties(RULES.specialties, asked(code))


def test_every_decider_is_a_clinician_with_an_unrestricted_licence() -> None:
    assert set(RULES.deciders) == set(Lob)
    for lob, rule in RULES.deciders.items():
        assert rule.lob is lob and rule.unrestricted_licence
        assert rule.professions and set(rule.professions) <= {"physician", "pharmacist"}


def test_only_part_d_lets_a_pharmacist_decide_and_asks_for_no_fitting_specialty() -> None:
    """42 CFR 423.566(d): sufficient medical and other expertise, within the scope of the licence."""
    assert [lob for lob, rule in RULES.deciders.items() if "pharmacist" in rule.professions] == [Lob.PART_D]
    assert [lob for lob, rule in RULES.deciders.items() if not rule.specialty] == [Lob.PART_D]


def test_a_line_of_business_without_a_decider_is_said_with_the_way_out() -> None:
    without = replace(RULES, deciders={}, state_deciders=())
    with pytest.raises(NoDecider, match=r"deciders.yaml has no entry for part_d: write one"):
        without.decider(Lob.PART_D)


MISTAKES = {
    "a nurse as decider": ("deciders.yaml", "roles: [physician, medical_director]", "roles: [nurse]", "never decide"),
    "a nurse's licence": ("deciders.yaml", "professions: [physician]", "professions: [registered_nurse]", "refer"),
    "nobody as decider": ("deciders.yaml", "roles: [physician, medical_director]", "roles: []", "roles"),
    "two deciders": ("deciders.yaml", "lob: medicaid", "lob: medicare_advantage", "a second entry"),
    "a wait as long as the clock": ("policy.yaml", "information_wait_share: 0.6", "information_wait_share: 1", "1"),
    "no time for a repair": ("policy.yaml", "letter_repair_hours: 4", "letter_repair_hours: 0", "0"),
    "everything free": (
        "requirements.yaml",
        "codes: [A4217, A4250, E0100, E0105, E0110, E0112, E0114, E0130, E0135, E0143, E0163]",
        "places_of_service: ['11']",
        "has to be named",
    ),
    "every code": ("requirements.yaml", 'codes: ["K08*"]', 'codes: ["*"]', "whole, or as its beginning"),
    "a specialty for everything in front": (
        "specialties.yaml",
        "- service_groups: [home_oxygen]",
        "- specialties: [dermatology]\n  because: x\n- service_groups: [home_oxygen]",
        "never count",
    ),
    "no specialty": (
        "specialties.yaml",
        "specialties: [sleep_medicine, pulmonology]",
        "specialties: []",
        "specialties",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    file, right, wrong, said = MISTAKES[name]
    folder = tmp_path / "review"
    shutil.copytree(REVIEW, folder)
    text = (folder / file).read_text()
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1))
    with pytest.raises(RulebookErrors) as refused:
        load_review_rules(folder)
    assert file in str(refused.value) and said in str(refused.value)
