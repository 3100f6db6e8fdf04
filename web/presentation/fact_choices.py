"""Facts to choose from where a form asks which fact somebody states: by their questions, and never by an id that is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.evidence.facts import EvidenceTier, FactDefinition
from rulebook.rulebook import Rulebook
from web.presentation.forms import Choice, FieldKind, FormField

_NAME = "fact"
"""The name of the field that takes a fact's id."""


def statable_facts(book: Rulebook) -> tuple[Choice, ...]:
    """The facts that the criteria of some level of care ask for, by their questions in alphabetical order; but for those that
    only a clinician judges or the plan itself holds."""
    groups = {group for rule in book.stays.levels.levels for group in (rule.admission_group, rule.continued_group)}
    asking = [one for one in book.criteria.guidelines if groups & set(one.applies_to.service_group)]
    named = dict.fromkeys(node.fact for one in asking for node in one.logic.walk() if node.fact is not None)
    found = (book.criteria.dictionary.by_id[name] for name in named)
    return tuple(sorted((Choice(one.id, one.ask) for one in found if _is_statable(one)), key=lambda one: one.label))


def _is_statable(fact: FactDefinition) -> bool:
    return fact.held_by is None and fact.evidence is not EvidenceTier.JUDGMENT


def offer_facts(fields: Iterable[FormField], facts: Sequence[Choice]) -> tuple[FormField, ...]:
    """The fields, where those that take a fact's id offer these facts. An id that was typed and is not among them stays."""
    return tuple(_offer(one, facts) for one in fields)


def _offer(field: FormField, facts: Sequence[Choice]) -> FormField:
    if field.kind is FieldKind.TEXT and field.path.rpartition(".")[2] == _NAME:
        known = {one.value for one in facts}
        others = (Choice(field.value, field.value),) if field.value and field.value not in known else ()
        offered = tuple(replace(one, chosen=one.value == field.value) for one in (*others, *facts))
        return replace(field, kind=FieldKind.SELECT, choices=offered, hint="")
    parts = offer_facts(field.parts, facts)
    return replace(field, parts=parts, entries=tuple(offer_facts(entry, facts) for entry in field.entries))
