"""The commands, options, variables and files that the documents tell a newcomer of are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

import worker
from cli.main import app
from domain.vocabulary import Channel, LineOutcome
from interop.reader import read_request
from services.commands.blank_forms import read_completion_form
from tests.paths import PACKAGES, ROOT

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
OPERATIONS = ROOT / "docs" / "operations.md"
VARIABLE = re.compile(r"\b(?:UMPIRE_[A-Z_]+|TEMPORAL_[A-Z_]+|DATABASE_URL)\b")


def shown(path: Path, program: str) -> Iterator[list[str]]:
    """The words after `program` in each command of the document's code blocks."""
    for block in re.findall(r"^```\w*\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            for command in re.findall(rf"(?:^|[$(|;] *|&& ){program} ([^|;)]*)", line.split(" #")[0]):
                yield shlex.split(command.split(" > ")[0])


def test_links_lead_to_files() -> None:
    for path in DOCUMENTS:
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
        assert [target for target in targets if not (path.parent / target).exists()] == [], path


def test_commands_and_their_options_exist() -> None:
    told = [words for path in DOCUMENTS for words in shown(path, "umpire")]
    assert len(told) > 10
    for words in told:
        command: Any = typer.main.get_command(app)
        while words and (commands := getattr(command, "commands", None)):
            name = words.pop(0)
            assert name in commands, f"umpire has no command '{name}'"
            command = commands[name]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, f"{command.name}: {words}"


def test_files_that_documents_name_exist() -> None:
    """A path in backquotes, such as `domain/stays/path.py`, leads somewhere; history may name what is gone."""
    named = {
        (path.name, name)
        for path in DOCUMENTS
        if path.name != "CHANGELOG.md"
        for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*/(?:[a-z_]+\.(?:py|yaml|svg))?)`", path.read_text())
    }
    assert len(named) > 30
    places = (ROOT, ROOT / "rulebook", ROOT / "workflows")
    assert {each for each in named if not any((place / each[1]).exists() for place in places)} == set()


def test_the_tests_that_assurance_names_exist() -> None:
    text = (ROOT / "docs" / "assurance.md").read_text()
    named = re.findall(r"(tests/[a-z_0-9/]+\.py)::(test_\w+)", text)
    assert len(named) > 60
    missing = [f"{path}::{name}" for path, name in named if f"def {name}" not in (ROOT / path).read_text()]
    assert missing == []


def test_every_mechanism_of_assurance_names_a_test_that_is_on_file() -> None:
    """A row without a test proves nothing; module names and commands stand as they are written."""
    lines = (ROOT / "docs" / "assurance.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| mechanism")]
    named = {row: re.findall(r"`((?:tests|rulebook)/[a-z_0-9/]+\.(?:py|yaml))", row) for row in rows}
    assert [row for row, files in named.items() if not files] == []
    assert [one for files in named.values() for one in files if not (ROOT / one).exists()] == []
    assert [row for row in rows if re.match(r"\| [A-Z][a-z]+[_/]\w", row)] == []


def test_no_document_repeats_the_version_of_the_rulebook() -> None:
    """It changes with every rule, so that a copy of it would be wrong the next day."""
    told = {path.name: re.findall(r"\bRulebook [0-9a-f]{8,}", path.read_text()) for path in DOCUMENTS}
    assert {name: found for name, found in told.items() if found} == {}


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {words[0] for path in DOCUMENTS for words in shown(path, "make")} <= targets


def test_operations_name_every_variable_that_the_code_reads_and_no_other() -> None:
    code = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")] + [ROOT / "worker.py"]
    quoted = {name for path in code for name in re.findall(rf'"({VARIABLE.pattern})"', path.read_text())}
    tables = OPERATIONS.read_text() + (ROOT / "docs" / "workbench.md").read_text()
    cells = re.findall(r"^\| (`[A-Z][^|]*)\|", tables, re.MULTILINE)
    rows = [name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)]
    assert sorted(rows) == sorted(quoted)


def test_operations_name_every_flag_of_the_worker(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        worker.main(["--help"])
    flags = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert flags <= set(re.findall(r"`(--[a-z-]+)", OPERATIONS.read_text()))


def test_the_sample_decision_form_fits_the_sample_request() -> None:
    form = read_completion_form((ROOT / "samples" / "forms" / "fusion-denial.json").read_bytes())
    raw = (ROOT / "samples" / "requests" / "lumbar-fusion.json").read_bytes()
    request = read_request(raw, datetime(2026, 11, 18, tzinfo=UTC), Channel.COMMAND_LINE).request
    assert form.decision is not None
    records = [document.document_id for document in request.documents]
    assert [any(record.startswith(said) for record in records) for said in form.decision.evidence_opened] == [True]
    assert [(line.line_id, line.outcome) for line in form.lines] == [("1", LineOutcome.DENIED)]
