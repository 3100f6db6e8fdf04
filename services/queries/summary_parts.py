"""The summary of a case in parts that people read: facts, tables and lists, in the order of its process's model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.cases.views import CaseSummary
from domain.form_fields import nested_model
from domain.model import Model
from domain.summaries import SUMMARY_MODELS

NO_VALUE = "-"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_LONG = 60
_SHORT = frozenset({"drg", "npi", "qio", "tty"})
_TITLES = {
    "about_dossier": "About case",
    "hospital_score": "Readmission risk (HOSPITAL)",
    "lace": "Readmission risk (LACE)",
    "not_answered": "Not answered yet",
    "scores": "Readmission risk scores",
}
"""The words for fields whose name says too little, or says it in the words of the program."""
DescribeInstant = Callable[[datetime, str], str]


@dataclass(frozen=True)
class SummaryPart:
    """A part under its title: `facts` with their labels, or a table of `rows` under `columns`, or `lines` of text. Values are
    as stored; `format_value` puts them into words."""

    title: str
    facts: tuple[tuple[str, Any], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    lines: tuple[Any, ...] = ()


def order_fields(sheet: CaseSummary) -> dict[str, Any]:
    """The content of a summary in its model's order, followed by fields that the model lacks (from another release)."""
    view = SUMMARY_MODELS.get(sheet.process)
    return dict(sheet.content) if view is None else _order_content(sheet.content, view)


def split_parts(title: str, content: Mapping[str, Any]) -> Iterator[SummaryPart]:
    """The parts of a content: what has a single value first, then its inner parts. A field without a value has no row; in a
    table of several rows a dash stands for it."""
    inside = {name: value for name, value in content.items() if _has_parts(value)}
    plain = ((name, value) for name, value in content.items() if name not in inside and _has_value(value))
    facts = tuple((_title(name), value) for name, value in plain)
    if facts:
        yield SummaryPart(title, facts=facts)
    for name, value in inside.items():
        if isinstance(value, Mapping):
            yield from split_parts(_title(name), value)
        elif all(isinstance(one, Mapping) for one in value):
            names = list(dict.fromkeys(field for row in value for field in row))
            used = [field for field in names if any(_has_value(row.get(field)) for row in value)]
            rows = tuple(tuple(row.get(field) for field in used) for row in value)
            yield SummaryPart(_title(name), columns=tuple(_title(field) for field in used), rows=rows)
        else:
            yield SummaryPart(_title(name), lines=tuple(value))


def format_value(value: Any, zone: str, describe: DescribeInstant) -> str:
    """Format a value: yes or no, a time in the zone, a name as words, the fields of a small object in one line."""
    match value:
        case None | "" | [] | {}:
            return NO_VALUE
        case bool():
            return "yes" if value else "no"
        case str() if _INSTANT.fullmatch(value):
            return describe(datetime.fromisoformat(value), zone)
        case str():
            return value.replace("_", " ") if _NAME.fullmatch(value) else value
        case Mapping():
            said = ((name, one) for name, one in value.items() if _has_value(one))
            return (
                ", ".join(f"{name.replace('_', ' ')}: {format_value(one, zone, describe)}" for name, one in said)
                or NO_VALUE
            )
        case list() | tuple():
            return "; ".join(format_value(one, zone, describe) for one in value)
        case _:
            return str(value)


def _order_content(content: Mapping[str, Any], view: type[Model]) -> dict[str, Any]:
    names = [name for name in view.model_fields if name in content]
    names += [name for name in content if name not in view.model_fields]
    return {name: _order_value(content[name], view, name) for name in names}


def _order_value(value: Any, view: type[Model], name: str) -> Any:
    field = view.model_fields.get(name)
    model, is_list = nested_model(field.annotation) if field is not None else (None, False)
    if model is None:
        return value
    if is_list and isinstance(value, list):
        return [_order_content(one, model) if isinstance(one, Mapping) else one for one in value]
    return _order_content(value, model) if isinstance(value, Mapping) else value


def _has_parts(value: Any) -> bool:
    """Whether a value needs its own heading: an object, a list of objects, or a list of long texts."""
    if isinstance(value, Mapping):
        return any(_has_value(one) for one in value.values())
    if not isinstance(value, list | tuple) or not value:
        return False
    return any(isinstance(one, Mapping) or (isinstance(one, str) and len(one) > _LONG) for one in value)


def _has_value(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def _title(name: str) -> str:
    if name in _TITLES:
        return _TITLES[name]
    words = " ".join(word.upper() if word in _SHORT else word for word in name.replace("_", " ").split())
    return words[:1].upper() + words[1:]
