"""Facts that the plan's own records answer: a facility's programmes and volumes, a waiver of the benefit plan, entitlement.

They are verified once where they are kept, are not asked with a request, and no sender can state them: a provider's word
on its own volumes would choose the outcome. A reviewer of the plan who looked one up may record it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.coverage.directory import Coverage, Provider
from domain.evidence.facts import Fact, FactDefinition, FactHolder, FactSource, HeldFact, SourceKind

_OF_COVERAGE = frozenset({FactHolder.BENEFIT_PLAN, FactHolder.ELIGIBILITY, FactHolder.POLICY_LIBRARY})


def facts_of_plan(
    dictionary: Mapping[str, FactDefinition], provider: Provider | None, coverage: Coverage
) -> tuple[Fact, ...]:
    """What the directory holds on the provider and the coverage, as structured facts; each from its own holder only."""
    from_provider = () if provider is None else provider.facts
    name = f"provider directory {provider.npi}" if provider is not None else ""
    return (
        *_taken(dictionary, from_provider, frozenset({FactHolder.PROVIDER_DIRECTORY}), name),
        *_taken(dictionary, coverage.facts, _OF_COVERAGE, f"coverage {coverage.coverage_id}"),
    )


def without_claims_on_plan(dictionary: Mapping[str, FactDefinition], facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts without those that the plan's own records answer, unless a reviewer of the plan recorded them."""
    return tuple(
        fact
        for fact in facts
        if fact.id not in dictionary or dictionary[fact.id].held_by is None or fact.source.recorded_by is not None
    )


def _taken(
    dictionary: Mapping[str, FactDefinition], held: Iterable[HeldFact], holders: frozenset[FactHolder], reference: str
) -> Iterable[Fact]:
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=reference)
    for each in held:
        definition = dictionary.get(each.fact)
        if definition is not None and definition.held_by in holders:
            yield Fact(id=each.fact, value=each.value, unit=definition.unit, effective=each.as_of, source=source)
