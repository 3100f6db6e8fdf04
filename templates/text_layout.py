"""Layout of plain text in lines that fit a page."""

from __future__ import annotations

import re

WIDTH = 76
_BLANK_LINES = re.compile(r"\n[ \n]*\n")


def fill(text: str, indent: str = "") -> str:
    """The text broken into lines of at most `WIDTH` characters, where words allow it.

    `indent` starts the first line; the others are indented by as much.
    """
    lines: list[str] = []
    line, fresh = indent, True
    for word in str(text).split():
        if not fresh and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, fresh = " " * len(indent), True
        line += word if fresh else " " + word
        fresh = False
    return "\n".join([*lines, line])


def fill_lines(text: str) -> str:
    """Every line of the text broken for itself."""
    return "\n".join(fill(line) for line in str(text).splitlines())


def one_blank_line(text: str) -> str:
    """The text with never more than one blank line in a row, and none at its ends."""
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"
