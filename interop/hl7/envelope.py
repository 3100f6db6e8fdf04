"""Splitter of bytes into single messages: MLLP framing removed, line ends unified, batches and files of batches split.

Everything here works on bytes, because each message states its own encoding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from domain.errors import ValidationIssue
from domain.plain_language.phrases import count_phrase

_LINE_END = re.compile(rb"\r\n|\r|\n")
_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}")
_BEGUN = re.compile(rb"[A-Z][A-Z0-9]?")
_HEADER = re.compile(rb"(?:\A|[\r\n])[ \t]*(?:FHS|BHS|MSH)([^A-Za-z0-9\s])")
_BARE = frozenset({b"EVN", b"PID", b"PV1", b"PV2", b"MRG", b"BTS", b"FTS"})
"""Segments that may stand without a field; any other bare word of three letters is text."""
_HEADERS, _TRAILERS = (b"FHS", b"BHS"), (b"FTS", b"BTS")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_START, _END = b"\x0b", b"\x1c"
_PADDING = b" \t\r\n\x00"


@dataclass(frozen=True)
class Envelope:
    """The messages in what arrived, each with CR as its line end. `is_batch` when a batch was around them or when there are
    several; `problems` are what is wrong with the batch itself."""

    messages: tuple[bytes, ...]
    is_batch: bool
    problems: tuple[ValidationIssue, ...] = ()


def open_envelope(raw: bytes) -> Envelope:
    """The messages in `raw`, in their order. Bytes without MSH give one message: all of them, to be rejected."""
    if (
        raw.count(b"MSH") < 2
        and all(name not in raw for name in _HEADERS)
        and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        return Envelope((raw,), False)
    lines = _lines(raw)
    messages: list[list[bytes]] = []
    headers = [line for line in lines if line[:3] in _HEADERS]
    trailers = [line for line in lines if line[:3] in _TRAILERS]
    for line in lines:
        if line[:3] == b"MSH":
            messages.append([line])
        elif line[:3] not in _HEADERS + _TRAILERS and messages:
            messages[-1].append(line)
    if len(messages) < 2 and not headers:
        return Envelope((raw,), False)
    ends = b"\r" if is_terminated(raw) or trailers else b""
    joined = [b"\r".join(message) + b"\r" for message in messages]
    if joined and not ends:
        joined[-1] = joined[-1].removesuffix(b"\r")
    return Envelope(tuple(joined), True, _problems(headers, trailers, len(messages)))


def normalize_message(raw: bytes) -> bytes:
    """One message with CR after each segment and without framing: the same message always gives the same bytes.

    A line that is no segment belongs to the text of the segment before it.
    """
    return b"\r".join(_lines(raw)) + b"\r"


def is_terminated(raw: bytes) -> bool:
    """Whether the end mark is there: the end block of a frame that was begun, else the line end of the last segment."""
    text = _decoded_bom(raw).rstrip(b"\x00")
    if _START in text or text.rstrip(_PADDING).endswith(_END):
        return _END in text[text.rfind(_START) + 1 :]
    return text.rstrip(b" \t").endswith((b"\r", b"\n"))


def ends_with_segment(raw: bytes) -> bool:
    """Whether the last segment has its own line end."""
    return _unframed(raw).rstrip(b"\x00 \t").endswith((b"\r", b"\n"))


def _lines(raw: bytes) -> list[bytes]:
    content = _unframed(raw)
    header = _HEADER.search(content)
    separator = header[1] if header is not None else b"|"
    found: list[list[bytes]] = []
    pieces = _LINE_END.split(content.strip(_PADDING))
    ended = ends_with_segment(raw)
    for place, line in enumerate(pieces, 1):
        stripped = line.strip(b"\x00").lstrip()
        if not stripped:
            continue
        begun = (
            not ended and place == len(pieces) and _BEGUN.fullmatch(stripped)
        )  # the name of a segment that was cut off
        if found and not begun and not _is_segment(stripped, separator):
            found[-1].append(line)
        else:
            found.append([stripped])
    return [b" ".join(parts) for parts in found]


def _is_segment(line: bytes, separator: bytes) -> bool:
    """Whether a line is a segment: a name with the separator of the header behind it. What only looks like one is text."""
    if _NAME.match(line) is None:
        return False
    return line[3:4] == separator or line.rstrip() in _BARE or line[:3] == b"MSH" and not line[3:4].isalnum()


def _unframed(raw: bytes) -> bytes:
    """The messages within the frames; without a start block, everything before the end block."""
    text = _decoded_bom(raw)
    if _START not in text:
        return text.replace(_END, b"")
    blocks = [block.split(_END, 1)[0] for block in text.split(_START)[1:]]
    return b"\r".join(block for block in blocks if block.strip(_PADDING))


def _decoded_bom(raw: bytes) -> bytes:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace").removeprefix("\ufeff").encode() if encoding != "utf-8" else raw[3:]
    return raw


def _problems(headers: list[bytes], trailers: list[bytes], count: int) -> tuple[ValidationIssue, ...]:
    found = []
    for name, opening in ((b"BTS", b"BHS"), (b"FTS", b"FHS")):
        begun = sum(line[:3] == opening for line in headers)
        ended = sum(line[:3] == name for line in trailers)
        if begun > ended:
            message = (
                f"the {'batch' if name == b'BTS' else 'file'} has a beginning and no end: part of it may be missing"
            )
            found.append(
                ValidationIssue(
                    path=name.decode(), rule="adt.batch_cut", message=message, expected="the whole, sent again"
                )
            )
    counts = [field for line in trailers if line[:3] == b"BTS" and (field := _count(line)) is not None]
    if counts and sum(counts) != count:
        message = f"the batch says that it holds {count_phrase(sum(counts), 'message')}, and holds {count}"
        found.append(
            ValidationIssue(
                path="BTS-1", rule="adt.batch_count", message=message, expected="the missing ones, sent again"
            )
        )
    if count == 0:
        message = "the batch holds no message"
        found.append(
            ValidationIssue(path="BHS", rule="adt.batch_empty", message=message, expected="at least one message")
        )
    return tuple(found)


def _count(line: bytes) -> int | None:
    field = line[4:].split(line[3:4] or b"|")[0].strip()
    return int(field) if field.isdigit() and len(field) < 10 else None
