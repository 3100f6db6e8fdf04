"""Layout of a table in a window: what stands in a row, and what moves to a line below it because there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
_LABEL_GAP = " · "
_WHOLE_UP_TO = 26
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

    The first column stays in the row whatever the width. A column without any text needs no room below.
    """
    least = [least_width(name, [row[at] for row in rows]) for at, name in enumerate(columns)]
    taken, in_row = 0, []
    for at, needed in enumerate(least):
        if at and taken + GAP + needed > width:
            break
        taken += needed + (GAP if at else 0)
        in_row.append(at)
    below = tuple(at for at in range(len(in_row), len(columns)) if any(row[at] for row in rows))
    widths = _share_spare(least, [_widest(columns[at], [row[at] for row in rows]) for at in in_row], width - taken)
    return TableLayout(tuple(in_row), widths, below)


def _share_spare(least: Sequence[int], widest: Sequence[int], spare: int) -> tuple[int, ...]:
    """Widths with what is left of the window given to the columns of prose, evenly, up to what each can use."""
    widths = list(least[: len(widest)])
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
    """The cells that moved below their row, each with its column's name; empty ones are left out."""
    return _LABEL_GAP.join(f"{columns[at]}: {' '.join(row[at].split())}" for at in below if row[at].strip())


def separate_by_tabs(cells: Sequence[str]) -> str:
    """A row for programs: cells between tabs, and no tab or line end in a cell."""
    return "\t".join(" ".join(cell.split()) for cell in cells)
