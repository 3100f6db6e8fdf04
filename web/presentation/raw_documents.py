"""A document that could not be read, line by line, with the lines marked that its findings name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import ValidationIssue

MOST_LINES = 2000
_STEP = re.compile(r"([A-Za-z_$][\w$-]*)|\[(\d+)\]")
_LINE_OF = re.compile(r"line (\d+)")
_SEGMENT = re.compile(r"^([A-Z][A-Z0-9]{2})\b")


@dataclass(frozen=True)
class RawLine:
    """A line of the document: its number from 1, its text, and whether a finding is about it."""

    number: int
    text: str
    marked: bool


def text_of(raw: bytes) -> str | None:
    """The document as text, JSON in lines; None for what is no text."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\x00" in text:
        return None
    if text.lstrip()[:1] in ("{", "[") and text.count("\n") < 3:
        try:
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except ValueError:
            return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def marked_lines(text: str, problems: Iterable[ValidationIssue]) -> tuple[RawLine, ...]:
    """The document's lines, at most 2,000, with those marked that the findings point at."""
    lines = text.split("\n")
    found = {number for one in problems if (number := line_of(lines, one)) is not None}
    return tuple(RawLine(at, line, at in found) for at, line in enumerate(lines[:MOST_LINES], 1))


def line_of(lines: list[str], problem: ValidationIssue) -> int | None:
    """The line (from 1) that a finding is about: by its number, by the path into JSON, or by the HL7 segment, if known."""
    said = _LINE_OF.search(problem.path) or _LINE_OF.search(problem.message)
    if said is not None and 0 < int(said[1]) <= len(lines):
        return int(said[1])
    segment = _SEGMENT.match(problem.path)
    if segment is not None:
        return next((at for at, line in enumerate(lines, 1) if line.startswith(segment[1] + "|")), None)
    return _json_line(lines, problem.path)


def _json_line(lines: list[str], path: str) -> int | None:
    """Follow the path's names and places down the indented JSON; the last line that was found on the way."""
    at, found = 0, None
    for name, place in _STEP.findall(path.removeprefix("$").lstrip(".")):
        if name:
            here = next((n for n in range(at, len(lines)) if lines[n].lstrip().startswith(f'"{name}"')), None)
        else:
            here = _nth_item(lines, at, int(place))
        if here is None:
            break
        at, found = here, here + 1
    return found


def _nth_item(lines: list[str], start: int, place: int) -> int | None:
    """The line on which the item of this place (from 0) of the list that opens at `start` begins."""
    indent: int | None = None
    seen = -1
    for number in range(start + 1, len(lines)):
        depth = len(lines[number]) - len(lines[number].lstrip())
        indent = depth if indent is None else indent
        text = lines[number].lstrip()
        if depth < indent:
            return None
        if depth == indent and not text.startswith(("}", "]")):
            seen += 1
            if seen == place:
                return number
    return None
