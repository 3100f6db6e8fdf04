"""Terminal output: plain and complete when piped, wrapped to the window on a terminal; times in the case's own zone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cli.terminal import output
from cli.terminal.table_layout import GAP, TableLayout, describe_below, lay_out_table, separate_by_tabs, wrap_below
from domain.plain_language.phrases import instant_phrase, lob_phrase
from domain.vocabulary import Lob, Urgency


def format_needs(said: dict[str, str]) -> str:
    """Format a person's communication needs for a task: 'language: es; tty: calls by TTY'."""
    return "; ".join(f"{output.spell_out(name)}: {value}" for name, value in said.items())


_UNLIMITED_WIDTH = 100_000
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line end, and those that turn the direction of what follows."""


def console() -> Console:
    """Standard output. Without a terminal there is no width, so nothing is wrapped or cut."""
    out = Console(highlight=False, soft_wrap=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, emoji=False, width=_UNLIMITED_WIDTH, no_color=True)


def print_lines(*lines: str) -> None:
    """Print lines. What would steer the terminal is shown and not sent."""
    for line in lines:
        typer.echo(make_printable(line))


def make_printable(text: str) -> str:
    """The text with its control and direction characters spelled out: a provider's words must not steer a terminal."""
    return _STEERING.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def print_json(value: Any) -> None:
    """Print domain values as JSON, for programs."""
    text = json.dumps(_json_data(value), indent=2, ensure_ascii=False)
    typer.echo(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _json_data(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _json_data(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json_data(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, show_header: bool = True, wide: bool = False
) -> None:
    """Print a table without borders and with its full text; columns come in order of importance.

    In a window no number is broken: columns without room move to a line below their row. `wide` keeps every row on one line,
    whatever the window. Away from a terminal the cells of a table with a header stand between tabs.
    """
    out = console()
    shown = [[_printable_cell(cell) for cell in row] for row in rows]
    names = [make_printable(name) for name in columns]
    if show_header and not out.is_terminal:
        print_lines(*(separate_by_tabs(row) for row in (names, *([cell.plain for cell in row] for row in shown))))
        return
    if not show_header:
        _print(out, _plain_grid(names, shown, show_header=False))
        return
    if wide:
        out = Console(highlight=False, emoji=False, width=_UNLIMITED_WIDTH, soft_wrap=True, force_terminal=True)
        with out.capture() as captured:
            out.print(_plain_grid(names, shown, show_header=True))
        typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
        return
    plain = [[cell.plain for cell in row] for row in shown]
    layout = lay_out_table(names, plain, out.width)
    _print_row(out, [Text(name, style="bold") for name in names], layout)
    for row, words in zip(shown, plain, strict=True):
        _print_row(out, row, layout)
        for line in wrap_below(describe_below(names, words, layout.below), out.width):
            out.print(Text(line, style="dim"), no_wrap=True, crop=False, soft_wrap=True)


def _print_row(out: Console, row: Sequence[Text], layout: TableLayout) -> None:
    for line in _row_lines(out, row, layout):
        out.print(line, no_wrap=True, crop=False, soft_wrap=True)


def _row_lines(out: Console, row: Sequence[Text], layout: TableLayout) -> Iterator[Text]:
    """The lines of a row: each cell wraps between words in the width of its column."""
    wrapped = [row[at].wrap(out, width) for at, width in zip(layout.in_row, layout.widths, strict=True)]
    for number in range(max(len(lines) for lines in wrapped)):
        line = Text()
        for lines, width in zip(wrapped, layout.widths, strict=True):
            part = lines[number].copy() if number < len(lines) else Text()
            part.rstrip()
            part.pad_right(width + GAP - len(part))
            line.append_text(part)
        line.rstrip()
        yield line


def _plain_grid(names: Sequence[str], rows: Sequence[Sequence[Text]], *, show_header: bool) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold", show_header=show_header)
    for name in names:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def print_tree(grown: Tree) -> None:
    """Print a tree with its full text."""
    left = [grown]
    while left:
        branch = left.pop()
        if isinstance(branch.label, str | Text):
            branch.label = (
                _printable_cell(branch.label) if isinstance(branch.label, Text) else make_printable(branch.label)
            )
        left.extend(branch.children)
    _print(console(), grown)


def _printable_cell(cell: str | Text) -> Text:
    plain = cell.plain if isinstance(cell, Text) else cell
    shown = make_printable(plain)
    if isinstance(cell, Text):
        return cell if shown == plain else Text(shown, style=cell.style)
    return Text(shown)


def _print(out: Console, what: RenderableType) -> None:
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as captured:
        out.print(what)
    print_lines(*(line.rstrip() for line in captured.get().splitlines()))


def print_heading(words: str) -> None:
    """Print a heading after an empty line."""
    print_lines("")
    _print(console(), Text(make_printable(words), style="bold"))


def format_instant(at: datetime | None, zone: str) -> str:
    """Format a time in the zone for a table, with the day of the week: Wed 2026-03-04 14:00 CST."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def say_instant(at: datetime | None, zone: str) -> str:
    """Say a time in the zone within a sentence, as pages and the journal do: Wed Mar 4, 2026, 2:00 PM CST."""
    return "" if at is None else instant_phrase(at, zone, year=True)


def format_member(name: str, birth_date: date | None, member_id: str) -> str:
    """Format a member for a list: 'Lopez, Ana, born 1950-01-02'; the id where the directory has no name."""
    born = f", born {birth_date.isoformat()}" if birth_date is not None else ""
    return f"{name}{born}" if name else member_id


def format_urgency(urgency: Urgency | None) -> Text:
    """Format the urgency of a request; expedited stands out."""
    word = urgency.value if urgency is not None else ""
    return Text(word, style="bold magenta" if urgency is Urgency.EXPEDITED else "")


def format_lob(lob: Lob | None, state: str) -> str:
    """Format a line of business with the State whose law counts: 'Medicaid, TX'."""
    return ", ".join(part for part in (lob_phrase(lob) if lob is not None else "", state) if part)


def format_time_left(until: datetime, now: datetime) -> Text:
    """Format the time left, coarser the longer it is; red when overdue, yellow in the last day."""
    delta = until - now
    if delta < timedelta(0):
        return Text(f"{format_duration(-delta)} overdue", style="bold red")
    return Text(format_duration(delta), style="yellow" if delta < timedelta(days=1) else "")


def format_duration(delta: timedelta) -> str:
    """Format a duration: '3 d 4 h', '2 h 05 min'."""
    minutes = int(delta.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60:02d} min" if hours else f"{minutes} min"


def spell_out(name: str | None) -> str:
    """A vocabulary name as words: `not_met` as 'not met'."""
    return "" if name is None else name.replace("_", " ")
