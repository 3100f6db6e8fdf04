"""Terminal output: plain and complete when piped, wrapped to the window on a terminal; times in the case's own zone."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cli.terminal import output


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
    return value.isoformat() if isinstance(value, datetime) else value


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, show_header: bool = True) -> None:
    """Print a table without borders and with its full text, two spaces between columns."""
    out = console()
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=show_header)
    for name in columns:
        grid.add_column(make_printable(name), overflow="fold")
    for row in rows:
        grid.add_row(*(_printable_cell(cell) for cell in row))
    _print(out, grid)


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
    """Format a time in the zone, with the day of the week: Wed 2026-03-04 14:00 CST."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


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
