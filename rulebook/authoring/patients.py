"""Invented patients of an author: facts written as text or in a file, checked against the dictionary.

Each fact counts as if it came from the source that the dictionary asks for, so that only the rule is tried and not the
evidence. Nothing is stored.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain.criteria.fact_extraction import facts_of_diagnoses
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.criteria.model import GuidelineTestCase, VignetteOutcome
from domain.evidence.fact_reading import TYPE_CHECKS
from domain.evidence.facts import Fact, FactDefinition, FactDictionary, FactType
from domain.evidence.units import clinic_unit, same_unit
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import LocatedYaml, read_yaml

_MEASURED = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([^\s0-9.].*)")
"""A number with the unit behind it."""

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class NotThatFact(ValueError):
    """A fact that the dictionary does not have, or a value that it does not take; the message says what to write."""


@dataclass(frozen=True)
class InventedPatient:
    """An invented patient as known: facts by id, and diagnoses as ICD-10-CM codes."""

    facts: Mapping[str, Any]
    diagnoses: tuple[str, ...] = ()

    def as_facts(self, dictionary: FactDictionary, day: date) -> tuple[Fact, ...]:
        """The facts, each dated `day`, from the source that the dictionary asks for; and what the diagnoses show, but for what
        is given as a fact."""
        known = GuidelineTestCase(name="tried", expect=VignetteOutcome.UNKNOWN, facts=dict(self.facts))
        shown = facts_of_diagnoses(dictionary.by_id, self.diagnoses)
        return (
            *facts_of_test_case(known, dictionary, day),
            *(one.model_copy(update={"effective": day}) for one in shown if one.id not in self.facts),
        )


def read_patient(path: Path, dictionary: FactDictionary) -> InventedPatient:
    """Read a patient's file: `facts` (id: value) and `diagnoses` (codes). Raises RulebookErrors with file, line and key."""
    located = read_yaml(path)
    if not isinstance(located.data, dict) or set(located.data) - {"facts", "diagnoses"}:
        raise RulebookErrors((located.error((), "is no patient", "the keys facts and diagnoses, and no other"),))
    errors: list[RulebookError] = []
    facts: dict[str, Any] = {}
    given = located.data.get("facts") or {}
    for name, value in given.items() if isinstance(given, dict) else ():
        try:
            definition = dictionary.by_id.get(name)
            plain = tuple(value) if isinstance(value, list) else value
            if isinstance(plain, str) and definition is not None and _MEASURED.fullmatch(plain):
                plain = _value(plain, definition)
            facts[name] = _checked(name, plain, dictionary)
        except NotThatFact as wrong:
            errors.append(located.error(("facts", name), str(wrong)))
    errors.extend(_shape_errors(located))
    if errors:
        raise RulebookErrors(tuple(errors))
    return InventedPatient(facts, tuple(str(code) for code in located.data.get("diagnoses") or ()))


def parse_facts(given: Iterable[str], dictionary: FactDictionary) -> dict[str, Any]:
    """Parse facts written as `id=value`. Raises NotThatFact."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise NotThatFact(f"{text!r} gives no value; write it as {name or 'o2.sat_rest'}=VALUE")
        definition = dictionary.by_id.get(name)
        found[name] = _checked(name, _value(value, definition) if definition else value, dictionary)
    return found


def _shape_errors(located: LocatedYaml) -> Iterable[RulebookError]:
    if not isinstance(located.data.get("facts") or {}, dict):
        yield located.error(("facts",), "is no list of facts", "lines such as o2.sat_rest: 86")
    if not isinstance(located.data.get("diagnoses") or [], list):
        yield located.error(("diagnoses",), "is no list", "codes in brackets, such as [G44.0]")


def _checked(name: str, value: Any, dictionary: FactDictionary) -> Any:
    definition = dictionary.by_id.get(name)
    if definition is None:
        near = difflib.get_close_matches(name, dictionary.by_id, n=1)
        raise NotThatFact(f"no fact is called {name}; " + (f"did you mean {near[0]}?" if near else "see facts.yaml"))
    measured = _MEASURED.fullmatch(value) if isinstance(value, str) and definition.type is FactType.NUMBER else None
    if measured is not None:
        wanted = f"in {clinic_unit(definition.unit)}" if clinic_unit(definition.unit) else "without a unit"
        raise NotThatFact(f"{name} is a number {wanted}; got one in {measured[2]}, and units are never converted")
    if not TYPE_CHECKS[definition.type][0](value) or (definition.values and value not in definition.values):
        raise NotThatFact(f"{name} is {written_form(definition)}; got {value!r}")
    return value


def written_form(definition: FactDefinition) -> str:
    """The way a value of this fact is written, to follow "is"."""
    match definition.type:
        case FactType.BOOL:
            return "true or false"
        case FactType.NUMBER:
            return f"a number in {definition.unit}" if definition.unit else "a number"
        case FactType.CODE if definition.values:
            return "one of " + ", ".join(definition.values)
        case FactType.CODE:
            return "one code"
        case FactType.DATE:
            return "a day written as 2027-01-31"
        case FactType.CODES:
            return "codes with commas between them"


def _is_unit_of(definition: FactDefinition, written: str) -> bool:
    """Whether this is the fact's unit as it may be spelled; a count may be followed by what is counted."""
    return same_unit(written, definition.unit) or definition.unit == f"{{{written}}}"


def _value(text: str, definition: FactDefinition) -> Any:
    """The value that a text means; the text itself where it means none of this type."""
    match definition.type:
        case FactType.BOOL:
            return _WORDS.get(text.lower(), text)
        case FactType.NUMBER:
            measured = _MEASURED.fullmatch(text)
            if measured is not None and _is_unit_of(definition, measured[2]):
                text = measured[1]
            try:
                return float(text) if "." in text else int(text)
            except ValueError:
                return text
        case FactType.CODES:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case FactType.CODE | FactType.DATE:
            return text
