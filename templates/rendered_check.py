"""Check of a rendered page: its text, the elements marked on it, and the text of each.

Our templates write well-formed HTML and escape all data, so that a `<` on the page always opens a tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from templates.required_elements import Letter

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:[^>\"]|\"[^\"]*\")*)>|([^<]+)")
_MARK = re.compile(r'data-el="([a-z0-9_]+)"')
_INLINE = frozenset({"strong", "em", "span", "a", "bdi"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "col"})


@dataclass(frozen=True)
class RenderedText:
    """Text of a page: all of it, and the text of each marked element. White space is collapsed.

    Several elements of one mark are joined.
    """

    text: str
    marked: dict[str, str]


def extract_text(page: str) -> RenderedText:
    """The text of the page's body."""
    everything: list[str] = []
    marked: dict[str, list[str]] = {}
    open_tags: list[tuple[str, int] | None] = []
    for closing, tag, attributes, text in _TOKEN.findall(_body(page)):
        if text:
            everything.append(text)
            continue
        if tag in _VOID:
            everything.append(" ")
        elif not closing:
            found = _MARK.search(attributes) if attributes else None
            if tag not in _INLINE:
                everything.append(" ")
            open_tags.append((found.group(1), len(everything)) if found else None)
        else:
            if tag not in _INLINE:
                everything.append(" ")
            opened = open_tags.pop()
            if opened is not None:
                mark, begin = opened
                marked.setdefault(mark, []).extend(everything[begin:])
    return RenderedText(_plain(everything), {mark: _plain(parts) for mark, parts in marked.items()})


def missing_elements(letter: Letter, seen: RenderedText, text: str) -> Iterator[str]:
    """The keys of required elements that are not on the page, or whose facts are missing there or in the plain text."""
    plain = " ".join(text.split())
    for key, facts in letter.shown.items():
        there = seen.marked.get(key, "")
        if not facts or not (_holds_all(there, facts) and _holds_all(plain, facts)):
            yield key


def _holds_all(text: str, facts: Sequence[str]) -> bool:
    """Whether every fact is in the text. Facts stand in their order, so that a long text is read once and not for each."""
    position = 0
    for fact in facts:
        found = text.find(fact, position)
        if found < 0:
            if fact not in text:
                return False
        else:
            position = found
    return True


def _plain(parts: list[str]) -> str:
    return " ".join(html.unescape("".join(parts)).split())


def _body(page: str) -> str:
    return page[page.index("<body") : page.rindex("</body>")]
