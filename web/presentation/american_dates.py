"""Days and instants on a page as Americans write them: what a page says of itself, and never what others wrote."""

from __future__ import annotations

import re
from datetime import date, datetime

from web.presentation.instants import describe_days, respell_instants

_TAGS = re.compile(r"(<[^>]*>)")
_OPENS = re.compile(r"<([a-z][a-z0-9]*)\b([^>]*)>")
_VERBATIM = re.compile(r"""\bclass="[^"]*\b(?:doc|paper)\b[^"]*\"|\bdata-verbatim\b""")
_RAW = frozenset({"textarea", "pre", "script", "style", "code"})
ISO_INSTANT = re.compile(r"(?<![\w-])(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|\+00:00| UTC)(?![\w-])")
ISO_DAY = re.compile(r"(?<![\w.-])(\d{4}-\d\d-\d\d)(?:\.(\d+))?(?![\w-])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def respell_page(page: str) -> str:
    """The page with the ISO days and instants in its text as Americans write them. Attributes, fields that are typed into, and
    what others wrote (records, letters, messages) stay as they are."""
    if not _DATE.search(page):
        return page
    return "".join(respell(part) if is_own else part for part, is_own in split_page(page))


def respell(text: str) -> str:
    """'2026-12-02' as 'Dec 2, 2026', '2026-12-02 21:31 UTC' as 'Dec 2, 2026, 9:31 PM UTC', and '2026-01-01.3', the version
    of a rule, as 'Jan 1, 2026 (3)'."""
    if not _DATE.search(text):
        return text
    return ISO_DAY.sub(_respell_day, ISO_INSTANT.sub(_respell_instant, respell_instants(text)))


def split_page(page: str) -> list[tuple[str, bool]]:
    """The page in its parts, each with whether it is text of the page's own."""
    found, kept_by, depth = [], "", 0
    for part in _TAGS.split(page):
        is_tag = part.startswith("<")
        found.append((part, not is_tag and not kept_by))
        if not is_tag:
            continue
        opened = _OPENS.match(part)
        if kept_by:
            depth += 1 if opened and opened[1] == kept_by else -1 if part == f"</{kept_by}>" else 0
            kept_by = kept_by if depth else ""
        elif opened and (opened[1] in _RAW or _VERBATIM.search(opened[2])):
            kept_by, depth = opened[1], 1
    return found


def _respell_day(found: re.Match[str]) -> str:
    try:
        said = describe_days(date.fromisoformat(found[1]), None)
    except ValueError:
        return found[0]
    return f"{said} ({found[2]})" if found[2] else said


def _respell_instant(found: re.Match[str]) -> str:
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        return found[0]
    return f"{describe_days(at.date(), None)}, {at.hour % 12 or 12}:{at:%M %p} UTC"
