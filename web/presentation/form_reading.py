"""Reading of submitted forms: what a browser sent becomes the JSON that the one validation of forms takes.

Nothing is guessed: a field that nobody answered is left out, junk stays as it was typed, so that the validation names it, and
an hour that a clock change skips or repeats is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from pydantic.fields import FieldInfo

from domain import form_fields
from domain.model import Model
from web.presentation import form_words
from web.presentation.forms import (
    NO,
    NONE,
    NOT_KNOWN,
    UNKNOWN,
    YES,
    FieldKind,
    Typed,
    accepts_null,
    choice_value,
    kind_of,
    shown_entries,
    shows_as_day,
    standing_subjects,
    takes_none,
    typed_text,
)

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_WITH_OFFSET = re.compile(_LOCAL.pattern + r"(Z|[+-][0-9]{2}:[0-9]{2})")


class _Unanswered:
    """Nobody answered the field."""


_UNANSWERED = _Unanswered()


@dataclass
class ReadForm:
    """The result of reading: `values` for the validation; `places` the path of each field by its place in them; `problems` what
    could not be read at all, in sentences by the path of the field."""

    values: dict[str, JsonValue] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def read_typed(model: type[Model], typed: Typed, zone: str, prefix: str = "") -> ReadForm:
    """Read what was typed into the form of a definition; instants without an offset are in the case's `zone`."""
    found = ReadForm()
    found.values = _read_group(found, model, typed, zone, prefix, "")
    return found


def place_errors(found: ReadForm, errors: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """The errors of a validation, each a place such as `visits.0.at` with its words, by the path of their field; and those that
    belong to no field. What could not be read at all stands first."""
    placed, others = dict(found.problems), []
    for place, said in errors:
        path, words = _path_of(found.places, place, said)
        if path is None:
            others.append(form_words.error_sentence(words))
        else:
            placed.setdefault(path, form_words.error_sentence(words))
    return placed, others


def _path_of(places: Mapping[str, str], place: str, said: str) -> tuple[str | None, str]:
    """The field that an error is about: at its place, above it, or named first in its words."""
    parts = place.replace("[", ".").replace("]", "").split(".")
    named, colon, rest = said.partition(": ")
    inside = ".".join([*(one for one in parts if one != "form"), named]) if colon else ""
    if inside in places:
        return places[inside], rest
    for length in range(len(parts), 0, -1):
        above = ".".join(parts[:length])
        if above in places:
            return places[above], said
    return None, said


def _read_group(
    found: ReadForm, model: type[Model], typed: Typed, zone: str, prefix: str, place: str
) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {}
    for name, one in model.model_fields.items():
        found.places[f"{place}{name}"] = f"{prefix}{name}"
        value = _read_field(found, one, typed, zone, f"{prefix}{name}", f"{place}{name}")
        if not isinstance(value, _Unanswered):
            values[name] = value
    return values


def _read_field(
    found: ReadForm, one: FieldInfo, typed: Typed, zone: str, path: str, place: str
) -> JsonValue | _Unanswered:
    inner, _ = form_fields.nested_model(one.annotation)
    match kind_of(path, one):
        case FieldKind.GROUP if inner is not None:
            return _read_group(found, inner, typed, zone, f"{path}.", f"{place}.") or _UNANSWERED
        case FieldKind.LIST if inner is not None:
            return _read_list(found, one, inner, typed, zone, path, place)
        case FieldKind.LINES:
            said = [line.strip() for line in typed_text(typed, path).split("\n") if line.strip()]
            return _or_none(found, one, typed, path, said)
        case FieldKind.BOXES:
            known = form_fields.choices(form_fields.base_type(get_args(form_fields.base_type(one.annotation))[0]))
            return [_chosen(known, each) for each in typed.get(path, ())] or _UNANSWERED
    text = typed_text(typed, path)
    if accepts_null(one) and typed_text(typed, f"{path}.{UNKNOWN}") == YES:
        if text.strip():
            found.problems[path] = "Give an answer, or tick that it is not known; not both."
        return None
    return _read_text(found, one, text, zone, path) if text.strip() else _UNANSWERED


def _read_list(
    found: ReadForm, one: FieldInfo, inner: type[Model], typed: Typed, zone: str, path: str, place: str
) -> JsonValue | _Unanswered:
    """The groups in which somebody answered something; the place of each is its number among those."""
    groups: list[JsonValue] = []
    subjects = standing_subjects(one)
    least = 1 if subjects else 0
    for number in range(len(subjects) or shown_entries(typed, path)):
        group = _read_group(found, inner, typed, zone, f"{path}.{number}.", f"{place}.{len(groups)}.")
        if len(group) > least:
            found.places[f"{place}.{len(groups)}"] = f"{path}.{number}.{next(iter(inner.model_fields))}"
            groups.append(group)
    return _or_none(found, one, typed, path, groups)


def _or_none(found: ReadForm, one: FieldInfo, typed: Typed, path: str, entries: list[Any]) -> JsonValue | _Unanswered:
    says_none = takes_none(one) and typed_text(typed, f"{path}.{NONE}") == YES
    if says_none and entries:
        found.problems[path] = "Entries are given, and it is ticked that there are none; one of them goes."
    return entries if entries or says_none else _UNANSWERED


def _read_text(found: ReadForm, one: FieldInfo, text: str, zone: str, path: str) -> JsonValue:
    kind = form_fields.base_type(one.annotation)
    said = text.strip()
    match kind_of(path, one):
        case FieldKind.RADIO | FieldKind.SELECT | FieldKind.TICK:
            return _chosen((True, False) if kind is bool else form_fields.choices(kind), said)
        case FieldKind.NUMBER:
            return _read_number(found, getattr(kind, "__name__", ""), said, path)
        case FieldKind.DAY:
            if not shows_as_day(said):
                found.problems[path] = "Expected a day, such as 2026-03-10."
            return said
        case FieldKind.INSTANT:
            return _read_instant(found, said, zone, path)
    return _read_fact_value(text) if bool in _kinds_in(kind) else text


def _chosen(known: Iterable[Any], said: str) -> JsonValue:
    """The allowed value that was chosen; what is none of them stays, for the validation to refuse."""
    if said == NOT_KNOWN:
        return None
    for choice in known:
        if choice_value(choice) == said:
            value: JsonValue = getattr(choice, "value", choice)
            return value
    return said


def _read_number(found: ReadForm, kind: str, said: str, path: str) -> JsonValue:
    if kind == "int":
        if _WHOLE.fullmatch(said):
            return int(said)
        found.problems[path] = "Expected a whole number, such as 3."
    elif _NUMBER.fullmatch(said):
        return float(said) if kind == "float" else said
    else:
        found.problems[path] = "Expected a number, such as 3 or 2.5."
    return said


def _read_instant(found: ReadForm, said: str, zone: str, path: str) -> JsonValue:
    """The instant with its offset. An hour that the zone skips, or has twice, is a problem: nobody guesses which is meant."""
    if _WITH_OFFSET.fullmatch(said):
        return said
    try:
        local = datetime.fromisoformat(said) if _LOCAL.fullmatch(said) else None
    except ValueError:
        local = None
    if local is None:
        found.problems[path] = "Expected a day and a time, such as 2026-03-02 14:00."
        return said
    there = local.replace(tzinfo=ZoneInfo(zone))
    later = there.replace(fold=1)
    if there.utcoffset() == later.utcoffset():
        return there.isoformat()
    if there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None) != local:
        found.problems[path] = "The clocks skip this hour on that day."
    else:
        found.problems[path] = (
            f"This hour comes twice on that day: write {there.isoformat()} for the first, {later.isoformat()} for the second."
        )
    return said


def _read_fact_value(text: str) -> JsonValue:
    """The value of a clinical fact: yes or no, a number, or a word."""
    said = text.strip()
    if said.lower() in (YES, NO):
        return said.lower() == YES
    if _WHOLE.fullmatch(said):
        return int(said)
    return float(said) if _NUMBER.fullmatch(said) else text


def _kinds_in(kind: Any) -> set[Any]:
    return {form_fields.base_type(one) for one in get_args(kind)}
