"""Lines of plain text that fit a page."""

from __future__ import annotations

WIDTH = 76


def fill(text: str, indent: str = "", hanging: str | None = None) -> str:
    """The text broken into lines of at most `WIDTH` characters, where words allow it.

    `indent` starts the first line; `hanging` starts the others and is as wide as `indent` unless given.
    """
    start, rest = indent, " " * len(indent) if hanging is None else hanging
    lines: list[str] = []
    line = start
    fresh = True
    for word in str(text).split():
        if not fresh and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, fresh = rest, True
        line += word if fresh else " " + word
        fresh = False
    return "\n".join([*lines, line])
