"""Facts that a sender may state: their ids with words, units and values, and the services whose criteria ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.criteria.model import Guideline
from domain.errors import NotOnFile
from domain.evidence.facts import EvidenceTier, FactDefinition, FactDictionary, FactType
from domain.evidence.units import clinic_unit
from domain.model import Model

_TYPE_WORDS = {
    FactType.BOOL: "true or false",
    FactType.NUMBER: "a number",
    FactType.CODE: "a code",
    FactType.CODES: "a list of codes",
    FactType.DATE: "a day such as 2026-03-10, as text",
}
_EVIDENCE_WORDS = {
    EvidenceTier.STRUCTURED: "coded data or better",
    EvidenceTier.DOCUMENT: "a document",
    EvidenceTier.ATTEST: "the sender's word",
    EvidenceTier.JUDGMENT: "the plan's clinician judges; a sender's word is an attestation",
}
_DRUGS = "Drugs: steps, limits and exceptions"
_EVERY = "Every service"


class FactEntry(Model):
    """A fact for senders. `unit` is the UCUM code to write and `unit_words` how a clinic reads it; both None for what has no
    unit. `values` are the only words that count, empty where any do. `services` are the titles of what asks for it."""

    fact_id: str
    label: str
    question: str
    value_kind: str
    unit: str | None
    unit_words: str | None
    values: tuple[str, ...]
    needs: str
    max_age_days: int | None
    services: tuple[str, ...]
    guidelines: tuple[str, ...]


@dataclass(frozen=True)
class FactSources:
    """The criteria that the facts are for: guidelines and dictionary, titles of service groups and of levels of care by id, and
    the groups of a code."""

    guidelines: tuple[Guideline, ...]
    dictionary: FactDictionary
    groups: Mapping[str, str]
    groups_of: Callable[[str], frozenset[str]]
    levels: Mapping[str, str] = field(default_factory=dict)


def list_facts(sources: FactSources, service: str | None = None) -> tuple[FactEntry, ...]:
    """The facts that a sender may state, those of one service where it is named: by its group, its code, its level of care,
    the id of a guideline, or words of a title. Facts that the plan itself knows are left out.

    Raises NotOnFile for a service of which no criteria ask for facts.
    """
    asked = [one for one in sources.guidelines if service is None or is_about(sources, one, service)]
    drugs = service is None or service.casefold() in _DRUGS.casefold()
    if not asked and not drugs:
        groups = ", ".join(sorted(sources.groups))
        raise NotOnFile(
            f"No criteria on file ask for facts about '{service}'.",
            f"Give a code, a guideline, a level of care, words of a title, or one of the groups: {groups}.",
        )
    entries = (_entry(fact, asked) for fact in sources.dictionary.facts if _is_stated_by_senders(fact))
    return tuple(
        one for one in entries if service is None or one.guidelines or (drugs and one.fact_id.startswith("rx."))
    )


def _is_stated_by_senders(fact: FactDefinition) -> bool:
    return fact.held_by is None and not fact.id.startswith("request.")


def _entry(fact: FactDefinition, asked: list[Guideline]) -> FactEntry:
    using = [one for one in asked if fact.id in set(_facts_of(one))]
    services = tuple(dict.fromkeys(one.title for one in using))
    if fact.id.startswith("rx."):
        services = (*services, _DRUGS)
    return FactEntry(
        fact_id=fact.id,
        label=fact.label,
        question=fact.ask,
        value_kind=_TYPE_WORDS[fact.type],
        unit=fact.unit,
        unit_words=clinic_unit(fact.unit),
        values=fact.values,
        needs=_EVIDENCE_WORDS[fact.evidence],
        max_age_days=fact.max_age_days,
        services=services or (_EVERY,),
        guidelines=tuple(dict.fromkeys(one.id for one in using)),
    )


def _facts_of(guideline: Guideline) -> Iterator[str]:
    for node in guideline.logic.walk():
        if node.fact is not None:
            yield node.fact
        if node.of is not None:
            yield node.of


def is_about(sources: FactSources, guideline: Guideline, service: str) -> bool:
    """Whether a guideline is about a service: named by group, code, level of care, the guideline's id, or words of
    a title."""
    applies, said = guideline.applies_to, service.strip()
    code, word = said.upper(), said.casefold().replace(" ", "_")
    groups = sources.groups_of(code) | {word}
    titles = {title for group, title in sources.groups.items() if group in applies.service_group} | {guideline.title}
    return (
        code == guideline.id
        or code in applies.hcpcs
        or code in applies.icd10pcs
        or (len(code) == 7 and code.startswith(applies.icd10pcs_prefix))
        or bool(groups & set(applies.service_group))
        or word in applies.level_of_care
        or any(said.casefold() in title.casefold() for title in titles)
    )
