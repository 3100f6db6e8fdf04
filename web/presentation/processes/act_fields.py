"""Fields of short forms for acts that are no tasks, and the values typed into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.errors import refusal


class InputKind(StrEnum):
    """The kind of input."""

    LINE = "line"
    AREA = "area"
    DAY = "day"
    INSTANT = "instant"
    CHOICE = "choice"
    FILE = "file"


_LONG = frozenset({InputKind.AREA, InputKind.FILE})


@dataclass(frozen=True)
class ActField:
    """A field. `choices` are values with their words; `needed` fields cannot be left out."""

    name: str
    label: str
    kind: InputKind = InputKind.LINE
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False


@dataclass(frozen=True)
class ActForm:
    """A form: where it goes, what it is called, what its button says, its fields; `about` says what it does,
    `asked` are facts that criteria ask for."""

    action: str
    heading: str
    button: str
    about: str
    fields: tuple[ActField, ...]
    asked: tuple[ActField, ...] = ()

    @property
    def has_file(self) -> bool:
        """Whether a file can be chosen, which needs another encoding of the form."""
        return any(one.kind is InputKind.FILE for one in self.fields)

    @property
    def long_fields(self) -> tuple[ActField, ...]:
        """Fields for texts and files: each has the whole width, and they come first."""
        return tuple(one for one in self.fields if one.kind in _LONG)

    @property
    def short_fields(self) -> tuple[ActField, ...]:
        """All other fields, side by side."""
        return tuple(one for one in self.fields if one.kind not in _LONG)


YES_NO = (("", "Not said"), ("yes", "Yes"), ("no", "No"))


def read_text(typed: Mapping[str, object], name: str) -> str:
    """The text of a field, without white space around it; empty where nothing was typed."""
    said = typed.get(name)
    return said.strip() if isinstance(said, str) else ""


def need_text(typed: Mapping[str, object], name: str, what: str) -> str:
    """The text of a field that cannot be left out; `what` it is. Raises Refused."""
    said = read_text(typed, name)
    if not said:
        raise refusal(f"form.{name}", f"{what} is missing.", "Write it.")
    return said


def read_day(typed: Mapping[str, object], name: str) -> date | None:
    """The day of a field; None where nothing was typed. Raises Refused for what is no day."""
    said = read_text(typed, name)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise refusal(f"form.{name}", f"'{said[:20]}' is no day.", "Write it such as 2026-12-03.") from None


def need_day(typed: Mapping[str, object], name: str) -> date:
    """The day of a field that cannot be left out. Raises Refused."""
    found = read_day(typed, name)
    if found is None:
        raise refusal(f"form.{name}", "The day is missing.", "Choose it.")
    return found


def read_instant(typed: Mapping[str, object], name: str, zone: str) -> datetime | None:
    """The time of a field as typed in this zone; None where nothing was typed. Raises Refused for what is no time."""
    said = read_text(typed, name)
    try:
        return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)) if said else None
    except ValueError:
        raise refusal(f"form.{name}", f"'{said[:20]}' is no time.", "Choose date and time.") from None


def read_choice(typed: Mapping[str, object], name: str, known: Collection[str]) -> str:
    """The choice of a field; empty where none was made. Raises Refused for what is none of the known ones."""
    said = read_text(typed, name)
    if said and said not in known:
        raise refusal(f"form.{name}", f"'{said[:40]}' is none of the choices.", "Choose one from the list.")
    return said
