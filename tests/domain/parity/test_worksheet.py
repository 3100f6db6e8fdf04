"""The parity worksheet puts each benefit on its side and in its classification, and names the differences."""

from __future__ import annotations

import pytest

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import AuthorizationNeed, RequirementRule
from domain.parity.worksheet import BenefitSide, Classification, ParityWorksheet, write_worksheet
from domain.vocabulary import Lob, ServiceKind
from rulebook.rulebook import load_rulebook

BOOK = load_rulebook({})
POLICY = BOOK.review.parity
assert POLICY is not None
TITLES = {group.id: group.title for group in BOOK.code_map.groups}
BOTH_INPATIENT = {Classification.INPATIENT_IN_NETWORK, Classification.INPATIENT_OUT_OF_NETWORK}
BOTH_OUTPATIENT = {Classification.OUTPATIENT_IN_NETWORK, Classification.OUTPATIENT_OUT_OF_NETWORK}


def sheet(*rules: RequirementRule, lob: Lob = Lob.COMMERCIAL_ACA, bans: bool = False) -> ParityWorksheet:
    """The worksheet of these rules, or of the shipped ones when none is given."""
    assert POLICY is not None
    listed = rules or BOOK.review.requirements
    forbidden = BOOK.review.authorization_bans if bans else ()
    return write_worksheet(POLICY, listed, forbidden, BOOK.criteria.guidelines, TITLES, lob)


def rule(**content: object) -> RequirementRule:
    base = {"rule_id": "X", "need": AuthorizationNeed.REQUIRED, "because": "x", "cite": "x"}
    return RequirementRule.model_validate(base | content)


def places(found: ParityWorksheet, side: BenefitSide) -> set[Classification]:
    return {one.classification for one in found.entries if one.side is side}


@pytest.mark.parametrize(
    ("content", "side", "expected"),
    [
        ({"service_groups": ["intensive_outpatient_program"]}, BenefitSide.BEHAVIORAL, BOTH_OUTPATIENT),
        ({"levels_of_care": ["psych_ip"]}, BenefitSide.BEHAVIORAL, BOTH_INPATIENT),
        ({"levels_of_care": ["icu"]}, BenefitSide.MEDICAL, BOTH_INPATIENT),
        ({"codes": ["E0601"]}, BenefitSide.MEDICAL, BOTH_OUTPATIENT),
        ({"codes": ["X-CARE"], "service_kinds": ["behavioral"]}, BenefitSide.BEHAVIORAL, BOTH_OUTPATIENT),
        (
            {"codes": ["X-DRUG"], "service_kinds": ["pharmacy_drug"]},
            BenefitSide.MEDICAL,
            {Classification.PRESCRIPTION_DRUGS},
        ),
        ({"codes": ["X-ER"], "places_of_service": ["23"]}, BenefitSide.MEDICAL, {Classification.EMERGENCY}),
    ],
)
def test_a_benefit_stands_on_its_side_and_in_its_classification(
    content: dict[str, object], side: BenefitSide, expected: set[Classification]
) -> None:
    found = sheet(rule(**content))
    assert places(found, side) == expected
    assert {one.side for one in found.entries} == {side}


def test_a_network_narrows_the_classification() -> None:
    found = sheet(rule(codes=["E0601"], network=NetworkStatus.OUT_OF_NETWORK))
    assert places(found, BenefitSide.MEDICAL) == {Classification.OUTPATIENT_OUT_OF_NETWORK}


def test_a_rule_about_every_drug_or_everything_outside_the_network_counts_on_both_sides() -> None:
    drugs = sheet(rule(service_kinds=[ServiceKind.PHARMACY_DRUG]))
    assert {(one.side, one.classification) for one in drugs.entries} == {
        (side, Classification.PRESCRIPTION_DRUGS) for side in BenefitSide
    }
    outside = sheet(rule(network=NetworkStatus.OUT_OF_NETWORK))
    assert places(outside, BenefitSide.BEHAVIORAL) == places(outside, BenefitSide.MEDICAL)
    assert Classification.INPATIENT_OUT_OF_NETWORK in places(outside, BenefitSide.MEDICAL)


def test_authorization_on_the_behavioral_side_alone_is_a_difference_to_look_at() -> None:
    found = sheet(rule(service_groups=["intensive_outpatient_program"]))
    assert any(
        "outpatient, in network: 1 behavioral benefit must be authorized and no medical" in one
        for one in found.to_look_at
    )
    other = rule(rule_id="Y", codes=["E0601"])
    assert not any(
        "no medical or surgical one does" in one
        for one in sheet(rule(service_groups=["withdrawal_management"]), other).to_look_at
    )


def test_approval_by_rule_on_the_medical_side_alone_is_a_difference_to_look_at() -> None:
    medical = next(found for found in BOOK.criteria.guidelines if found.id == "OXY")
    own = medical.model_copy(
        update={"applies_to": medical.applies_to.model_copy(update={"lobs": (Lob.COMMERCIAL_ACA,)})}
    )
    assert POLICY is not None
    listed = (rule(service_groups=["withdrawal_management"]), rule(rule_id="Y", service_groups=["home_oxygen"]))
    found = write_worksheet(POLICY, listed, (), (own, *BOOK.criteria.guidelines), TITLES, Lob.COMMERCIAL_ACA)
    assert any(
        "1 of 1 medical or surgical benefits may be approved by rule and none of 1" in one for one in found.to_look_at
    )


def test_the_shipped_worksheet_holds_every_requirement_with_its_reason_citation_and_criteria() -> None:
    found = sheet(bans=True)
    listed = {one.rule_id for one in found.entries}
    bound = [one for one in BOOK.review.requirements if not one.lobs or Lob.COMMERCIAL_ACA in one.lobs]
    assert {one.rule_id for one in bound} <= listed and "NY-OPIOID-MEDICATION" in listed
    assert "NY-MCD-OPIOID-MEDICATION" not in listed
    assert all(one.because and one.cite for one in found.entries)
    residential = next(one for one in found.entries if one.what == "Residential treatment of substance use")
    assert residential.guidelines == {"EXRES": False}


def test_medicare_is_compared_without_a_law_that_binds_it() -> None:
    assert sheet(lob=Lob.MEDICARE_ADVANTAGE).law is None
    assert sheet(lob=Lob.MEDICAID).law == "42 CFR 438.910"
