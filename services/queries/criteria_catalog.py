"""Criteria for whoever asks: found by service, and stated in plain words with source, date and confidence."""

from __future__ import annotations

from datetime import date

from domain.criteria.statements import CriteriaText, confidence_words, state_guideline
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
    return state_guideline(found, sources.dictionary)
