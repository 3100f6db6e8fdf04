"""Parser from bytes to JSON values, which rejects anything else and states the position.

Accepted: UTF-8 with or without a byte order mark, within a size and a nesting depth. Decimals keep their digits
(`Decimal`), because a quantity of 1.10 is not 1.1 to every later reader.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from domain.errors import NotReadable
from interop.issues import MAX_ISSUES, IssueCollector, not_readable

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 100
_MIB = 1024 * 1024

# Marks that turn the direction of what follows (U+202A to U+202E, U+2066 to U+2069) steer a letter as others do a terminal.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MAYBE_CONTROL = re.compile(rb"\\[ubf]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
"""In raw JSON a control character below U+0020 is always an escape."""

_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_OTHER_FORMATS = (
    (b"<", "spec-11", "the document is XML or HTML"),
    (b"ISA", "umpire-format", "the document is an X12 interchange"),
    (b"MSH", "umpire-format", "the document is an HL7 version 2 message"),
    (b"%PDF", "umpire-format", "the document is a PDF"),
    (b"PK\x03\x04", "umpire-format", "the document is a ZIP archive"),
    (b"\x1f\x8b", "umpire-format", "the document is compressed (gzip)"),
    (b"\x89PNG", "umpire-format", "the document is a picture (PNG)"),
    (b"\xff\xd8\xff", "umpire-format", "the document is a picture (JPEG)"),
    (b"GIF8", "umpire-format", "the document is a picture (GIF)"),
    (b"II*\x00", "umpire-format", "the document is a picture (TIFF), as faxes are"),
    (b"MM\x00*", "umpire-format", "the document is a picture (TIFF), as faxes are"),
)
_JSON_EXPECTED = "a PAS request Bundle or an umpire-request/1 document, as JSON in UTF-8"


class _ObjectWithDuplicateKey(dict[str, Any]):
    """An object of the document that names one of its properties twice."""


class ParsedDocument(NamedTuple):
    """The JSON value, and the paths of texts in which control characters were replaced."""

    value: Any
    cleaned: tuple[str, ...]


def parse_json(raw: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """The JSON value in `raw`. Raises NotReadable (place, rule, what was expected) for anything else."""
    return parse_document(raw, max_bytes).value


def parse_document(raw: bytes, max_bytes: int = MAX_BYTES) -> ParsedDocument:
    """The JSON value in `raw`, and what was cleaned in it: control characters would reach letters and terminals, so that each
    becomes a space, except tab and line breaks. Raises NotReadable as `parse_json`."""
    if len(raw) > max_bytes:
        size, limit = f"{len(raw) / _MIB:.1f}", f"{max_bytes / _MIB:.1f}"
        raise not_readable("document", "umpire-size", f"the document has {size} MiB", f"at most {limit} MiB")
    text = _text(raw)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_decimal, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise not_readable(f"line {error.lineno}, column {error.colno}", "json-syntax", error.msg, "JSON") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise not_readable(
            "document", "json-syntax", "a number cannot be represented", "a finite JSON number"
        ) from None
    _inspect(value, raw)
    cleaned: list[str] = []
    if _MAYBE_CONTROL.search(raw):
        value = _clean(value, "Bundle" if _is_bundle(value) else "$", cleaned)
    return ParsedDocument(value, tuple(cleaned))


def _text(raw: bytes) -> str:
    for mark, encoding in _OTHER_ENCODINGS:
        if raw.startswith(mark):
            raise not_readable("document", "umpire-encoding", f"the document is encoded as {encoding}", "UTF-8")
    body = raw.removeprefix(codecs.BOM_UTF8)
    start = body[:64].lstrip()
    if not start:
        raise not_readable("document", "umpire-format", "the document is empty", _JSON_EXPECTED)
    for signature, rule, message in _OTHER_FORMATS:
        if start.startswith(signature):
            raise not_readable("document", rule, message, _JSON_EXPECTED)
    if b"\x00" in body[:4]:
        if set(body[:4]) & set(b'{["'):
            raise not_readable("document", "umpire-encoding", "the document looks like UTF-16 or UTF-32", "UTF-8")
        raise not_readable("document", "umpire-format", "the document is a binary file", _JSON_EXPECTED)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        column = error.start - (body.rfind(b"\n", 0, error.start) + 1) + 1
        where = f"line {line}, byte {column}"
        raise not_readable(
            where, "umpire-encoding", f"the byte 0x{body[error.start]:02X} is not UTF-8", "UTF-8"
        ) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else _ObjectWithDuplicateKey(value)


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise ValueError from error


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep() -> NotReadable:
    return not_readable(
        "document", "json-depth", f"the document nests deeper than {MAX_DEPTH} levels", "a flatter document"
    )


def _inspect(value: Any, raw: bytes) -> None:
    escaped = b"\\u" in raw
    if not escaped and not _is_deep_or_doubled(value):
        return
    findings = IssueCollector()
    for path, depth, node in _walk(value):
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(node, _ObjectWithDuplicateKey):
            findings.problem(path, "json-duplicate-name", "a property is given twice", "each property once")
        if escaped and isinstance(node, str) and not _is_storable(node):
            findings.problem(path, "json-characters", "the text holds a character that cannot be kept", "Unicode text")
    findings.raise_if_any()


def _is_deep_or_doubled(value: Any) -> bool:
    """Whether the document nests too deep, or gives a property twice. Most do neither, and need no paths."""
    nested = dict, list
    level = [value] if isinstance(value, nested) else []
    for _ in range(MAX_DEPTH - 1):
        if any(isinstance(node, _ObjectWithDuplicateKey) for node in level):
            return True
        children = chain.from_iterable(node.values() if isinstance(node, dict) else node for node in level)
        level = [child for child in children if isinstance(child, nested)]
        if not level:
            return False
    return True


def _walk(value: Any) -> Iterator[tuple[str, int, Any]]:
    """Everything in the document with its path; no recursion, so that depth costs nothing."""
    root = "Bundle" if _is_bundle(value) else "$"
    stack: list[tuple[str, int, Any]] = [(root, 1, value)]
    while stack:
        path, depth, node = stack.pop()
        yield path, depth, node
        if isinstance(node, dict):
            stack.extend((f"{path}.{name}", depth + 1, child) for name, child in node.items())
        elif isinstance(node, list):
            stack.extend((f"{path}[{index}]", depth + 1, child) for index, child in enumerate(node))


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _clean(value: Any, path: str, cleaned: list[str]) -> Any:
    """The same value without control characters, no deeper than MAX_DEPTH."""
    if isinstance(value, str):
        clean = _CONTROL.sub(" ", value)
        if clean != value and len(cleaned) < MAX_ISSUES:
            cleaned.append(path)
        return clean
    if isinstance(value, dict):
        return {_CONTROL.sub(" ", name): _clean(child, f"{path}.{name}", cleaned) for name, child in value.items()}
    if isinstance(value, list):
        return [_clean(child, f"{path}[{index}]", cleaned) for index, child in enumerate(value)]
    return value


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
