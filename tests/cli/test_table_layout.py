"""Tables that people can read in a window of any width, and programs in a pipe."""

from __future__ import annotations

import io
import random
import re

import pytest
from rich.console import Console
from rich.text import Text

from cli.terminal import output
from cli.terminal.table_layout import describe_below, lay_out_table, separate_by_tabs

COLUMNS = ("Case", "Time left", "Urgency", "Member", "Service", "Waits for", "Due", "Claimed by")
ROW = (
    "PA-2HAY7EG4KVEB",
    "23 h 58 min",
    "expedited",
    "Okafor, Desmond, born 1948-09-30",
    "Oxygen concentrator, single delivery port, capable of delivering 85 percent or more",
    "nurse review from a nurse",
    "Thu 2026-12-03 17:50 EST",
    "",
)
WHOLE = (ROW[0], ROW[1], ROW[2], ROW[3], ROW[6])


def shown(monkeypatch: pytest.MonkeyPatch, width: int, rows: tuple[tuple[str, ...], ...] = (ROW,), **how: bool) -> str:
    screen = io.StringIO()
    monkeypatch.setattr(
        output, "console", lambda: Console(file=screen, force_terminal=True, width=width, emoji=False, highlight=False)
    )
    output.print_table(COLUMNS, rows, **how)
    return re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).replace("\u00a0", " ")


@pytest.mark.parametrize("width", [80, 100, 120, 160, 240])
def test_a_table_fits_its_window_and_breaks_no_number_name_instant_or_span(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    text = shown(monkeypatch, width)
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    assert all(value in text for value in WHOLE)
    assert all(word in text for word in ROW[4].split())


def test_what_has_no_room_in_the_row_stands_below_it_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    header, row, *below = shown(monkeypatch, 80).splitlines()
    assert header.split() == ["Case", "Time", "left", "Urgency", "Member"] and row.startswith(ROW[0])
    said = " ".join(" ".join(below).split())
    assert f"Service: {ROW[4]}" in said and f"Due: {ROW[6]}" in said and all(line.startswith("    ") for line in below)


def test_a_column_that_no_row_fills_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Claimed by" not in shown(monkeypatch, 300)
    assert "Claimed by" in shown(monkeypatch, 300, (ROW, (*ROW[:-1], "nurse.adams")))


def test_wide_keeps_a_row_on_one_line_in_the_narrowest_window(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(force_terminal=True, width=40, emoji=False))
    output.print_table(COLUMNS, (ROW,), wide=True)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert len(lines) == 2 and all(value in lines[1] for value in ROW)


def test_away_from_a_terminal_cells_stand_between_tabs_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(COLUMNS, ((*ROW[:-1], Text("two\nlines\tand a tab")),))
    header, row = capsys.readouterr().out.splitlines()
    assert tuple(header.split("\t")) == COLUMNS
    assert row.split("\t") == [*ROW[:-1], "two lines and a tab"]


def test_no_table_of_any_shape_loses_a_word_or_breaks_one() -> None:
    chance = random.Random(20261130)
    for _ in range(300):
        count, width = chance.randint(1, 9), chance.randint(60, 200)
        columns = [f"Column {at}" for at in range(count)]
        rows = [[_words(chance) for _ in columns] for _ in range(chance.randint(0, 4))]
        layout = lay_out_table(columns, rows, width)
        assert sum(layout.widths) + 2 * (len(layout.widths) - 1) <= width
        for row in rows:
            in_row = [row[at] for at in layout.in_row]
            for cell, cell_width in zip(in_row, layout.widths, strict=True):
                assert all(len(word) <= cell_width for word in cell.split())
            said = " ".join([*in_row, describe_below(columns, row, layout.below).replace("\u00a0", " ")])
            assert all(word in said for cell in row for word in cell.split())


def _words(chance: random.Random) -> str:
    return " ".join("x" * chance.randint(1, 18) for _ in range(chance.randint(0, 12)))


def test_a_cell_between_tabs_has_neither_tab_nor_line_end() -> None:
    assert separate_by_tabs(("a\tb", "c\nd", " e ")) == "a b\tc d\te"
