"""Layout of a table in a window: what stands in a row, and what moves to a line below it because there is no room."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
_INDENT = 4
_LABEL_GAP = " · "
_HELD = "\u00a0"
_WHOLE_UP_TO = 34
"""A column whose longest cell has at most so many characters is a number, a name, an instant or a length of time: it is never
broken over lines. Longer ones are prose, which wraps between words."""
_PROSE = 24
"""The least width of a column of prose, in characters: narrower ones cannot be read."""


@dataclass(frozen=True)
class TableLayout:
    """The columns that stand in the row, by place, with their widths in characters; those of `below` move under it."""

    in_row: tuple[int, ...]
    widths: tuple[int, ...]
    below: tuple[int, ...]


def lay_out_table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> TableLayout:
    """Fit columns into a window of this many characters. Columns come in order of importance: the last ones move first.

    The first column stays in the row whatever the width. A column that no row fills is left out.
    """
    filled = [at for at in range(len(columns)) if not at or any(row[at].strip() for row in rows)]
    cells = {at: [row[at] for row in rows] for at in filled}
    taken, least = 0, {}
    for at in filled:
        needed = least_width(columns[at], cells[at])
        if at and taken + GAP + needed > width:
            break
        taken += needed + (GAP if at else 0)
        least[at] = needed
    widest = [_widest(columns[at], cells[at]) for at in least]
    widths = _share_spare(tuple(least.values()), widest, width - taken)
    return TableLayout(tuple(least), widths, tuple(at for at in filled if at not in least))


def _share_spare(least: Sequence[int], widest: Sequence[int], spare: int) -> tuple[int, ...]:
    """Widths with what is left of the window given to the columns of prose, evenly, up to what each can use."""
    widths = list(least)
    growing = [at for at, most in enumerate(widest) if most > widths[at]]
    while growing and spare > 0:
        share = max(1, spare // len(growing))
        for at in growing:
            more = min(share, widest[at] - widths[at], spare)
            widths[at] += more
            spare -= more
        growing = [at for at in growing if widest[at] > widths[at]]
    return tuple(widths)


def _widest(name: str, cells: Sequence[str]) -> int:
    return max((len(line) for text in (name, *cells) for line in text.splitlines()), default=0)


def least_width(name: str, cells: Sequence[str]) -> int:
    """The least width at which no number, instant or word of a column is broken."""
    widest = _widest(name, cells)
    if widest <= _WHOLE_UP_TO:
        return widest
    longest_word = max((len(word) for text in (name, *cells) for word in text.split()), default=0)
    return max(longest_word, _PROSE)


def describe_below(columns: Sequence[str], row: Sequence[str], below: Sequence[int]) -> str:
    """The cells that moved below their row, each with its column's name; empty ones are left out. What is not to be broken
    over lines holds together by spaces that do not break."""
    return _LABEL_GAP.join(_labeled(columns[at], " ".join(row[at].split())) for at in below if row[at].strip())


def _labeled(name: str, text: str) -> str:
    label = name.replace(" ", _HELD) + ":"
    if len(text) <= _WHOLE_UP_TO:
        return f"{label}{_HELD}{text.replace(' ', _HELD)}"
    return f"{label}{_HELD}{text}"


def wrap_below(text: str, width: int) -> list[str]:
    """The lines of what stands below a row, indented, in a window of this many characters."""
    indent = " " * _INDENT
    # textwrap, because it breaks at plain spaces only.
    lines = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_HELD, " ") for line in lines]


def separate_by_tabs(cells: Sequence[str]) -> str:
    """A row for programs: cells between tabs, and no tab or line end in a cell."""
    return "\t".join(" ".join(cell.split()) for cell in cells)
