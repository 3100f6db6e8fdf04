"""The table of commands: complete, with the help of the commands themselves, and light to list."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import app
from cli.terminal.command_table import CommandEntry, CommandTable
from store.session import open_store
from tests.cli.terminal import run

ROOT = Path(__file__).resolve().parents[2]
WATCHED = (
    *("pydantic", "sqlalchemy", "temporalio", "cryptography", "yaml", "jinja2", "alembic", "hl7"),
    *("intake", "templates", "activities", "workflows"),
)


def table(command: Any = None) -> CommandTable:
    found = (command or typer.main.get_command(app)).commands
    assert isinstance(found, CommandTable)
    return found


def entries(commands: CommandTable, path: str = "umpire") -> Iterator[tuple[str, CommandEntry, Any]]:
    for name, entry in commands.entries.items():
        yield f"{path} {name}", entry, commands[name]
        if isinstance(getattr(commands[name], "commands", None), CommandTable):
            yield from entries(commands[name].commands, f"{path} {name}")


def first_paragraph(words: str | None) -> str:
    return " ".join((words or "").split("\n\n")[0].split())


@pytest.mark.parametrize(("path", "entry", "command"), list(entries(table())))
def test_the_table_says_what_the_command_itself_says(path: str, entry: CommandEntry, command: Any) -> None:
    assert (command.name, command.rich_help_panel) == (entry.name, entry.panel)
    assert first_paragraph(command.help) == entry.help != ""


def test_every_command_is_in_the_table_and_no_command_has_two_names() -> None:
    targets = [entry.target for _, entry, _ in entries(table()) if entry.target]
    assert len(targets) == len(set(targets))
    modules = {target.partition(":")[0] for target in targets}
    for path in (ROOT / "cli").rglob("*.py"):
        text = path.read_text()
        if path.parent.name != "terminal" and "with handle_errors():" in text and "def submit_files(" not in text:
            assert ".".join(path.relative_to(ROOT).with_suffix("").parts) in modules, (
                f"{path} holds a command that no table lists"
            )


def test_help_lists_every_command() -> None:
    said = run("--help")
    lines = said.out.splitlines()
    for name in table():
        assert any(line.removeprefix("│ ").startswith(f"{name} ") for line in lines), name


def test_a_mistyped_command_is_answered_with_the_nearest_one() -> None:
    said = run("worklst")
    assert said.code == 2 and "worklist" in said.err


def loaded(home: Path, *words: str) -> set[str]:
    """The watched packages that a process of its own has loaded after the command."""
    program = (
        "import sys\nfrom cli.main import main\n"
        f"try:\n    main({list(words)!r})\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        f"print('loaded:', *(name for name in {WATCHED!r} if name in sys.modules))"
    )
    environment = {"UMPIRE_HOME": str(home), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_loads_neither_the_store_nor_the_models(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") == set()


@pytest.mark.parametrize("words", [("cases",), ("stays",), ("worklist",), ("inbox",), ("callback", "list")])
def test_lists_load_the_store_and_nothing_of_temporal_or_the_rulebook(tmp_path: Path, words: tuple[str, ...]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.create()
    store.close()
    assert loaded(tmp_path, *words) == {"sqlalchemy", "pydantic"}
