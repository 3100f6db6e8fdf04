"""Facts that the plan's own records answer are taken from there, and from nowhere else."""

from __future__ import annotations

from datetime import date

from domain.coverage.directory import Coverage, Provider
from domain.coverage.plan_held_facts import collect_plan_facts, drop_claims_on_plan_facts
from domain.criteria.evaluation import AskedOf, evaluate, provider_questions
from domain.evidence.facts import Fact, FactDictionary, FactSource, HeldFact, SourceKind
from domain.vocabulary import Lob
from tests.domain.criteria.samples import guideline, leaf

DAY = date(2026, 3, 10)
SHAPES = (
    {"id": "f.volume", "type": "number", "evidence": "structured", "held_by": "provider_directory"},
    {"id": "f.waiver", "type": "bool", "evidence": "structured", "held_by": "benefit_plan"},
    {"id": "f.said", "type": "bool", "evidence": "attest"},
)
DICTIONARY = FactDictionary.model_validate({"facts": [{**shape, "label": "it", "ask": "It?"} for shape in SHAPES]})
HELD = (
    HeldFact(fact="f.volume", value=120, as_of=DAY),
    HeldFact(fact="f.waiver", value=True, as_of=DAY),
    HeldFact(fact="f.said", value=True, as_of=DAY),
    HeldFact(fact="f.unheard_of", value=True, as_of=DAY),
)
PROVIDER = Provider(npi="1215000062", name="A hospital", specialties=(), network={}, facts=HELD)
COVERAGE = Coverage(
    coverage_id="C1",
    member_id="M1",
    plan_id="P1",
    plan_name="Plan",
    lob=Lob.MEDICARE_ADVANTAGE,
    state="IL",
    zone="America/Chicago",
    effective=date(2025, 1, 1),
    facts=HELD,
)
RULE = guideline(
    {"id": "R", "all": [leaf("V", "f.volume", "ge", 50), leaf("S", "f.said", "is_true")]},
)


def stated(fact_id: str, recorded_by: str | None = None) -> Fact:
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference="sender", recorded_by=recorded_by)
    return Fact(id=fact_id, value=999, effective=DAY, source=source)


def test_each_holder_answers_only_for_its_own_facts() -> None:
    taken = collect_plan_facts(DICTIONARY.by_id, PROVIDER, COVERAGE)
    assert [(fact.id, fact.source.reference) for fact in taken] == [
        ("f.volume", "provider directory 1215000062"),
        ("f.waiver", "coverage C1"),
    ]
    assert all(fact.effective == DAY and fact.source.kind is SourceKind.STRUCTURED_RESOURCE for fact in taken)


def test_a_provider_that_the_directory_does_not_know_has_no_facts() -> None:
    assert [fact.id for fact in collect_plan_facts(DICTIONARY.by_id, None, COVERAGE)] == ["f.waiver"]


def test_a_sender_cannot_state_what_the_plan_holds_and_a_reviewer_may_record_it() -> None:
    kept = drop_claims_on_plan_facts(
        DICTIONARY.by_id, (stated("f.volume"), stated("f.volume", "nurse"), stated("f.said"))
    )
    assert [(fact.id, fact.source.recorded_by) for fact in kept] == [("f.volume", "nurse"), ("f.said", None)]


def test_what_the_plan_holds_is_not_asked_of_the_provider() -> None:
    verdict = evaluate(RULE, DICTIONARY, (), DAY)
    assert (verdict.facts_held_by_plan, verdict.missing_facts, verdict.open_criteria) == (
        ("f.volume",),
        ("f.said",),
        (),
    )
    asked = [need for group in verdict.missing for need in group.needs() if need.asked_of is AskedOf.PLAN]
    assert [need.fact for need in asked] == ["f.volume"]
    assert [need.fact for group in provider_questions(verdict.missing) for need in group.needs()] == ["f.said"]
