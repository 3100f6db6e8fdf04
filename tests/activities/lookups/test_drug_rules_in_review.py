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
from domain.authorization.orders import ReviewContext, ReviewInput
from domain.clocks.engine import DueKind
from domain.coverage.directory import Member
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
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


def look(store: Store, code: str, *facts: Fact, **changes: Any) -> LineAssessment:
    return whole_look(store, code, *facts, **changes).assessment.lines[0]


def whole_look(
    store: Store,
    code: str,
    *facts: Fact,
    member: str = DRUG_PLAN,
    compendia: Compendia | None = None,
    diagnosis: str | None = "M05.79",
    kind: ServiceKind = ServiceKind.PHARMACY_DRUG,
    **changes: Any,
) -> ReviewContext:
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
    return lookups.look_into(order)


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


@pytest.mark.parametrize(
    ("dose", "unit"), [(0, "mg"), (-5, "mg"), (1_000_000, "mg"), (5, "ug"), (5, "mL"), (5, None), ("five", "mg")]
)
def test_a_dose_in_another_unit_or_one_that_cannot_be_is_no_dose(store: Store, dose: Any, unit: str | None) -> None:
    found = limit(look(store, SLEEP, stated("rx.daily_dose_mg", dose, unit)), "EX-DOSE-SLEEP")
    assert (found.state, found.missing_facts) == (Tri.UNKNOWN, ("rx.daily_dose_mg",))


def test_a_reviewer_reads_which_measurement_came_in_a_unit_in_which_it_does_not_count(store: Store) -> None:
    (remark,) = whole_look(store, SLEEP, stated("rx.daily_dose_mg", 5, "ug")).assessment.remarks
    assert str(remark) == "rx.daily_dose_mg came in ug and counts in mg only: units are never converted"
    assert not whole_look(store, SLEEP, stated("rx.daily_dose_mg", 5, "mg")).assessment.remarks


@pytest.mark.parametrize("days", [0, -7])
def test_an_opioid_for_no_days_at_all_is_no_short_supply(store: Store, days: int) -> None:
    found = limit(look(store, OPIOID, stated("rx.days_supply", days, "d")), "OPIOID-7-DAYS")
    assert found.state is Tri.UNKNOWN


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
    cover(store, DRUG_PLAN, lob=Lob.MEDICARE_ADVANTAGE)
    line = look(store, OPIOID, kind=ServiceKind.PART_B_DRUG)
    assert line.limits == () and line.supply is None


@pytest.mark.parametrize("kind", [ServiceKind.PART_B_DRUG, ServiceKind.MEDICAL])
def test_under_a_drug_plan_another_kind_of_service_passes_by_neither_edit_nor_label(
    store: Store, kind: ServiceKind
) -> None:
    line = look(store, "99999-0351-30", kind=kind)
    assert limit(line, "PD-INDICATION").state is Tri.UNKNOWN
    assert not limit(look(store, SLEEP, kind=kind), "EX-DOSE-SLEEP").allows_approval


def test_who_reviews_a_drug_of_a_protected_class_reads_that_no_step_may_be_asked(store: Store) -> None:
    taken = stated("rx.already_on_drug", True)
    found = limit(look(store, ANTIDEPRESSANT, taken, diagnosis="F33.1"), "PD-ANTIDEPRESSANTS")
    assert (found.state, found.kind) == (Tri.MET, LimitKind.STEP)


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


HAD_PART_A = stated("rx.transplant_under_medicare", True)


def with_medical_benefit(store: Store) -> None:
    """The drug plan of DRUG_PLAN as an MA-PD plan, whose medical coverage is listed first."""
    with store.begin() as s:
        drugs = directory.coverages(s, DRUG_PLAN)[0]
        medical = {"coverage_id": "COV-MA", "lob": Lob.MEDICARE_ADVANTAGE, "drug_history": None}
        directory.put_coverage(s, drugs.model_copy(update=medical | {"effective": date(2025, 2, 1)}))
        directory.put_coverage(s, drugs.model_copy(update={"medical_coverage_id": "COV-MA"}))


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("circumstances", [None, (Circumstance.DRUG_EXCEPTION,)])
def test_a_part_b_drug_of_an_ma_pd_plan_goes_on_under_its_medical_benefit_with_its_receipt_and_no_later_clock(
    store: Store, urgency: Urgency, circumstances: tuple[Circumstance, ...] | None
) -> None:
    asked = {
        "circumstances": circumstances,
        "urgency": UrgencyClaim(urgency=urgency, asked_by=AskedBy.PROVIDER, physician_statement=True),
    }
    before = whole_look(store, TRANSPLANT, HAD_PART_A, **asked)
    with_medical_benefit(store)
    moved = whole_look(store, TRANSPLANT, HAD_PART_A, **asked)
    assert (before.assessment.lob, moved.assessment.lob) == (Lob.PART_D, Lob.MEDICARE_ADVANTAGE)
    assert (moved.service_kind, moved.moved_version) == (ServiceKind.PART_B_DRUG, 3)
    assert moved.received_at is None and moved.assessment.lines[0].other_benefit is None
    assert moved.moved_because is not None and moved.moved_because.paid_by == "Medicare Part B"
    with store.read() as s:
        kept = requests.load(s, "PA-1", moved.moved_version).request
    assert (kept.received_at, kept.covered_by) == (NOON, "COV-MA")

    def decided_by(context: ReviewContext) -> datetime:
        return min(one.at for clock in context.clocks for one in clock.due if one.kind is DueKind.DECISION)

    assert decided_by(moved) <= decided_by(before)


def test_a_look_that_is_repeated_moves_the_request_once(store: Store) -> None:
    with_medical_benefit(store)
    moved = whole_look(store, TRANSPLANT, HAD_PART_A)
    order = ReviewInput(case_id="PA-1", request_version=1, received_at=NOON, events=(), now=NOON)
    again = AuthorizationLookups(store, BOOK, DirectoryEligibility(store), None).look_into(order)
    assert moved.moved_version == again.moved_version == 2


def test_a_drug_plan_alone_moves_nothing_and_a_drug_of_part_d_stays_under_part_d(store: Store) -> None:
    alone = whole_look(store, TRANSPLANT, HAD_PART_A)
    found = alone.assessment.lines[0].other_benefit
    assert alone.moved_version is None and found is not None and not found.same_plan
    assert found.paid_by == "Medicare Part B" and found.signed_answer and alone.moved_because is None
    with_medical_benefit(store)
    for facts in ((), (stated("rx.transplant_under_medicare", False),)):
        stays = whole_look(store, TRANSPLANT, *facts)
        assert (stays.assessment.lob, stays.moved_version) == (Lob.PART_D, None)


SELF_GIVEN = (stated("rx.given_by_clinician", False), stated("rx.given_through_home_pump", False))
AUTO_INJECTOR = "99999-0344-10"


def test_a_drug_of_part_d_that_was_asked_for_under_part_b_goes_on_under_the_plans_drug_benefit(store: Store) -> None:
    with_medical_benefit(store)
    moved = whole_look(store, AUTO_INJECTOR, *SELF_GIVEN, service_kind=ServiceKind.PART_B_DRUG)
    assert (moved.assessment.lob, moved.service_kind) == (Lob.PART_D, ServiceKind.PHARMACY_DRUG)
    assert moved.moved_because is not None and moved.moved_because.paid_by == "Medicare Part D"
    with store.read() as s:
        kept = requests.load(s, "PA-1", moved.moved_version).request
    assert (kept.received_at, kept.lines[0].code) == (NOON, AUTO_INJECTOR) and kept.covered_by != "COV-MA"


def test_what_was_moved_is_not_moved_back(store: Store) -> None:
    with_medical_benefit(store)
    facts = (*SELF_GIVEN, HAD_PART_A)
    back = {"service_kind": ServiceKind.PART_B_DRUG, "covered_by": "COV-MA"}
    stays = whole_look(store, AUTO_INJECTOR, *facts, **back)
    assert (stays.assessment.lob, stays.moved_version) == (Lob.MEDICARE_ADVANTAGE, None)


BONES = "99999-0320-30"


@pytest.mark.parametrize(
    ("recorded", "state"), [("female", Tri.MET), ("male", Tri.NOT_MET), ("other", Tri.NOT_MET), (None, Tri.UNKNOWN)]
)
def test_the_sex_is_read_from_the_members_record_and_only_asked_where_it_is_not_recorded(
    store: Store, recorded: str | None, state: Tri
) -> None:
    with store.begin() as s:
        known = directory.member(s, DRUG_PLAN)
        assert known is not None and known.sex is None
        directory.put_member(s, Member.model_validate(known.model_dump() | {"sex": recorded}))
    found = limit(look(store, BONES), "EX-SEX-OSTEOPOROSIS")
    assert found.state is state
    assert found.missing_facts == (("rx.sex_for_drug",) if recorded is None else ())


def test_what_the_prescriber_states_on_the_sex_that_matters_counts_before_the_record(store: Store) -> None:
    with store.begin() as s:
        known = directory.member(s, DRUG_PLAN)
        assert known is not None
        directory.put_member(s, Member.model_validate(known.model_dump() | {"sex": "male"}))
    assert limit(look(store, BONES, stated("rx.sex_for_drug", "female")), "EX-SEX-OSTEOPOROSIS").state is Tri.MET
