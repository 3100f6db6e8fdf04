"""A guideline's test vectors: worked examples that travel with it and have to come out as written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.criteria.evaluation import evaluate
from domain.criteria.model import Guideline, Vector
from domain.criteria.trace import VerdictState
from domain.evidence.facts import EvidenceTier, Fact, FactDictionary, FactSource, SourceKind
from domain.three_valued import Tri

_SOURCE_FOR = {
    EvidenceTier.STRUCTURED: SourceKind.STRUCTURED_RESOURCE,
    EvidenceTier.DOCUMENT: SourceKind.DOCUMENT,
    EvidenceTier.ATTEST: SourceKind.ATTESTATION,
    EvidenceTier.JUDGMENT: SourceKind.CLINICIAN_JUDGMENT,
}


@dataclass(frozen=True, slots=True)
class VectorFailure:
    """A vector that came out differently. `position` counts from 0 in the guideline's tests."""

    guideline_id: str
    position: int
    name: str
    expected: Tri
    got: VerdictState

    def __str__(self) -> str:
        return f"{self.guideline_id}: {self.name!r} came out {self.got}, expected {self.expected}"


def vector_facts(vector: Vector, dictionary: FactDictionary, day: date) -> tuple[Fact, ...]:
    """The facts of a vector as if each came on that day in the dictionary's unit, from the source it asks for.

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


def failing_vectors(guideline: Guideline, dictionary: FactDictionary) -> tuple[VectorFailure, ...]:
    """The vectors of one guideline that do not come out as written; the day is the first it is in force."""
    day = guideline.effective_from
    failures: list[VectorFailure] = []
    for position, vector in enumerate(guideline.tests):
        got = evaluate(guideline, dictionary, vector_facts(vector, dictionary, day), day).state
        if got.value != vector.expect.value:
            failures.append(VectorFailure(guideline.id, position, vector.name, vector.expect, got))
    return tuple(failures)
