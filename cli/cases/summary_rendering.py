"""Rendering of a case summary from its field names: tables for lists, a heading for each part.

Times are shown in the case's zone, days unchanged. A field without a value has no row; in a table of several rows a dash stands
for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cli.terminal import output

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


def print_part(title: str, content: Mapping[str, Any], zone: str) -> None:
    """Print a part under its heading, and its inner parts under theirs."""
    inside = {name: value for name, value in content.items() if _has_parts(value)}
    plain = ((name, value) for name, value in content.items() if name not in inside and _has_value(value))
    rows = [(_title(name), format_value(value, zone)) for name, value in plain]
    if rows:
        output.print_heading(title)
        output.print_table(("", ""), rows, show_header=False)
    for name, value in inside.items():
        _print_inner_part(_title(name), value, zone)


def _print_inner_part(title: str, value: Any, zone: str) -> None:
    if isinstance(value, Mapping):
        print_part(title, value, zone)
    elif all(isinstance(one, Mapping) for one in value):
        _print_rows(title, value, zone)
    else:
        output.print_heading(title)
        output.print_lines(*(f"  {format_value(one, zone)}" for one in value))


def _print_rows(title: str, rows: Sequence[Mapping[str, Any]], zone: str) -> None:
    """Print a row for each item, with a column for each field that has a value in any of them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    used = [name for name in names if any(_has_value(row.get(name)) for row in rows)]
    output.print_heading(title)
    output.print_table(
        [_title(name) for name in used], [[format_value(row.get(name), zone) for name in used] for row in rows]
    )


def format_value(value: Any, zone: str) -> str:
    """Format a value for a cell: yes or no, a time in the zone, a name as words, the fields of a small object in one line."""
    match value:
        case None | "" | [] | {}:
            return NO_VALUE
        case bool():
            return "yes" if value else "no"
        case str() if _INSTANT.fullmatch(value):
            return output.format_instant(datetime.fromisoformat(value), zone)
        case str():
            return output.spell_out(value) if _NAME.fullmatch(value) else value
        case Mapping():
            said = ((name, one) for name, one in value.items() if _has_value(one))
            return ", ".join(f"{output.spell_out(name)}: {format_value(one, zone)}" for name, one in said) or NO_VALUE
        case list() | tuple():
            return "; ".join(format_value(one, zone) for one in value)
        case _:
            return str(value)


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
    words = " ".join(word.upper() if word in _SHORT else word for word in output.spell_out(name).split())
    return words[:1].upper() + words[1:]
