"""Reads a rendered page back: which elements are marked on it, and what text stands in each.

Our templates write well-formed HTML and escape all data, so that a `<` on the page always opens a tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from templates.element_facts import Letter, must_show

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\"[^\"]*\"|[^>\"])*)>|([^<]+)")
_MARK = re.compile(r'data-el="([a-z0-9_]+)"')
_INLINE = frozenset({"strong", "em", "span", "a", "bdi", "small"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "col"})


def marked_texts(page: str) -> dict[str, str]:
    """The text inside each marked element, with white space collapsed; several elements of one mark are joined."""
    found: dict[str, list[str]] = {}
    open_tags: list[str | None] = []
    open_marks: list[str] = []
    for closing, tag, attributes, text in _TOKEN.findall(_body(page)):
        if text:
            for mark in open_marks:
                found[mark].append(text)
            continue
        if tag not in _INLINE:
            for mark in open_marks:
                found[mark].append(" ")
        if closing:
            closed = open_tags.pop()
            if closed is not None:
                open_marks.remove(closed)
        elif tag not in _VOID:
            marked = _MARK.search(attributes)
            open_tags.append(marked.group(1) if marked else None)
            if marked:
                open_marks.append(marked.group(1))
                found.setdefault(marked.group(1), []).append(" ")
    return {mark: one_line(html.unescape("".join(parts))) for mark, parts in found.items()}


def page_text(page: str) -> str:
    """All text of the page in one line."""
    parts = (text or ("" if tag in _INLINE else " ") for _, tag, _, text in _TOKEN.findall(_body(page)))
    return one_line(html.unescape("".join(parts)))


def lacking_on_page(letter: Letter, page: str, text: str) -> Iterator[str]:
    """The keys of required elements that are not on the page, or whose facts are missing there or in the plain text."""
    on_page = marked_texts(page)
    plain = one_line(text)
    for element in letter.required:
        there = on_page.get(element.key, "")
        facts = must_show(letter, element)
        if not facts or not there or any(fact not in there or fact not in plain for fact in facts):
            yield element.key


def one_line(text: str) -> str:
    """The text with all white space collapsed to single spaces."""
    return " ".join(text.split())


def _body(page: str) -> str:
    start, end = page.index("<body"), page.rindex("</body>")
    return page[start:end]
