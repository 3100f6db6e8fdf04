"""An exclusion or limit is denied by benefit staff alone, on the exact provision, without a word of clinical judgment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.decisions.benefits import BenefitSignerRule, SignedBenefitDecision
from domain.decisions.checks import signing_violations
from domain.decisions.determination import (
    AdverseDetermination,
    BenefitDetermination,
    Circumstances,
    DeciderRule,
    SignedDecision,
    benefit_violations,
    make_benefit_determination,
    read_adverse_determination,
)
from domain.decisions.prudent_layperson import DenialGround, EmergencyDenial
from domain.decisions.signed import MAY_DECIDE
from domain.errors import Refused
from domain.vocabulary import LineOutcome, Lob, Role, StaffDuty
from tests.domain.authorization.casebook import PHYSICIAN, REASON, START, credential, make_license, reviewer
from tests.domain.decisions.benefit_cases import (
    AT,
    JUDGED,
    NOT_NEEDED,
    OF_PLAN,
    SIGNER,
    STAFF,
    benefit_decision,
    line_of,
)


def broken(signed: SignedBenefitDecision, **changes: Any) -> set[str]:
    who = changes.pop("who", STAFF)
    rule = changes.pop("rule", SIGNER)
    return {one.rule for one in benefit_violations(signed, who, rule, AT.model_copy(update=changes))}


CITE = "BENEFIT-MCD: 42 USC 1396d(r)(5)"


def test_the_proper_benefit_denial_stands_so_that_the_refusals_below_mean_something() -> None:
    made = make_benefit_determination(benefit_decision(), STAFF, SIGNER, AT)
    assert made.lines[0].outcome is LineOutcome.DENIED and made.category == "benefit"
    assert read_adverse_determination(made.model_dump(mode="json")) == made


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BENEFITS}))
def test_no_rulebook_makes_anybody_but_benefit_staff_a_signer_of_benefits(role: Role) -> None:
    with pytest.raises(ValidationError):
        BenefitSignerRule.model_validate(SIGNER.model_dump() | {"roles": (role,)})
    assert Role.BENEFITS not in MAY_DECIDE, "and none makes them a decider of medical necessity"


@pytest.mark.parametrize(
    "who",
    [
        reviewer("benefits", Role.PHYSICIAN, credentials=STAFF.credentials),
        reviewer("benefits", Role.NURSE, credentials=STAFF.credentials),
        reviewer("benefits", Role.BENEFITS, licences=(), credentials=()),
        reviewer("benefits", Role.BENEFITS, credentials=(credential(StaffDuty.DISMISSALS),)),
        reviewer("benefits", Role.BENEFITS, credentials=(credential(StaffDuty.BENEFIT_DECISIONS, date(2026, 1, 1)),)),
    ],
    ids=["physician", "nurse", "no credential", "another credential", "expired"],
)
def test_whoever_lacks_role_or_credential_signs_no_benefit_denial(who: Any) -> None:
    signed = benefit_decision(who, credential=who.credentials[0] if who.credentials else STAFF.credentials[0])
    assert broken(signed, who=who) == {CITE}
    with pytest.raises(Refused):
        make_benefit_determination(signed, who, SIGNER, AT)
    with pytest.raises(ValidationError):
        BenefitDetermination(signed=signed, reviewer=who, rule=SIGNER, circumstances=AT)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"case_id": "PA-OTHER"}, "decision.belongs_to_task"),
        ({"task_id": "PA-TEST-T9"}, "decision.belongs_to_task"),
        ({"reviewer_id": "somebody"}, "decision.identity"),
        ({"attestation": " "}, "decision.attestation"),
        ({"no_conflict_of_interest": False}, "decision.conflict"),
        ({"signed_at": START - timedelta(days=1)}, "decision.stamp"),
        ({"signed_at": START + timedelta(days=1)}, "decision.stamp"),
        ({"provision_id": "NOBODY-WROTE-IT"}, "benefit.provision"),
        ({"lines": (line_of(line_id="2"),)}, "decision.lines"),
        ({"lines": (line_of(outcome=LineOutcome.APPROVED),)}, "decision.lines"),
        ({"lines": (line_of(None),)}, "benefit.exact_provision"),
    ],
)
def test_a_benefit_denial_that_lacks_one_thing_is_refused(changes: dict[str, Any], rule: str) -> None:
    assert rule in broken(benefit_decision(**changes))
    with pytest.raises(ValidationError):
        BenefitDetermination(signed=benefit_decision(**changes), reviewer=STAFF, rule=SIGNER, circumstances=AT)


def test_a_benefit_denial_changed_after_signing_no_longer_counts() -> None:
    assert broken(benefit_decision().model_copy(update={"attestation": "Other words."})) == {"decision.signature"}


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "We cover one device."},
        {"rule_citation": "Member Handbook, Section 6"},
        {"plan_provision": None},
        {"findings": ()},
        {"gap": " "},
        {"plain_words": ""},
        {"emergency": EmergencyDenial(grounds=(DenialGround.PRESENTING_SYMPTOMS,))},
    ],
)
def test_the_reason_holds_the_provision_word_for_word_with_its_place_and_no_other_category(
    changes: dict[str, Any],
) -> None:
    assert "benefit.exact_provision" in broken(benefit_decision(lines=(line_of(OF_PLAN.model_copy(update=changes)),)))


@pytest.mark.parametrize(
    "said",
    [
        "A second device is not medically necessary for you, because the one that you have still works well enough.",
        "You do not meet the clinical criteria for a second device of this kind in this calendar year, we found.",
        "Your symptoms do not show that a second device of this kind would help you in this calendar year at all.",
        "A second device of this kind would be experimental for you, and the handbook has no place for that at all.",
    ],
)
@pytest.mark.parametrize("field", ["plain_words", "gap", "what_would_change"])
def test_a_benefit_reason_with_a_word_of_clinical_judgment_is_refused(said: str, field: str) -> None:
    reason = OF_PLAN.model_copy(update={field: said})
    assert "benefit.clinical_words" in broken(benefit_decision(lines=(line_of(reason),)))


def test_a_provision_that_takes_judgment_is_not_applied_by_benefit_staff() -> None:
    assert broken(benefit_decision(provision_id=JUDGED.provision_id)) == {"benefit.needs_judgment"}


def test_emergency_care_is_not_denied_by_a_provision() -> None:
    assert broken(benefit_decision(), is_emergency=True) == {"benefit.emergency"}


def test_a_part_within_the_limit_is_not_approved_by_benefit_staff_while_a_clinical_question_is_open() -> None:
    part = benefit_decision(lines=(line_of(outcome=LineOutcome.APPROVED_IN_PART, approved_quantity=1),))
    assert broken(part) == set()
    assert broken(part, criteria_settled=False) == {"benefit.part_needs_clinician"}
    nothing = benefit_decision(lines=(line_of(outcome=LineOutcome.APPROVED_IN_PART),))
    assert broken(nothing) == {"decision.partial"}


# -- under 21 in Medicaid ------------------------------------------------------------------------------------------------------


def test_under_21_nobody_signs_before_a_clinician_has_answered_and_not_against_the_answer() -> None:
    signed = benefit_decision()
    assert broken(signed, clinician_first=True) == {CITE}
    assert broken(signed, clinician_first=True, need=NOT_NEEDED.model_copy(update={"necessary": True})) == {CITE}
    assert broken(signed, clinician_first=True, need=NOT_NEEDED.model_copy(update={"line_id": "2"})) == {CITE}
    assert broken(signed, clinician_first=True, need=NOT_NEEDED) == set()
    with pytest.raises(ValidationError):
        BenefitDetermination(
            signed=signed,
            reviewer=STAFF,
            rule=SIGNER,
            circumstances=AT.model_copy(update={"clinician_first": True}),
        )


# -- one category is not the other ---------------------------------------------------------------------------------------------


def test_a_clinicians_decision_is_no_benefit_decision_and_a_benefit_decision_no_clinicians() -> None:
    made = make_benefit_determination(benefit_decision(), STAFF, SIGNER, AT)
    with pytest.raises(ValidationError):
        SignedDecision.model_validate(made.signed.model_dump())
    with pytest.raises(ValidationError):
        AdverseDetermination.model_validate(made.model_dump())
    forged = made.model_dump(mode="json")
    forged["reviewer"] = PHYSICIAN.model_dump(mode="json")
    assert read_adverse_determination(forged) is None


def test_benefit_staff_with_a_borrowed_license_sign_nothing_clinical() -> None:
    rule = DeciderRule(
        rule_id="DEC-MA-OD",
        lob=Lob.MEDICARE_ADVANTAGE,
        roles=(Role.PHYSICIAN,),
        professions=("physician",),
        unrestricted_licence=True,
        same_state=False,
        specialty=False,
        peer_to_peer_first=False,
        citations=("42 CFR 422.566(d)",),
        confidence="confirmed",
    )
    at = Circumstances(
        case_id="PA-TEST",
        task_id="T",
        task_opened_at=START,
        line_ids=("1",),
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        fitting_specialties=(),
        involved_npis=(),
        evidence=(),
        codes=(),
        open_criteria=(),
        peer_to_peer_settled=True,
        now=START + timedelta(hours=3),
    )
    signed = SignedDecision(
        decision_id="D",
        case_id="PA-TEST",
        task_id="T",
        reviewer_id="benefits",
        licence=make_license(),
        specialty="",
        no_conflict_of_interest=True,
        evidence_opened=(),
        criteria_answered=(),
        lines=(line_of(REASON),),
        attestation="I reviewed it.",
        signed_at=START + timedelta(hours=2),
    ).with_signature()
    assert {one.rule for one in signing_violations(signed, STAFF, rule, at)} == {"DEC-MA-OD: 42 CFR 422.566(d)"}
    licensed = STAFF.model_copy(update={"licences": (make_license(),)})
    found = signing_violations(signed, licensed, rule, at)
    assert any("may sign an adverse decision" in one.message for one in found), "the role decides, not the paper"
