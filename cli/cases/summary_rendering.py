"""Rendering of a case summary in the terminal: tables for lists, a heading for each part, times in the case's zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.terminal import output
from services.queries.summary_parts import format_value, split_parts


def print_part(title: str, content: Mapping[str, Any], zone: str) -> None:
    """Print a part under its heading, and its inner parts under theirs."""

    def said(value: Any) -> str:
        return format_value(value, zone, output.format_instant)

    for part in split_parts(title, content):
        output.print_heading(part.title)
        if part.facts:
            output.print_table(("", ""), [(name, said(value)) for name, value in part.facts], show_header=False)
        elif part.columns:
            output.print_table(part.columns, [[said(value) for value in row] for row in part.rows])
        else:
            output.print_lines(*(f"  {said(line)}" for line in part.lines))
