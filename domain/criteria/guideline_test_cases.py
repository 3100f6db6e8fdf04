"""Test cases of a guideline: worked examples that are part of it and have to give the expected result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.criteria.evaluation import evaluate
from domain.criteria.model import Guideline, GuidelineTestCase
from domain.criteria.trace import CriteriaResultState
from domain.evidence.facts import EvidenceTier, Fact, FactDictionary, FactSource, SourceKind
from domain.three_valued import Tri

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
    expected: Tri
    got: CriteriaResultState

    def __str__(self) -> str:
        return f"{self.guideline_id}: {self.name!r} came out {self.got}, expected {self.expected}"


def facts_of_test_case(vector: GuidelineTestCase, dictionary: FactDictionary, day: date) -> tuple[Fact, ...]:
    """The facts of a test case, each dated that day, in the dictionary's unit, from the source that it requires.

    Raises KeyError for a fact that the dictionary does not have.
    """
    made: list[Fact] = []
    for fact_id, value in vector.facts.items():
        definition = dictionary.by_id[fact_id]
        source = FactSource(
            kind=_SOURCE_FOR[definition.evidence], reference="test-vector", recorded_by="test-clinician"
        )
        made.append(Fact(id=fact_id, value=value, unit=definition.unit, effective=day, source=source))
    return tuple(made)


def failing_test_cases(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineTestFailure, ...]:
    """The test cases of one guideline with an unexpected result, on the first day that it is in force."""
    day = guideline.effective_from
    failures: list[GuidelineTestFailure] = []
    for position, vector in enumerate(guideline.tests):
        got = evaluate(guideline, dictionary, facts_of_test_case(vector, dictionary, day), day).state
        if got.value != vector.expect.value:
            failures.append(GuidelineTestFailure(guideline.id, position, vector.name, vector.expect, got))
    return tuple(failures)
