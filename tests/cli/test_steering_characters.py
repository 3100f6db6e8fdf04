"""Whatever a provider writes, it cannot steer the terminal of a reviewer."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cli.terminal import errors, output

HOSTILE = "spine\x1b]0;title\x07\x1b[2J\r\x9b31m \u202edeined\u202c\x7f end"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def print_everything() -> None:
    output.print_lines(HOSTILE)
    output.print_heading(HOSTILE)
    output.print_json({"description": HOSTILE})
    output.print_table((HOSTILE,), ((HOSTILE,), (Text(HOSTILE, style="bold"),)))
    tree = Tree(HOSTILE)
    tree.add(Text(HOSTILE)).add(HOSTILE)
    output.print_tree(tree)
    errors.print_error(HOSTILE)


def test_control_characters_are_spelled_out_in_whatever_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_everything()
    shown = capsys.readouterr()
    assert not RAW.search(shown.out) and not RAW.search(shown.err)
    assert "\\x1b[2J" in shown.out and "end" in shown.out
    assert HOSTILE in json.loads(shown.out[shown.out.index("{") : shown.out.index("}") + 1])["description"]


def test_a_terminal_gets_only_the_styles_that_umpire_sends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(output, "console", lambda: Console(file=screen, force_terminal=True, width=300, emoji=False))
    print_everything()
    styles = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert not RAW.search(styles) and "\\x1b[2J" in styles


def test_lines_and_tabs_stay_as_they_are() -> None:
    assert output.make_printable("a\n\tb é 漢") == "a\n\tb é 漢"
