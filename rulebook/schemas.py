"""JSON Schema of the rulebook's files, for editors that complete keys and underline mistakes while somebody writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from domain.assessment import ReviewPolicy
from domain.clock_rules import ClockRule
from domain.criteria_model import Guideline
from domain.decisions import DeciderRule
from domain.escalations import EscalationLadders
from domain.facts import FactDefinition
from domain.requirements import FittingSpecialties
from rulebook.calendar_rules import CalendarRule
from rulebook.continuation import Continuation
from rulebook.example_reading import COMMENTARY, Example
from rulebook.review_rules import StateDecider


class FileKind(NamedTuple):
    """A kind of file: which files are of it, its one list (empty: the file is the model itself) and what stands in it."""

    files: str
    key: str
    model: type[BaseModel]


KINDS: Mapping[str, FileKind] = {
    "clocks": FileKind("clocks/*.yaml", "clocks", ClockRule),
    "examples": FileKind("examples/*.yaml", "examples", Example),
    "continuation": FileKind("continuation.yaml", "continuation", Continuation),
    "calendars": FileKind("calendars/*.yaml", "calendars", CalendarRule),
    "deciders": FileKind("review/deciders.yaml", "deciders", DeciderRule),
    "state_deciders": FileKind("review/state_deciders.yaml", "deciders", StateDecider),
    "specialties": FileKind("review/specialties.yaml", "specialties", FittingSpecialties),
    "policy": FileKind("review/policy.yaml", "policies", ReviewPolicy),
    "escalations": FileKind("escalations.yaml", "", EscalationLadders),
    "guidelines": FileKind("criteria/*.yaml", "guidelines", Guideline),
    "facts": FileKind("criteria/facts.yaml", "facts", FactDefinition),
}

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of file. Raises KeyError for a kind that does not exist."""
    files, key, model = KINDS[kind]
    inner = model.model_json_schema()
    shared = inner.pop("$defs", {})
    if "Start" in shared:
        shared["Start"] = _start(shared["Start"], shared["StartPoint"])
    if model is Example:
        inner = _example(inner)
    head = {"$schema": _DRAFT, "title": f"rulebook/{files}"}
    if not key:
        return {**head, **{name: value for name, value in inner.items() if name != "title"}, "$defs": shared}
    properties: dict[str, Any] = {key: {"type": "array", "items": inner}}
    if model is Example:
        properties["meta"] = {}
    return {
        **head,
        "type": "object",
        "properties": properties,
        "required": [key],
        "additionalProperties": False,
        "$defs": shared,
    }


def _start(listed: dict[str, Any], point: dict[str, Any]) -> dict[str, Any]:
    """One event needs no list of points: its keys may stand beside the note."""
    beside = {name: value for name, value in listed["properties"].items() if name != "points"}
    alone = {**point, "title": "Start", "properties": {**point["properties"], **beside}}
    return {"anyOf": [listed, alone]}


def _example(inner: dict[str, Any]) -> dict[str, Any]:
    """Commentary may stand beside what is run."""
    properties = {name: value for name, value in inner["properties"].items() if name != "unknown"}
    return {**inner, "properties": {**properties, **{name: properties.get(name, {}) for name in COMMENTARY}}}
