"""Questions of the criteria lookup, and whom they go to: the request, the plan, and renewals that the plan knows of."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.lookups.criteria import CriteriaEvaluator
from domain.authorization.assessment import CriteriaFinding
from domain.authorization.orders import ReviewInput
from domain.cases.views import CaseStatus, LineView
from domain.cited_value import Confidence
from domain.coverage.directory import Coverage
from domain.criteria.trace import CriteriaResult
from domain.evidence.facts import EvidenceTier, Fact, FactSource, HeldFact, SourceKind
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import (
    AskedBy,
    CertificationType,
    Channel,
    CodeSystem,
    LineOutcome,
    Lob,
    ServiceKind,
    Urgency,
)
from rulebook.rulebook import load_rulebook
from store import criteria_traces, directory, read_models, requests
from store.session import Store
from tests.store.samples import case_view
from tests.workflows.care_requests import OXYGEN_FACTS

BOOK = load_rulebook({})
NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)
TODAY = date(2026, 3, 10)
HOSPITAL = "1215000062"
VALVE = "02RF38Z"
VALVE_FACTS: dict[str, Any] = {
    "tavr.symptomatic_as": True,
    "tavr.on_label": True,
    "tavr.surgeon_exam": True,
    "tavr.ic_exam": True,
    "tavr.joint_operators": True,
    "tavr.comorbidity_precludes_benefit": False,
}
RENEWAL_FACTS: dict[str, Any] = {
    "pap.reeval_day": 60,
    "pap.symptoms_improved": True,
    "pap.adherent_nights_pct": 82,
    "pap.adherence_reviewed": True,
}
KINDS = {
    EvidenceTier.STRUCTURED: SourceKind.STRUCTURED_RESOURCE,
    EvidenceTier.DOCUMENT: SourceKind.DOCUMENT,
    EvidenceTier.ATTEST: SourceKind.ATTESTATION,
    EvidenceTier.JUDGMENT: SourceKind.CLINICIAN_JUDGMENT,
}


def asked(
    code: str,
    system: CodeSystem = CodeSystem.HCPCS,
    facts: dict[str, Any] | None = None,
    servicing: str | None = None,
    certification: CertificationType = CertificationType.INITIAL,
    until: date | None = None,
    recorded_by: str | None = None,
) -> AuthorizationRequest:
    dictionary = BOOK.criteria.dictionary.by_id
    line = ServiceLine(line_id="1", code=code, code_system=system, start=TODAY, end=until, certification=certification)
    return AuthorizationRequest(
        submission_id="test|1",
        received_at=NOON,
        channel=Channel.PORTAL,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="MBR1000001"),
        requesting_provider=ProviderReference(npi="1999999984"),
        servicing_provider=ProviderReference(npi=servicing) if servicing else None,
        lines=(line,),
        facts=tuple(
            Fact(
                id=name,
                value=value,
                unit=dictionary[name].unit,
                effective=TODAY,
                source=FactSource(
                    kind=KINDS[dictionary[name].evidence],
                    reference=f"doc/{name}",
                    recorded_by="md.reyes" if dictionary[name].evidence is EvidenceTier.JUDGMENT else recorded_by,
                ),
            )
            for name, value in (facts or {}).items()
        ),
    )


def confirm(monkeypatch: pytest.MonkeyPatch, *names: str, by_rule: bool = True) -> None:
    """The shipped criteria, with guidelines as if they were confirmed, and approved by rule or left to people."""
    allowed = {"auto_approve": by_rule}
    guidelines = tuple(
        found.model_copy(
            update={**allowed, "source": found.source.model_copy(update={"confidence": Confidence.CONFIRMED})}
        )
        if found.id in names
        else found
        for found in BOOK.criteria.guidelines
    )
    book = replace(BOOK, criteria=replace(BOOK.criteria, guidelines=guidelines))
    monkeypatch.setattr(sys.modules[__name__], "BOOK", book)


def judged(store: Store, request: AuthorizationRequest, **changes: Any) -> CriteriaFinding | None:
    order = ReviewInput(case_id="PA-1", request_version=1, received_at=NOON, events=(), now=NOON)
    with store.begin() as s:
        coverage = directory.coverage_on(s, "MBR1000001", TODAY)
        assert coverage is not None
        changed: Coverage = coverage.model_copy(update=changes)
        services, (line, *_) = CriteriaEvaluator(BOOK), request.lines
        return services.evaluate_line(
            s, order, request, services.gather_evidence(s, request, None, changed).of_line(line), line, changed, TODAY
        )


def test_facility_facts_come_from_the_directory_and_settle_the_rule(store: Store) -> None:
    found = judged(store, asked(VALVE, CodeSystem.ICD10PCS, VALVE_FACTS, servicing=HOSPITAL))
    assert found is not None
    assert (found.guideline_id, found.state, found.auto_approvable) == ("TAVR", "met", False)


def test_a_facility_that_the_directory_does_not_know_is_looked_up_by_the_plan_and_not_asked_of_the_provider(
    store: Store,
) -> None:
    found = judged(store, asked(VALVE, CodeSystem.ICD10PCS, VALVE_FACTS, servicing="1999999984"))
    assert found is not None and found.state == "unknown"
    assert "fac.national_registry" in found.facts_held_by_plan
    assert not any(fact.startswith("fac.") for fact in found.missing_facts)


def test_a_providers_word_on_its_own_volumes_does_not_count(store: Store) -> None:
    with store.read() as s:
        hospital = directory.provider(s, HOSPITAL)
    assert hospital is not None
    volumes = {held.fact: held.value for held in hospital.facts if held.fact.startswith("fac.")}
    claimed = asked(VALVE, CodeSystem.ICD10PCS, {**VALVE_FACTS, **volumes}, servicing="1999999984")
    found = judged(store, claimed)
    assert found is not None and found.state == "unknown"


def test_a_reviewer_who_looked_the_volumes_up_may_record_them(store: Store) -> None:
    with store.read() as s:
        hospital = directory.provider(s, HOSPITAL)
    assert hospital is not None
    volumes = {held.fact: held.value for held in hospital.facts if held.fact.startswith("fac.")}
    facts = {**VALVE_FACTS, **volumes}
    found = judged(store, asked(VALVE, CodeSystem.ICD10PCS, facts, servicing="1999999984", recorded_by="nurse.adams"))
    assert found is not None and found.state == "met"


def test_a_national_rule_does_not_bind_a_plan_that_is_not_medicares(store: Store) -> None:
    request = asked(VALVE, CodeSystem.ICD10PCS, VALVE_FACTS, servicing=HOSPITAL)
    assert judged(store, request, lob=Lob.COMMERCIAL_ERISA) is None


def test_a_waiver_of_the_benefit_plan_is_read_from_the_coverage(store: Store) -> None:
    request = asked("NF", CodeSystem.OTHER, {"snf.ordered": True})
    line = request.lines[0].model_copy(update={"level_of_care": "skilled_nursing_facility"})
    request = request.model_copy(update={"lines": (line,)})
    without = judged(store, request)
    waived = (HeldFact(fact="snf.plan_waives_3day", value=True, as_of=date(2026, 1, 1)),)
    with_it = judged(store, request, facts=waived)
    assert without is not None and with_it is not None
    assert without.facts_held_by_plan == ("snf.plan_waives_3day",) and with_it.facts_held_by_plan == ()
    assert with_it.why_this_rule is not None and "no national determination" in with_it.why_this_rule


def test_a_first_request_is_never_judged_by_the_rule_on_continuing(store: Store) -> None:
    found = judged(store, asked("E0601", facts=RENEWAL_FACTS))
    assert found is not None and (found.guideline_id, found.state) == ("PAP", "unknown")


def test_a_renewal_that_the_plan_knows_of_is_approved_by_a_confirmed_rule_on_continuing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(monkeypatch, "PAPC")
    _approved_before(store, "E0601")
    found = judged(
        store, asked("E0601", facts=RENEWAL_FACTS, certification=CertificationType.RENEWAL, until=date(2026, 6, 9))
    )
    assert found is not None
    assert (found.guideline_id, found.state, found.auto_approvable) == ("PAPC", "met", True)


def test_a_met_rule_that_never_approves_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    confirm(monkeypatch, "PAPC", by_rule=False)
    _approved_before(store, "E0601")
    renewal = asked("E0601", facts=RENEWAL_FACTS, certification=CertificationType.RENEWAL, until=date(2026, 6, 9))
    found = judged(store, renewal)
    assert found is not None and found.state == "met"
    assert found.why_not_by_rule == "the guideline leaves every approval to people"
    confirm(monkeypatch, "PAPC")
    told = judged(store, renewal)
    assert told is not None and told.why_not_by_rule is None


@pytest.mark.parametrize("before", [None, "E1390"])
def test_a_renewal_of_what_the_plan_never_approved_goes_to_a_person(store: Store, before: str | None) -> None:
    if before is not None:
        _approved_before(store, before)
    found = judged(store, asked("E0601", facts=RENEWAL_FACTS, certification=CertificationType.RENEWAL))
    assert found is not None
    assert (found.guideline_id, found.state, found.auto_approvable) == ("PAPC", "met", False)


def _approved_before(store: Store, code: str) -> None:
    """A closed case of the member in which the plan approved the code."""
    view = case_view("PA-0", member_id="MBR1000001", status=CaseStatus.APPROVED, received_at=NOON)
    line = LineView(line_id="1", code=code, description=code, route="approved", outcome=LineOutcome.APPROVED)
    data = {"case": view.model_dump(mode="json"), "lines": [line.model_dump(mode="json")]}
    entry = EntryDraft(seq=1, at=NOON, kind=EntryKind.CLOSED, actor=UMPIRE, summary="Closed.", data=data)
    with store.begin() as s:
        requests.save(s, "PA-0", asked(code))
        read_models.record_entries(s, "PA-0", (entry,))


def test_the_provider_is_asked_what_one_branch_needs_and_the_letter_finds_the_same_questions(store: Store) -> None:
    found = judged(store, asked("E1390", CodeSystem.HCPCS, {}))
    assert found is not None and found.asks is not None
    assert set(found.asks) < set(found.missing_facts) and "o2.sat_sleep" not in found.asks
    with store.read() as s:
        stored = criteria_traces.load(s, found.verdict_id).verdict
    result = TypeAdapter(CriteriaResult).validate_python(stored)
    assert result.questions is not None
    assert {need.fact for question in result.questions for need in question.needs()} == set(found.asks)


def test_what_is_settled_asks_for_nothing(store: Store) -> None:
    found = judged(store, asked(VALVE, CodeSystem.ICD10PCS, VALVE_FACTS, servicing=HOSPITAL))
    assert found is not None and (found.asks, found.judged_now) == (None, ())


def test_a_time_longer_than_the_policy_certifies_is_not_approved_by_rule(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(monkeypatch, "PAPC")
    _approved_before(store, "E0601")
    renewed = CertificationType.RENEWAL
    for until in (date(2027, 4, 9), None):
        found = judged(store, asked("E0601", facts=RENEWAL_FACTS, certification=renewed, until=until))
        assert found is not None
        assert (found.state, found.auto_approvable, found.certifies_days) == ("met", False, 305)


@pytest.mark.parametrize(("code", "by_rule"), [("0D164ZA", True), ("0DB64Z3", False), ("0D194ZB", False)])
def test_an_operation_of_another_code_than_the_stated_kind_is_not_approved_by_rule(
    store: Store, code: str, by_rule: bool
) -> None:
    stated = {
        "patient.bmi": 41,
        "bar.obesity_comorbidity": True,
        "bar.medical_treatment_failed": True,
        "bar.procedure": "rygb",
    }
    found = judged(store, asked(code, CodeSystem.ICD10PCS, facts=stated))
    assert found is not None
    assert (found.guideline_id, found.state, found.auto_approvable) == ("BAR", "met", by_rule)


@pytest.mark.parametrize(("until", "by_rule"), [(None, True), (date(2027, 3, 10), True), (date(2029, 3, 10), False)])
def test_years_of_oxygen_are_not_approved_at_once_by_rule(store: Store, until: date | None, by_rule: bool) -> None:
    found = judged(store, asked("E1390", facts=OXYGEN_FACTS, until=until))
    assert found is not None
    assert (found.guideline_id, found.state, found.auto_approvable) == ("OXY", "met", by_rule)


def test_a_replacement_is_judged_as_one_and_asked_for_no_sleep_test(store: Store) -> None:
    request = asked("E0601")
    line = request.lines[0].model_copy(update={"modifiers": ("RA",)})
    found = judged(store, request.model_copy(update={"lines": (line,)}))
    assert found is not None and found.guideline_id == "PAPR"
    assert not any("ahi" in fact for fact in found.missing_facts)


def test_a_child_on_medicaid_is_judged_by_the_childrens_standard_alone(store: Store) -> None:
    child = asked("E0601", facts={"pap.ahi": 4, "pap.symptom": True})
    child = child.model_copy(update={"member": child.member.model_copy(update={"birth_date": date(2017, 1, 5)})})
    found = judged(store, child, lob=Lob.MEDICAID)
    assert found is not None and (found.guideline_id, found.state, found.auto_approvable) == ("EPSDT", "unknown", False)
    assert found.missing_facts == () and found.open_criteria == ("EPSDT-1", "EPSDT-2")


@pytest.mark.parametrize("lob", [Lob.MEDICAID, Lob.COMMERCIAL_ERISA, Lob.CHIP])
def test_no_local_determination_of_medicare_binds_another_plan(store: Store, lob: Lob) -> None:
    request = asked("E1390")
    grown = request.member.model_copy(update={"birth_date": date(1950, 1, 5)})
    assert judged(store, request.model_copy(update={"member": grown}), lob=lob) is None


@pytest.mark.parametrize("version", ["2023-04-01.1", "2023-04-01.2"])
def test_a_running_case_keeps_the_wording_by_which_it_was_assessed_and_people_read_it(
    store: Store, version: str
) -> None:
    request = asked("E1390", facts={"o2.sat_rest": 86})
    with store.begin() as s:
        criteria_traces.save(s, "PA-1", "1", 1, "OXY", {"guideline_id": "OXY", "version": version})
    running = judged(store, request)
    assert running is not None
    assert (running.guideline_version, running.auto_approvable) == (version, False)


def test_a_new_case_is_assessed_by_todays_wording(store: Store) -> None:
    found = judged(store, asked("E1390", facts={"o2.sat_rest": 86}))
    assert found is not None and found.guideline_version == "2023-04-01.3"
