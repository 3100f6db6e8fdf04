"""Segments and fields of one message, read with the `hl7` package.

The package does the splitting. Its accessors are not used: they write fields that they cannot unescape into the log, where
no health information may be, and a formatting escape with a large number would fill the memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from copy import copy
from typing import Any

import hl7

from domain.errors import NotReadable
from interop.hl7.envelope import normalize_message
from interop.issues import IssueCollector, not_readable

MAX_BYTES = 8 * 1024 * 1024
_ENCODINGS = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "8859/1": "latin-1",
    "ISO-8859-1": "latin-1",
    "8859/15": "iso-8859-15",
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
}
_ESCAPES = {"F": 1, "R": 2, "S": 3, "T": 4}
_LINE = frozenset({".br", ".sp", ".ce", ".sk", ".in", ".ti"})
_MOST_HEX = 200
_LONGEST_NUMBER = 199
_READ = re.compile(r"(?:MSH|EVN|PID|PV1|PV2|MRG|DG1|IN1)(?![A-Za-z0-9])")
"""Segments that are read. Of all others only the name is kept: results and documents can be megabytes."""
MAX_READ_CHARACTERS = 512 * 1024


class Segment:
    """Fields by their HL7 number, from 1; text unescaped, without white space around it. HL7's null (two quotes) is None."""

    def __init__(self, fields: Any, separators: str, escape: str) -> None:
        self._fields, self._separators, self._escape = fields, separators, escape

    @property
    def name(self) -> str:
        return str(self._fields[0])

    @property
    def length(self) -> int:
        """The number of the last field."""
        return len(self._fields) - 1

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str | None:
        """The text at this place; None when nothing is there."""
        value = _part(_part(_part(self._field(field), repetition), component), subcomponent)
        said = self._unescape(str(value)).strip() if value is not None else ""
        return None if said in ("", '""') else said

    def is_null(self, field: int) -> bool:
        """Whether the sender expressly empties the field."""
        value = self._field(field)
        return value is not None and str(value).strip() == '""'

    def number(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str | None:
        """The text at this place as an identifier; None when it is too long for one."""
        said = self.text(field, component, subcomponent, repetition)
        return said if said is not None and len(said) <= _LONGEST_NUMBER else None

    def repetitions(self, field: int) -> range:
        """The numbers of the field's repetitions."""
        value = self._field(field)
        return range(1, len(value) + 1) if value is not None else range(0)

    def _field(self, number: int) -> Any:
        return self._fields[number] if 0 < number < len(self._fields) else None

    def _unescape(self, text: str) -> str:
        if self._escape not in text:
            return text
        pieces = text.split(self._escape)
        if len(pieces) % 2 == 0:  # an unterminated escape stays as it is
            pieces[-2:] = [pieces[-2] + self._escape + pieces[-1]]
        return "".join(piece if place % 2 == 0 else self._decode_escape(piece) for place, piece in enumerate(pieces))

    def _decode_escape(self, code: str) -> str:
        if code in _ESCAPES:
            return self._separators[_ESCAPES[code]]
        if code == "E":
            return self._escape
        if code[:1] == "X" and len(code) <= _MOST_HEX and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", code[1:]):
            return bytes.fromhex(code[1:]).decode("latin-1")
        return " " if code[:3] in _LINE else ""


class Hl7Message:
    """A message that could be split: the segments that are read. `last_name` is the name of the last one of all; `digest`
    is the sha256 of the normalized bytes."""

    def __init__(self, parsed: hl7.Message, findings: IssueCollector, last_name: str, digest: str) -> None:
        self.parsed, self.last_name, self.digest = parsed, last_name, digest
        self._segments = [Segment(segment, parsed.separators, parsed.esc) for segment in parsed]
        self.findings = findings

    def with_findings_of_its_own(self) -> Hl7Message:
        """The same segments, with a collector that further remarks do not share."""
        other = copy(self)
        other.findings = IssueCollector()
        for one in self.findings.notes:
            other.findings.note(one.path, one.rule, one.message, one.expected)
        return other

    def segments(self, name: str) -> list[Segment]:
        return [segment for segment in self._segments if segment.name == name]

    def first(self, name: str) -> Segment | None:
        return next(iter(self.segments(name)), None)

    @property
    def last(self) -> Segment:
        return self._segments[-1]

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._segments)


def parse_message(raw: bytes) -> Hl7Message:
    """The message in `raw`. Raises NotReadable when it has no usable header."""
    if len(raw) > MAX_BYTES:
        message, wanted = f"the message has {len(raw)} bytes", f"at most {MAX_BYTES}"
        raise not_readable("message", "adt.too_large", message, wanted)
    content = normalize_message(raw)
    if not re.match(rb"MSH[^A-Za-z0-9\s]", content):
        message, wanted = "this does not begin with a message header", "MSH and a field separator"
        raise not_readable("MSH", "adt.no_header", message, wanted)
    findings = IssueCollector()
    text = _decoded(content, findings)
    _require_separators(text)
    lines = text.rstrip("\r").split("\r")
    kept = [line for line in lines if _READ.match(line)]
    if sum(map(len, kept)) > MAX_READ_CHARACTERS:
        message, wanted = (
            "the segments about patient and visit are too long",
            f"at most {MAX_READ_CHARACTERS} characters",
        )
        raise not_readable("message", "adt.too_large", message, wanted)
    try:
        parsed = hl7.parse("\r".join(kept) + "\r")
    except Exception:
        # Any error of the package; its error texts quote the message.
        message, wanted = "the message cannot be split into segments and fields", "the encoding characters of MSH-2"
        raise not_readable("MSH-2", "adt.syntax", message, wanted) from None
    last_name = lines[-1].split(text[3], 1)[0].strip()
    return Hl7Message(parsed, findings, last_name, hashlib.sha256(content).hexdigest())


def _require_separators(text: str) -> None:
    declared = text[4:].split(text[3], 1)[0].split("\r", 1)[0]
    used = [text[3], *declared]
    wrong = len(set(used)) < len(used) or any(one.isalnum() or one.isspace() for one in used)
    if not 2 <= len(declared) <= 5 or wrong:
        message, wanted = "the encoding characters cannot be used", r"^~\& or four others that differ"
        raise NotReadable(not_readable("MSH-2", "adt.separators", message, wanted).problems)


def _decoded(content: bytes, findings: IssueCollector) -> str:
    """By MSH-18; else UTF-8, else Latin-1, which can read every byte."""
    header = content.split(b"\r", 1)[0].decode("latin-1").split(chr(content[3]))
    said = header[17].split("~")[0].strip().upper() if len(header) > 17 else ""
    encoding = _ENCODINGS.get(said)
    if encoding is None:
        findings.note("MSH-18", "adt.encoding", "the character set is not known here", "UNICODE UTF-8 or 8859/1")
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if said not in ("", "ASCII"):
            findings.note("MSH-18", "adt.encoding", "the text is not in the character set that the header names")
        return content.decode("latin-1")


def _part(value: Any, number: int) -> Any:
    """The n-th part of a container; a text has only its first."""
    if value is None or isinstance(value, str):
        return value if number == 1 else None
    return value[number - 1] if 0 < number <= len(value) else None
