"""Cases that only those who work on them may see."""

from __future__ import annotations

import pytest

from domain.parity.confidentiality import BEHAVIORAL_LEVELS, Confidentiality, confidentiality_of, is_behavioral_code
from domain.parity.policy import ParityPolicy
from domain.vocabulary import ProcessKind, ServiceKind
from rulebook.code_map import SHIPPED_MAP
from rulebook.yamlfile import RULEBOOK_ROOT, read_yaml, to_model


def test_every_public_code_of_a_behavioral_benefit_makes_a_case_confidential() -> None:
    parity = to_model(read_yaml(RULEBOOK_ROOT / "review" / "parity.yaml"), ParityPolicy)
    groups = {one["id"]: one for one in read_yaml(SHIPPED_MAP).data["service_groups"]}
    assert set(parity.behavioral.levels_of_care) == BEHAVIORAL_LEVELS
    for name in parity.behavioral.service_groups:
        group = groups[name]
        codes = [*group.get("hcpcs", ()), *(f"{one:0<7}" for one in group.get("icd10pcs_prefix", ()))]
        assert [code for code in codes if not is_behavioral_code(code)] == [], name


@pytest.mark.parametrize(
    "code",
    [
        "E0601",
        "72148",
        "J2357",
        "0SG00A0",
        "0120",
        "G0299",
        "H",
        "0HB0XZZ",
        "L1234",
        "90784",
        "90901",
        "97150",
        "97161",
        "9083",
        "908371",
    ],
)
def test_a_code_of_other_care_makes_none(code: str) -> None:
    assert not is_behavioral_code(code)


@pytest.mark.parametrize(
    "code",
    ["90785", "90791", "90792", "90832", "90837", "90853", "90870", "96130", "97151", "97158", "0373t", " 90834 "],
)
def test_psychotherapy_tests_and_behavior_analysis_are_behavioral_by_their_numbers(code: str) -> None:
    asked = confidentiality_of(ProcessKind.REQUEST, ServiceKind.MEDICAL, [code])
    assert asked is Confidentiality.BEHAVIORAL


def test_a_program_that_its_sender_calls_medical_is_behavioral_by_its_code() -> None:
    asked = confidentiality_of(ProcessKind.REQUEST, ServiceKind.MEDICAL, ["E0601", "h0015"])
    assert asked is Confidentiality.BEHAVIORAL


def test_a_case_is_confidential_by_its_kind_its_level_or_its_process() -> None:
    assert confidentiality_of(ProcessKind.REQUEST, ServiceKind.BEHAVIORAL) is Confidentiality.BEHAVIORAL
    stay = confidentiality_of(ProcessKind.STAY, levels=["inpatient_ward", None, "psych_ip"])
    assert stay is Confidentiality.BEHAVIORAL
    assert confidentiality_of(ProcessKind.CONCERN) is Confidentiality.CONCERN
    assert confidentiality_of(ProcessKind.STAY, levels=[None, "inpatient_ward"]) is None
    assert confidentiality_of(None) is None
