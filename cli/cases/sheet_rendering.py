"""What a process shows of itself, made readable from its field names alone: tables for lists, a heading for each part.

Instants are shown in the dossier's zone, days as they are; a dash stands for what nobody has said yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cli.terminal import output

UNSAID = "-"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_LONG = 60
_SHORT = frozenset({"drg", "lace", "npi", "qio", "tty"})


def render(title: str, content: Mapping[str, Any], zone: str) -> None:
    """One part under its heading, and the parts inside it under theirs."""
    inside = {name: value for name, value in content.items() if _has_parts(value)}
    rows = [(_title(name), cell(value, zone)) for name, value in content.items() if name not in inside]
    if rows:
        output.heading(title)
        output.table(("", ""), rows, show_header=False)
    for name, value in inside.items():
        _part(_title(name), value, zone)


def _part(title: str, value: Any, zone: str) -> None:
    if isinstance(value, Mapping):
        render(title, value, zone)
    elif all(isinstance(one, Mapping) for one in value):
        _table(title, value, zone)
    else:
        output.heading(title)
        output.say(*(f"  {cell(one, zone)}" for one in value))


def _table(title: str, rows: Sequence[Mapping[str, Any]], zone: str) -> None:
    """One row for each thing; a column for each field that any of them has a value for."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    used = [name for name in names if any(_is_said(row.get(name)) for row in rows)]
    output.heading(title)
    output.table([_title(name) for name in used], [[cell(row.get(name), zone) for name in used] for row in rows])


def cell(value: Any, zone: str) -> str:
    """A value in a cell: yes and no, an instant in the zone, a name in words, the parts of a small thing side by side."""
    match value:
        case None | "" | [] | {}:
            return UNSAID
        case bool():
            return "yes" if value else "no"
        case str() if _INSTANT.fullmatch(value):
            return output.instant(datetime.fromisoformat(value), zone)
        case str():
            return output.words(value) if _NAME.fullmatch(value) else value
        case Mapping():
            said = ((name, one) for name, one in value.items() if _is_said(one))
            return ", ".join(f"{output.words(name)}: {cell(one, zone)}" for name, one in said) or UNSAID
        case list() | tuple():
            return "; ".join(cell(one, zone) for one in value)
        case _:
            return str(value)


def _has_parts(value: Any) -> bool:
    """Whether a value needs a heading of its own: a thing with fields, a list of things, or a list of long texts."""
    if isinstance(value, Mapping):
        return any(_is_said(one) for one in value.values())
    if not isinstance(value, list | tuple) or not value:
        return False
    return any(isinstance(one, Mapping) or (isinstance(one, str) and len(one) > _LONG) for one in value)


def _is_said(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def _title(name: str) -> str:
    words = " ".join(word.upper() if word in _SHORT else word for word in output.words(name).split())
    return words[:1].upper() + words[1:]
