"""Plan-held facts, from the plan's own records: a facility's programs and volumes, a benefit waiver, entitlement.

They are verified once at their source, are not requested with a submission, and no sender can state them: a provider's own
statement of its volumes would choose the outcome. A reviewer of the plan may record a fact after checking it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.coverage.directory import Coverage, Member, Provider
from domain.evidence.facts import Fact, FactDefinition, FactHolder, FactSource, HeldFact, SourceKind

_OF_COVERAGE = frozenset({FactHolder.BENEFIT_PLAN, FactHolder.ELIGIBILITY, FactHolder.POLICY_LIBRARY})

SEX_FOR_DRUG = "rx.sex_for_drug"


def collect_plan_facts(
    dictionary: Mapping[str, FactDefinition], provider: Provider | None, coverage: Coverage
) -> tuple[Fact, ...]:
    """Collect the facts that the directory holds on the provider and the coverage; each from its own holder only."""
    from_provider = () if provider is None else provider.facts
    name = f"provider directory {provider.npi}" if provider is not None else ""
    return (
        *_facts_of_holders(dictionary, from_provider, frozenset({FactHolder.PROVIDER_DIRECTORY}), name),
        *_facts_of_holders(dictionary, coverage.facts, _OF_COVERAGE, f"coverage {coverage.coverage_id}"),
    )


def drop_claims_on_plan_facts(dictionary: Mapping[str, FactDefinition], facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Drop the facts that only the plan's own records can state, unless a reviewer of the plan recorded them."""
    return tuple(
        fact
        for fact in facts
        if fact.id not in dictionary or dictionary[fact.id].held_by is None or fact.source.recorded_by is not None
    )


def collect_recorded_sex(
    dictionary: Mapping[str, FactDefinition], known: Iterable[Fact], member: Member | None
) -> tuple[Fact, ...]:
    """Collect the member's sex from the plan's record, where it is recorded and nobody who treats the member states the one
    that matters for the drug: then nobody is asked."""
    if member is None or member.sex is None or SEX_FOR_DRUG not in dictionary:
        return ()
    if any(fact.id == SEX_FOR_DRUG for fact in known):
        return ()
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference="member record")
    return (Fact(id=SEX_FOR_DRUG, value=member.sex.value, source=source),)


def _facts_of_holders(
    dictionary: Mapping[str, FactDefinition], held: Iterable[HeldFact], holders: frozenset[FactHolder], reference: str
) -> Iterable[Fact]:
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=reference)
    for each in held:
        definition = dictionary.get(each.fact)
        if definition is not None and definition.held_by in holders:
            yield Fact(id=each.fact, value=each.value, unit=definition.unit, effective=each.as_of, source=source)
