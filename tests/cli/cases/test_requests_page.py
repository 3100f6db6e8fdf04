"""docs/requests.md: its examples are read, its commands run, and every property of every format stands in it."""

from __future__ import annotations

import re
import runpy
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.vocabulary import Channel
from interop.plain.admission import read_admission
from interop.plain.callbacks_and_concerns import read_callback_or_concern
from interop.plain.claim import read_claim
from interop.plain.schema import SCHEMA_NAMES, schema_of_format
from interop.reader import read_request
from tests.cli.terminal import Terminal
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "requests.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
AT = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_read_without_a_remark(example: str) -> None:
    raw = example.encode()
    if "umpire-request/1" in example:
        assert read_request(raw, AT, Channel.API).notes == ()
    elif "umpire-claim/1" in example:
        assert read_claim(raw, AT, Channel.API).notes == ()
    elif "umpire-admission/1" in example:
        assert read_admission(raw, AT).member_ids
    else:
        assert read_callback_or_concern(raw).format == "umpire-callback/1"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_property_and_every_value_of_a_closed_list_stands_in_the_page(name: str) -> None:
    schema = schema_of_format(name)  # type: ignore[arg-type]  # one of the names
    for part in (schema, *schema["$defs"].values()):
        for key, about in part.get("properties", {}).items():
            assert f"`{key}`" in PAGE and about["description"].replace("|", "or") in PAGE, key
        for value in part.get("enum", ()):
            assert f"{value}: " in PAGE, value


def test_the_fields_of_the_page_are_those_of_the_models() -> None:
    written = runpy.run_path(str(ROOT / "docs" / "write_request_page.py"))["write_page"]()
    assert written == PAGE, "run python docs/write_request_page.py"


async def test_the_commands_of_the_page_run_one_after_another(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 6
    for command in commands:
        words, _, file = command.removeprefix("umpire ").partition(" > ")
        said = await terminal.type(*shlex.split(words))
        assert said.code == 0, f"{command}: {said.out}{said.err}"
        if file:
            (tmp_path / file).write_text(said.out)
