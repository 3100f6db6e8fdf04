"""A typed view of one JSON object of a resource. Reading an element of the wrong JSON type records a problem with its path.

Nothing is copied and unknown elements are ignored (spec-25). An absent element reads as None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from interop.fhir.systems import profile_name, system_name
from interop.issues import IssueCollector
from interop.limits import WINDOW_TEXT, is_in_window, one_line

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?", re.DOTALL)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60")
_MOST_DIGITS = 30
_PARTIAL_DATE = re.compile(r"\d{4}(?:-\d{2})?")


@dataclass(frozen=True, slots=True)
class Coding:
    """A code with the short name of its system (interop.fhir.systems)."""

    system: str
    code: str
    display: str | None = None


def _day(value: str) -> date | str:
    """The day, or why there is none."""
    parts = _DATE.fullmatch(value)
    try:
        found = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        found = None
    if found is None:
        return "the date has no day" if _PARTIAL_DATE.fullmatch(value) else "there is no such date"
    return found if is_in_window(found) else "nobody can mean this date"


class FhirNode(NamedTuple):
    """One object of a document with its path. A tuple, because reading a document makes thousands."""

    value: dict[str, Any]
    path: str
    findings: IssueCollector

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def has(self, name: str) -> bool:
        return name in self.value

    def text(self, name: str) -> str | None:
        value = self._typed(name, str, "text in quotes")
        return (value.strip() or None) if isinstance(value, str) else None

    def line(self, name: str) -> str | None:
        """The text on one line: for names and descriptions, which letters set among their own words."""
        value = self.text(name)
        return one_line(value) if value is not None else None

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._typed(name, list, "a list of texts") or []
        for index, value in enumerate(values):
            if value is not None and not isinstance(value, str):  # null stands for a value beside `_name`
                self._wrong_type(f"{name}[{index}]", "text in quotes")
        return tuple(value.strip() for value in values if isinstance(value, str) and value.strip())

    def boolean(self, name: str) -> bool | None:
        value = self._typed(name, bool, "true or false")
        return value if isinstance(value, bool) else None

    def number(self, name: str) -> Decimal | None:
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._wrong_type(name, "a number without quotes")
            return None
        number = Decimal(value)
        if abs(number.adjusted()) > _MOST_DIGITS:
            self.findings.problem(self.at(name), "umpire-number", "the number is out of all proportion", "fewer digits")
            return None
        return number

    def whole(self, name: str) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            self._wrong_type(name, "a whole number")
            return None
        return int(value)

    def day(self, name: str) -> date | None:
        """A FHIR date or dateTime as the calendar day that the sender wrote, whatever its offset. Anything else is a problem:
        for the days of the service itself."""
        value = self.text(name)
        if value is None:
            return None
        found = _day(value)
        if isinstance(found, date):
            return found
        self.findings.problem(self.at(name), "umpire-date", found, "a full date, such as 2027-01-31")
        return None

    def evidence_day(self, name: str) -> date | None:
        """The day of a piece of evidence. One that is not whole, which FHIR allows, leaves the evidence undated, with a
        remark: a fault in one piece of evidence does not refuse the request."""
        value = self.text(name)
        if value is None:
            return None
        found = _day(value)
        if isinstance(found, date):
            return found
        message = f"{found}: the evidence counts as undated"
        self.findings.note(self.at(name), "umpire-date", message, "a full date, such as 2027-01-31")
        return None

    def instant(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(_LEAP_SECOND.sub(":59", value))
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or "T" not in value:
            expected = "date, time and offset, such as 2027-01-31T09:00:00-06:00"
            self.findings.problem(self.at(name), "umpire-date", "the instant cannot be read", expected)
            return None
        if not is_in_window(instant):
            self.findings.problem(self.at(name), "umpire-date", "nobody can mean this instant", WINDOW_TEXT)
            return None
        return instant

    def node(self, name: str) -> FhirNode | None:
        value = self._typed(name, dict, "an object")
        return FhirNode(value, self.at(name), self.findings) if isinstance(value, dict) else None

    def nodes(self, name: str) -> tuple[FhirNode, ...]:
        values = self._typed(name, list, "a list")
        return tuple(self._objects(name, values)) if isinstance(values, list) else ()

    def _objects(self, name: str, values: list[Any]) -> Iterator[FhirNode]:
        for index, value in enumerate(values):
            if isinstance(value, dict):
                yield FhirNode(value, f"{self.path}.{name}[{index}]", self.findings)
            else:
                self._wrong_type(f"{name}[{index}]", "an object")

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.value.get(name)
        if value is None or isinstance(value, kind):
            return value
        self._wrong_type(name, expected)
        return None

    def _wrong_type(self, name: str, expected: str) -> None:
        self.findings.problem(self.at(name), "fhir-json", "the element has the wrong JSON type", expected)

    def codings(self) -> tuple[Coding, ...]:
        """The codings of a CodeableConcept that have a code; a missing system is the empty name."""
        found = []
        for coding in self.nodes("coding"):
            code = coding.text("code")
            if code is not None:
                found.append(Coding(system_name(coding.text("system") or ""), code, coding.line("display")))
        return tuple(found)

    def coded(self, name: str) -> tuple[Coding, ...]:
        """The codings of the CodeableConcept under `name`."""
        concept = self.node(name)
        return concept.codings() if concept else ()

    def code_in(self, name: str, *systems: str) -> str | None:
        """The first code under `name` from one of `systems`, or from no system at all. Says nothing about any other code:
        for identifiers and the like, of which every system may be there. What decides something goes through `read_code`.
        """
        for coding in self.coded(name):
            if coding.system in systems or not coding.system:
                return coding.code
        return None

    def read_code(self, name: str, what: str, *systems: str, about_service: bool = True) -> str | None:
        """The code under `name` as `code_in` finds it. An element that is there without a code of these systems is remarked
        upon: it decides something, and it was not understood."""
        code = self.code_in(name, *systems)
        if code is None and self.is_unread(name, *systems):
            message = f"{what} is not in a code system that is known here and was not read"
            expected = f"a code of {' or '.join(systems)}"
            self.findings.note(self.at(name), "umpire-code-system", message, expected, about_service=about_service)
        return code

    def is_unread(self, name: str, *systems: str) -> bool:
        """Whether the element says something, and none of its codes is of these systems. An element that is expressly
        absent says nothing."""
        concept = self.node(name)
        if concept is None or not concept.value or self.code_in(name, *systems) is not None:
            return False
        codings = concept.codings()
        if codings:
            return any(coding.system != "data-absent" for coding in codings)
        return bool(concept.text("text") or concept.value.get("coding"))

    def extensions(self, name: str) -> tuple[FhirNode, ...]:
        """Extensions by the last part of their address; inside complex extensions by their plain name."""
        if "extension" not in self.value:
            return ()
        return tuple(
            extension
            for extension in self.nodes("extension")
            if isinstance(url := extension.value.get("url"), str) and profile_name(url) == name
        )

    def extension(self, name: str) -> FhirNode | None:
        found = self.extensions(name)
        return found[0] if found else None

    def reference(self, name: str) -> FhirNode | None:
        """The Reference under `name`, whether literal or by identifier."""
        return self.node(name)
