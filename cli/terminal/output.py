"""How things look: plain and complete when piped, folded to the window on a terminal; times in a case's own zone."""

from __future__ import annotations

import json
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


def needs(said: dict[str, str]) -> str:
    """What the person served needs of whoever does a task: 'language: es; tty: calls by TTY'."""
    return "; ".join(f"{output.words(name)}: {value}" for name, value in said.items())


_ENDLESS = 100_000


def console() -> Console:
    """Standard output. Away from a terminal there is no width, so nothing is folded or cut."""
    out = Console(highlight=False, soft_wrap=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, emoji=False, width=_ENDLESS, no_color=True)


def say(*lines: str) -> None:
    """Lines for people, as they are."""
    for line in lines:
        typer.echo(line)


def as_json(value: Any) -> None:
    """Values of the domain as JSON, for programs."""
    typer.echo(json.dumps(_data(value), indent=2, ensure_ascii=False))


def _data(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _data(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_data(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, show_header: bool = True) -> None:
    """A table that keeps every word: without lines, two spaces between columns."""
    out = console()
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=show_header)
    for name in columns:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    _show(out, grid)


def tree(grown: Tree) -> None:
    """A tree, with every word of its branches."""
    _show(console(), grown)


def _show(out: Console, what: RenderableType) -> None:
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as captured:
        out.print(what)
    say(*(line.rstrip() for line in captured.get().splitlines()))


def heading(words: str) -> None:
    say("")
    _show(console(), Text(words, style="bold"))


def instant(at: datetime | None, zone: str) -> str:
    """An instant on the clock of the zone, with the day of the week: Wed 2026-03-04 14:00 CST."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def left(until: datetime, now: datetime) -> Text:
    """The time left, coarser the more there is; in red when it is over, in yellow in the last day."""
    delta = until - now
    if delta < timedelta(0):
        return Text(f"{span(-delta)} overdue", style="bold red")
    return Text(span(delta), style="yellow" if delta < timedelta(days=1) else "")


def span(delta: timedelta) -> str:
    minutes = int(delta.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60:02d} min" if hours else f"{minutes} min"


def words(name: str | None) -> str:
    """A name of the vocabulary as people say it."""
    return "" if name is None else name.replace("_", " ")
