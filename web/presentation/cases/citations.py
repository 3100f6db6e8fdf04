"""Passages of documents that criteria rest on: numbered once each, and found again in a document's text.

A passage is found by the words that the sender quoted. Where none were quoted, a measured value with its unit is found when it
stands in the text exactly once. Nothing else is marked: the page does not read the record for the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.evidence.units import clinic_unit, unit_spellings

_TEXT_PAGE = 9000
"""The most characters of a text on one page."""


@dataclass(frozen=True)
class Citation:
    """A passage that criteria rest on. `number` is None where nothing says where in the document it stands; `words` are the
    quoted ones, `value` and `unit` what was read there."""

    number: int | None
    document_id: str
    page: int | None
    words: str
    value: Any
    unit: str | None
    criteria: list[str] = field(default_factory=list, compare=False)


@dataclass
class CitationList:
    """The citations of a case, each passage once, numbered from 1 in the order in which they were cited."""

    found: dict[tuple[object, ...], Citation] = field(default_factory=dict)
    _numbered: int = 0

    def cite(self, criterion_id: str, source: Mapping[str, Any], value: Any, unit: str | None) -> Citation:
        """The citation of a criterion's source."""
        words = source.get("quote") or ""
        can_be_found = bool(words) or (unit is not None and isinstance(value, int | float))
        key = (source["reference"], source.get("page"), words or (value if can_be_found else None), unit)
        known = self.found.get(key)
        if known is None:
            self._numbered += can_be_found
            number = self._numbered if can_be_found else None
            known = Citation(number, source["reference"], source.get("page"), words, value, unit)
            self.found[key] = known
        if criterion_id not in known.criteria:
            known.criteria.append(criterion_id)
        return known

    def of_document(self, document_id: str) -> tuple[Citation, ...]:
        """The citations of one document, in their order."""
        return tuple(one for one in self.found.values() if one.document_id == document_id)


@dataclass(frozen=True)
class TextPart:
    """A stretch of text; with a citation where it is a passage that criteria rest on."""

    text: str
    citation: Citation | None = None
    begins: bool = False
    """Whether the passage begins here: one over several lines has several stretches."""


Paragraph = tuple[TextPart, ...]


def split_pages(text: str) -> tuple[str, ...]:
    """The text in pages: at its form feeds, and between lines where a page would be too long."""
    pages: list[str] = []
    for sheet in text.replace("\r\n", "\n").replace("\r", "\n").split("\f"):
        page = ""
        for line in sheet.split("\n"):
            for piece in _pieces(line):
                if page and len(page) + len(piece) > _TEXT_PAGE:
                    pages.append(page)
                    page = ""
                page += f"{piece}\n"
        pages.append(page)
    return tuple(page for page in pages if page.strip()) or ("",)


def _pieces(line: str) -> Iterator[str]:
    for start in range(0, max(1, len(line)), _TEXT_PAGE):
        yield line[start : start + _TEXT_PAGE]


def find_page(pages: tuple[str, ...], citation: Citation) -> int:
    """The page (from 1) on which the passage stands; that of the citation, else the first, where it is not found."""
    for number, page in enumerate(pages, start=1):
        if _place(page, citation) is not None:
            return number
    return min(citation.page or 1, len(pages))


def mark_text(text: str, citations: Iterable[Citation]) -> tuple[Paragraph, ...]:
    """The text in paragraphs, with the passages of these citations marked. Passages do not overlap: the first one stands."""
    placed: list[tuple[int, int, Citation]] = []
    for one in citations:
        place = _place(text, one) if one.number is not None else None
        if place is not None and all(place[1] <= start or place[0] >= end for start, end, _ in placed):
            placed.append((*place, one))
    paragraphs: list[Paragraph] = []
    begin = 0
    for line in text.splitlines(keepends=True):
        end = begin + len(line)
        parts = tuple(_parts(text, begin, end, sorted(placed, key=lambda mark: mark[0])))
        if parts:
            paragraphs.append(parts)
        begin = end
    return tuple(paragraphs)


def _parts(text: str, begin: int, end: int, placed: list[tuple[int, int, Citation]]) -> Iterator[TextPart]:
    at, stop = begin, begin + len(text[begin:end].rstrip())
    for start, until, citation in placed:
        first, last = max(start, at), min(until, stop)
        if first < last:
            if at < first:
                yield TextPart(text[at:first])
            yield TextPart(text[first:last], citation, begins=first == start)
            at = last
    if at < stop:
        yield TextPart(text[at:stop])


def _place(text: str, citation: Citation) -> tuple[int, int] | None:
    """The place of the passage in the text; None where it is not found, or a value more than once."""
    if citation.words:
        pattern = r"\s+".join(re.escape(word) for word in citation.words.split())
        quoted = re.search(pattern, text, re.IGNORECASE) if pattern else None
        return quoted.span() if quoted is not None else None
    if citation.unit is None or not isinstance(citation.value, int | float):
        return None
    units = {*unit_spellings(citation.unit), clinic_unit(citation.unit) or ""} - {""}
    written = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
    number = re.escape(f"{citation.value:g}")
    found = list(re.finditer(rf"(?<![\w.,]){number}\s*(?:{written})(?!\w)", text, re.IGNORECASE)) if written else []
    return found[0].span() if len(found) == 1 else None
