"""Criteria for whoever asks: found by service, and stated in plain words with source, date and confidence."""

from __future__ import annotations

from datetime import date

from domain.criteria.model import Guideline
from domain.criteria.statements import (
    RuleLine,
    ScopeRow,
    ServiceNames,
    confidence_words,
    remarks,
    rule_lines,
    scope_rows,
)
from domain.errors import NotOnFile
from domain.model import Model
from services.queries.fact_catalog import FactSources, is_about

PROCEDURE = (
    "A request is approved by rule only where a rule is read with certainty and every criterion is met by the records.",
    "What the records do not show is asked for; nobody is denied for what nobody asked.",
    "A nurse looks at what no rule approves. Only a physician (a psychologist or pharmacist where the law lets them) "
    "decides against a request, by signature, after the records were opened.",
    "Before such a decision the requesting provider is offered a talk with the physician. The letter names the criterion, the "
    "record, what would change the decision, and the way of an appeal.",
)
"""The procedure of a review, as it is told to whoever asks."""


class CriteriaEntry(Model):
    """A guideline in the list of those that are about a service."""

    guideline_id: str
    title: str
    version: str
    source: str
    confidence: str
    is_in_force: bool


class CriteriaText(Model):
    """A guideline in plain words. `source_url` is where its public source stands; `takes_place_of` and `requires` are ids."""

    guideline_id: str
    title: str
    version: str
    source: str
    source_url: str | None
    scope: tuple[ScopeRow, ...]
    lines: tuple[RuleLine, ...]
    remarks: tuple[str, ...]
    takes_place_of: str | None
    requires: tuple[str, ...]
    readings: tuple[tuple[str, str, str], ...]


def find_criteria(sources: FactSources, service: str, day: date) -> tuple[CriteriaEntry, ...]:
    """The guidelines that are about a service, those in force on the day first; all of them where none is named. The service is
    a code, a group, a level of care, a guideline's id, or words of a title."""
    said = service.strip()
    found = [one for one in sources.guidelines if not said or is_about(sources, one, said)]
    entries = (
        CriteriaEntry(
            guideline_id=one.id,
            title=one.title,
            version=one.version,
            source=one.source.cite,
            confidence=confidence_words(one),
            is_in_force=one.effective_from <= day and (one.effective_to is None or day <= one.effective_to),
        )
        for one in found
    )
    return tuple(sorted(entries, key=lambda one: (not one.is_in_force, one.title, one.version)))


def state_criteria(sources: FactSources, guideline_id: str) -> CriteriaText:
    """A guideline in plain words. Raises NotOnFile."""
    found = next((one for one in sources.guidelines if one.id == guideline_id), None)
    if found is None:
        raise NotOnFile(f"There are no criteria {guideline_id}.", "Look for them by service.")
    return _state(found, sources)


def _state(guideline: Guideline, sources: FactSources) -> CriteriaText:
    return CriteriaText(
        guideline_id=guideline.id,
        title=guideline.title,
        version=guideline.version,
        source=guideline.source.cite,
        source_url=guideline.source.url,
        scope=tuple(scope_rows(guideline, ServiceNames(sources.groups, sources.levels))),
        lines=rule_lines(guideline, sources.dictionary),
        remarks=remarks(guideline),
        takes_place_of=guideline.continues,
        requires=tuple(guideline.requires),
        readings=tuple((one.source, str(one.read_on), one.result) for one in guideline.readings),
    )
