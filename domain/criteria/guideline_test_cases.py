"""Test cases of a guideline: worked examples that are part of it and have to give the expected result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.criteria.evaluation import evaluate
from domain.criteria.model import Guideline, GuidelineTestCase, VignetteOutcome
from domain.criteria.selection import LineCodes
from domain.criteria.trace import CriteriaResultState
from domain.evidence.facts import EvidenceTier, Fact, FactDictionary, FactSource, SourceKind
from domain.vocabulary import CertificationType

_SOURCE_FOR = {
    EvidenceTier.STRUCTURED: SourceKind.STRUCTURED_RESOURCE,
    EvidenceTier.DOCUMENT: SourceKind.DOCUMENT,
    EvidenceTier.ATTEST: SourceKind.ATTESTATION,
    EvidenceTier.JUDGMENT: SourceKind.CLINICIAN_JUDGMENT,
}


@dataclass(frozen=True, slots=True)
class GuidelineTestFailure:
    """A test case with an unexpected result. `position` counts from 0 in the guideline's tests."""

    guideline_id: str
    position: int
    name: str
    expected: VignetteOutcome
    got: CriteriaResultState

    def __str__(self) -> str:
        return f"{self.guideline_id}: {self.name!r} came out {self.got}, expected {self.expected}"


def facts_of_test_case(vector: GuidelineTestCase, dictionary: FactDictionary, day: date) -> tuple[Fact, ...]:
    """The facts of a test case, dated that day unless it says how old, in the dictionary's unit, from the source required.

    Raises KeyError for a fact that the dictionary does not have.
    """
    made: list[Fact] = []
    for reference, values in (("test-vector", vector.facts), ("other-source", vector.against)):
        for fact_id, value in values.items():
            definition = dictionary.by_id[fact_id]
            kind = _SOURCE_FOR[definition.evidence]
            source = FactSource(kind=kind, reference=reference, recorded_by="test-clinician")
            effective = day - timedelta(days=vector.days_old.get(fact_id, 0))
            made.append(Fact(id=fact_id, value=value, unit=definition.unit, effective=effective, source=source))
    return tuple(made)


def codes_of_test_case(guideline: Guideline, vector: GuidelineTestCase) -> LineCodes | None:
    """A line that the guideline is about, for a member as the test case has it; None where it is not about the member."""
    if vector.lob is None and vector.age is None:
        return None
    about = guideline.applies_to
    return LineCodes(
        hcpcs=frozenset(about.hcpcs[:1]),
        icd10pcs=frozenset(about.icd10pcs[:1]),
        service_groups=frozenset(about.service_group[:1]),
        level_of_care=about.level_of_care[0] if about.level_of_care else None,
        certification=about.certifications[0] if about.certifications else CertificationType.INITIAL,
        lob=vector.lob or next(iter(about.lobs), None),
        modifiers=frozenset(about.modifiers[:1]),
        age=vector.age if vector.age is not None else (about.ages or (0,))[0],
    )


def outcome_of_test_case(
    guideline: Guideline, dictionary: FactDictionary, vector: GuidelineTestCase, day: date
) -> CriteriaResultState:
    """The outcome of a test case on a day."""
    facts = facts_of_test_case(vector, dictionary, day)
    return evaluate(guideline, dictionary, facts, day, codes_of_test_case(guideline, vector)).state


def failing_test_cases(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineTestFailure, ...]:
    """The test cases of one guideline with an unexpected result, on the first day that it is in force."""
    day = guideline.effective_from
    failures: list[GuidelineTestFailure] = []
    for position, vector in enumerate(guideline.tests):
        got = outcome_of_test_case(guideline, dictionary, vector, day)
        if got.value != vector.expect.value:
            failures.append(GuidelineTestFailure(guideline.id, position, vector.name, vector.expect, got))
    return tuple(failures)
