"""Layout of plain text in lines that fit a page."""

from __future__ import annotations

import re

WIDTH = 76
_BLANK_LINES = re.compile(r"\n[ \n]*\n")


def fill(text: str, indent: str = "") -> str:
    """The text broken into lines of at most `WIDTH` characters, where words allow it.

    `indent` starts the first line; the others are indented by as much.
    """
    words = str(text).split()
    line = " ".join(words)
    if len(indent) + len(line) <= WIDTH:
        return indent + line
    lines: list[str] = []
    first, length = 0, len(indent)
    for place, word in enumerate(words):
        longer = length + (place > first) + len(word)
        if longer > WIDTH and place > first:
            lines.append(" ".join(words[first:place]))
            first, longer = place, len(indent) + len(word)
        length = longer
    lines.append(" ".join(words[first:]))
    return indent + ("\n" + " " * len(indent)).join(lines)


def fill_lines(text: str) -> str:
    """Every line of the text broken for itself."""
    return "\n".join(fill(line) for line in str(text).splitlines())


def one_blank_line(text: str) -> str:
    """The text with never more than one blank line in a row, and none at its ends."""
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"
