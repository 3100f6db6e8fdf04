"""Signed heads of journals: an auditor with the public key alone finds an anchor that was changed or made by somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.terminal.context import CliContext
from engine.settings import Settings
from store import journal
from store.session import open_store
from tests.cli.terminal import CommandOutput, run
from tests.store.samples import CASE, drafts

Typing = Callable[..., CommandOutput]


@pytest.fixture
def type_command(tmp_path: Path) -> Typing:
    """Commands in a home with the journal of one case."""
    settings = Settings.from_environment({"UMPIRE_HOME": str(tmp_path / "home"), "TEMPORAL_ADDRESS": "127.0.0.1:1"})
    store = open_store(settings.database_url)
    store.create()
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 3))
    store.close()

    def type_words(*words: object) -> CommandOutput:
        here = CliContext(settings)
        said = run(*words, here=here)
        here.close()
        return said

    return type_words


def test_the_first_anchor_makes_the_key_and_prints_its_public_half(type_command: Typing, tmp_path: Path) -> None:
    first = type_command("journal", "anchor", tmp_path / "a.json")
    second = type_command("journal", "anchor", tmp_path / "b.json")
    assert (first.code, second.code) == (0, 0)
    assert "BEGIN PUBLIC KEY" in first.out and "PUBLIC KEY" not in second.out and "PRIVATE" not in first.out
    assert ((tmp_path / "home" / "journal-signing-key.pem").stat().st_mode & 0o777) == 0o600


def test_signed_anchors_are_verified_with_the_public_key(type_command: Typing, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert type_command("journal", "anchor", tmp_path / name).code == 0
    assert type_command("journal", "key", "--public", tmp_path / "public.pem").code == 0
    files = ("--anchor", tmp_path / "a.json", "--anchor", tmp_path / "b.json")
    said = type_command("journal", "verify", *files, "--public-key", tmp_path / "public.pem")
    assert "2 anchors signed and in agreement" in said.out, said


@pytest.mark.parametrize("forged", ["heads", "instant", "no signature", "another key"])
def test_an_anchor_that_the_owner_of_the_key_did_not_sign_is_found(
    type_command: Typing, tmp_path: Path, forged: str
) -> None:
    anchor, public = tmp_path / "a.json", tmp_path / "public.pem"
    type_command("journal", "key", "--public", public)
    other = ("--key", tmp_path / "other.pem") if forged == "another key" else ()
    assert type_command("journal", "anchor", anchor, *other).code == 0
    content = json.loads(anchor.read_text())
    if forged == "heads":
        empty = tmp_path / "empty"
        content |= {"heads": {}, "sha256": _hash_of_no_heads(empty)}
    elif forged == "instant":
        content["made_at"] = "2026-01-01T00:00:00Z"
    elif forged == "no signature":
        del content["signature"]
    anchor.write_text(json.dumps(content))
    without_key = type_command("journal", "verify", "--anchor", anchor)
    said = type_command("journal", "verify", "--anchor", anchor, "--public-key", public)
    assert (without_key.code, said.code) == (0, 1), "only the signature tells"
    assert "not signed by the owner" in said.err


def _hash_of_no_heads(home: Path) -> str:
    here = CliContext(Settings.from_environment({"UMPIRE_HOME": str(home)}))
    here.store.create()
    assert run("journal", "anchor", home / "none.json", here=here).code == 0
    here.close()
    return str(json.loads((home / "none.json").read_text())["sha256"])


def test_a_public_key_without_an_anchor_is_refused_with_the_way_out(type_command: Typing, tmp_path: Path) -> None:
    type_command("journal", "key", "--public", tmp_path / "public.pem")
    said = type_command("journal", "verify", "--public-key", tmp_path / "public.pem")
    assert said.code == 3 and "--anchor FILE" in said.err


def test_what_was_handed_out_is_not_written_over(type_command: Typing, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    for words in (("anchor", kept), ("key", "--public", kept)):
        said = type_command("journal", *words)
        assert said.code == 3 and "it exists" in said.err
    assert kept.read_text() == "kept"
