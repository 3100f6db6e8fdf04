"""Edits, labels, compendia, protections and supplies in a look at a request, from the shipped rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from activities.authorization_review import AuthorizationLookups
from activities.integrations.compendia import Compendia
from activities.integrations.eligibility import DirectoryEligibility
from domain.authorization.assessment import LineAssessment
from domain.authorization.orders import ReviewInput
from domain.drug_limits.outcomes import LimitOutcome
from domain.errors import Unavailable
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.pharmacy.indications import CompendiumAnswer, CompendiumFinding
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.three_valued import Tri
from domain.vocabulary import AskedBy, Channel, Circumstance, CodeSystem, Lob, ReviewKind, ServiceKind, Urgency
from rulebook.rulebook import load_rulebook
from store import directory, requests
from store.session import Store

BOOK = load_rulebook({})
NOON = datetime(2026, 11, 10, 18, tzinfo=UTC)
DRUG_PLAN, MEDICAID = "MBR1000012", "MBR1000003"
JOINTS, OPIOID, SLEEP, TRANSPLANT, ANTIDEPRESSANT = (
    f"99999-{number}-30" for number in ("0123", "0350", "0330", "0340", "0401")
)


def stated(name: str, value: Any, unit: str | None = None) -> Fact:
    source = FactSource(kind=SourceKind.DOCUMENT, reference="note")
    return Fact(id=name, value=value, unit=unit, effective=date(2026, 11, 9), source=source)


def look(
    store: Store,
    code: str,
    *facts: Fact,
    member: str = DRUG_PLAN,
    compendia: Compendia | None = None,
    diagnosis: str | None = "M05.79",
    kind: ServiceKind = ServiceKind.PHARMACY_DRUG,
    **changes: Any,
) -> LineAssessment:
    line = ServiceLine(
        line_id="1",
        code=code,
        code_system=CodeSystem.NDC,
        quantity=Decimal(2),
        unit="pen",
        start=date(2026, 12, 1),
        end=date(2026, 12, 28),
    )
    request = AuthorizationRequest(
        submission_id="test|1",
        received_at=NOON,
        channel=Channel.PORTAL,
        service_kind=kind,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id=member),
        requesting_provider=ProviderReference(npi="1999999984"),
        diagnoses=(diagnosis,) if diagnosis is not None else (),
        lines=(line,),
        facts=facts,
    ).model_copy(update=changes)
    with store.begin() as s:
        version = requests.save(s, "PA-1", request)
    order = ReviewInput(case_id="PA-1", request_version=version, received_at=NOON, events=(), now=NOON)
    lookups = AuthorizationLookups(store, BOOK, DirectoryEligibility(store), compendia)
    return lookups.look_into(order).assessment.lines[0]


def limit(line: LineAssessment, rule_id: str) -> LimitOutcome:
    return next(one for one in line.limits if one.rule_id == rule_id)


def cover(store: Store, member: str, **changes: Any) -> None:
    with store.begin() as s:
        known = directory.coverages(s, member)[0]
        directory.put_coverage(s, known.model_copy(update=changes))


def test_a_dose_within_the_limit_is_met_one_above_is_not_and_one_not_stated_is_asked(store: Store) -> None:
    found = limit(look(store, SLEEP), "EX-DOSE-SLEEP")
    assert (found.state, found.missing_facts) == (Tri.UNKNOWN, ("rx.daily_dose_mg",))


@pytest.mark.parametrize(("dose", "state"), [(10, Tri.MET), (20, Tri.NOT_MET)])
def test_a_stated_dose_is_compared_with_the_limit(store: Store, dose: int, state: Tri) -> None:
    found = limit(look(store, SLEEP, stated("rx.daily_dose_mg", dose, "mg")), "EX-DOSE-SLEEP")
    assert found.state is state and found.allows_approval is (state is Tri.MET)
    assert bool(found.what_would_change) is (state is not Tri.MET)


def test_an_opioid_for_cancer_pain_passes_every_opioid_edit(store: Store) -> None:
    line = look(store, OPIOID, stated("rx.cancer_pain", True))
    opioids = [one for one in line.limits if one.rule_id.startswith("OPIOID")]
    assert len(opioids) == 3 and all(one.state is Tri.MET for one in opioids)


def test_buprenorphine_for_addiction_meets_no_opioid_edit(store: Store) -> None:
    assert not [one for one in look(store, "99999-0359-30").limits if one.rule_id.startswith("OPIOID")]


@pytest.mark.parametrize(("had_part_a", "state"), [(True, Tri.NOT_MET), (False, Tri.MET), (None, Tri.UNKNOWN)])
def test_facts_decide_which_part_of_medicare_pays_and_else_the_provider_is_asked(
    store: Store, had_part_a: bool | None, state: Tri
) -> None:
    facts = (stated("rx.transplant_under_medicare", had_part_a),) if had_part_a is not None else ()
    found = limit(look(store, TRANSPLANT, *facts), "BD-TRANSPLANT")
    assert found.state is state
    assert found.missing_facts == (("rx.transplant_under_medicare",) if state is Tri.UNKNOWN else ())
    assert "not refused" in found.what_would_change or state is Tri.MET


def test_no_statement_for_an_exception_is_asked_about_the_benefit_or_the_indication(store: Store) -> None:
    line = look(store, TRANSPLANT, circumstances=(Circumstance.DRUG_EXCEPTION,), diagnosis=None)
    for rule in ("BD-TRANSPLANT", "PD-INDICATION"):
        assert "rx.exception_statement" not in limit(line, rule).missing_facts


class Fixed:
    """A compendium with one answer for everything."""

    def __init__(self, answer: CompendiumAnswer | None) -> None:
        self._answer = answer

    def look_up(self, names: Any, drug_code: str, diagnoses: Any, day: date) -> CompendiumFinding | None:
        if self._answer is None:
            raise Unavailable("the compendium")
        return CompendiumFinding(answer=self._answer, citation=names[0])


@pytest.mark.parametrize(
    ("compendia", "state", "why"),
    [
        (None, Tri.UNKNOWN, "no compendium was asked"),
        (Fixed(None), Tri.UNKNOWN, "no compendium was asked"),
        (Fixed(CompendiumAnswer.NOT_LISTED), Tri.UNKNOWN, "no listing was found"),
        (Fixed(CompendiumAnswer.SUPPORTED), Tri.MET, "a compendium supports it"),
    ],
)
def test_outside_the_label_the_compendium_answers_and_its_silence_is_a_persons_question(
    store: Store, compendia: Compendia | None, state: Tri, why: str
) -> None:
    found = limit(look(store, JOINTS, diagnosis="H20.9", compendia=compendia), "PD-INDICATION")
    assert found.state is state and why in found.because and not found.missing_facts


def test_a_protected_class_frees_who_may_be_taking_the_drug_but_not_a_new_start(store: Store) -> None:
    supported = Fixed(CompendiumAnswer.SUPPORTED)
    new = look(store, ANTIDEPRESSANT, diagnosis="F33.1", compendia=supported)
    assert new.requirement.required is True, "the claims are complete for the look-back and show none"
    taken = stated("rx.already_on_drug", True)
    free = look(store, ANTIDEPRESSANT, taken, diagnosis="F33.1", compendia=supported)
    assert free.requirement.required is False and "423.120(b)(2)(vi)" in free.requirement.citation


def test_a_protected_class_does_not_answer_what_the_drug_is_for(store: Store) -> None:
    taken = stated("rx.already_on_drug", True)
    assert look(store, ANTIDEPRESSANT, taken, diagnosis="F33.1").requirement.required is True


def test_the_grounds_of_the_states_law_are_among_the_questions_of_a_step(store: Store) -> None:
    cover(store, DRUG_PLAN, lob=Lob.QHP, state="NY", drug_history=None)
    line = look(store, "J2357", kind=ServiceKind.PART_B_DRUG)
    assert "rx.stable_on_drug" in limit(line, "EX-STEP-ASTHMA").missing_facts
    held = look(store, "J2357", stated("rx.stable_on_drug", True), kind=ServiceKind.PART_B_DRUG)
    assert limit(held, "EX-STEP-ASTHMA").state is Tri.MET


def test_the_law_supplies_a_drug_to_new_members_and_in_an_emergency_but_not_after_the_fact(store: Store) -> None:
    assert look(store, JOINTS).supply is None
    emergency = {"circumstances": (Circumstance.DRUG_EMERGENCY,)}
    in_medicaid = look(store, "99999-0500-10", member=MEDICAID, **emergency).supply
    assert in_medicaid is not None and in_medicaid.days == 3
    cover(store, DRUG_PLAN, effective=date(2026, 10, 1))
    new = look(store, JOINTS).supply
    assert new is not None and (new.rule_id, new.days) == ("PD-TRANSITION", 30)
    assert look(store, JOINTS, review_kind=ReviewKind.RETROSPECTIVE).supply is None


def test_a_drug_of_the_pharmacy_has_neither_edit_nor_supply_under_the_medical_benefit(store: Store) -> None:
    line = look(store, OPIOID, kind=ServiceKind.PART_B_DRUG)
    assert line.limits == () and line.supply is None


def test_a_drug_off_the_formulary_and_a_lower_tier_are_exceptions_that_people_decide_on_a_statement(
    store: Store,
) -> None:
    off = look(store, "11111-1111-11", circumstances=(Circumstance.DRUG_EXCEPTION,))
    listed = limit(off, "EX-FORMULARY")
    assert (listed.state, listed.missing_facts) == (Tri.NOT_MET, ("rx.exception_statement",))
    lower = look(store, SLEEP, circumstances=(Circumstance.TIER_EXCEPTION,))
    asked = limit(lower, "EX-FORMULARY")
    assert (asked.state, asked.missing_facts, lower.exception) == (Tri.UNKNOWN, ("rx.exception_statement",), "asked")
    assert not [one for one in look(store, SLEEP).limits if one.rule_id == "EX-FORMULARY"]
