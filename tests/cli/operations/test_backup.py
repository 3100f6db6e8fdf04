"""A backup is taken while everything runs, is restored into another home, and nothing is lost and no letter comes twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.terminal.context import CliContext
from engine import embedded
from engine.settings import Settings
from store import journal
from store.session import open_store
from tests.cli.operations.test_up import SAMPLES, up
from tests.cli.terminal import CommandOutput, run
from tests.store.samples import CASE, drafts

Typing = Callable[..., CommandOutput]


@pytest.fixture
def type_in(tmp_path: Path) -> Typing:
    """Commands in a home by its name; the home 'old' has the journal of one case."""
    store = open_store(f"sqlite:///{tmp_path / 'old' / 'umpire.db'}")
    store.create()
    with store.begin() as s:
        journal.extend(s, CASE, drafts(1, 3))
    store.close()

    def type_words(home: str, *words: object, **more: str) -> CommandOutput:
        environment = {"UMPIRE_HOME": str(tmp_path / home), "TEMPORAL_ADDRESS": "127.0.0.1:1"} | more
        here = CliContext(Settings.from_environment(environment))
        said = run(*words, here=here)
        here.close()
        return said

    return type_words


def test_a_backup_is_restored_into_another_home_and_verifies(type_in: Typing, tmp_path: Path) -> None:
    assert type_in("old", "backup", tmp_path / "copy").code == 0
    said = type_in("new", "restore", tmp_path / "copy")
    assert said.code == 0 and "1 journal verified" in said.out and "reconcile --server-lost" in said.out
    assert type_in("new", "journal", "verify").code == 0
    for path in (tmp_path / "copy").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert (tmp_path / "new" / "umpire.db").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over(type_in: Typing, tmp_path: Path) -> None:
    assert type_in("old", "backup", tmp_path / "copy").code == 0
    again = type_in("old", "backup", tmp_path / "copy")
    assert again.code != 0 and "is there already" in again.err
    over = type_in("old", "restore", tmp_path / "copy")
    assert over.code != 0 and "has umpire.db already" in over.err


@pytest.mark.parametrize("harm", ["changed", "missing", "no backup", "newer"])
def test_a_backup_that_is_not_what_was_made_is_refused(type_in: Typing, tmp_path: Path, harm: str) -> None:
    assert type_in("old", "backup", tmp_path / "copy").code == 0
    database, manifest = tmp_path / "copy" / "umpire.db", tmp_path / "copy" / "backup.json"
    match harm:
        case "changed":
            database.write_bytes(database.read_bytes().replace(b"Entry number 2", b"Entry number 9"))
        case "missing":
            database.unlink()
        case "no backup":
            manifest.unlink()
        case "newer":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": "9999"}))
    said = type_in("new", "restore", tmp_path / "copy")
    assert said.code != 0 and not (tmp_path / "new" / "umpire.db").exists()


def test_a_store_on_a_database_server_is_sent_to_its_own_tools(type_in: Typing, tmp_path: Path) -> None:
    said = type_in("old", "backup", tmp_path / "copy", DATABASE_URL="postgresql://umpire@127.0.0.1:1/umpire")
    assert said.code != 0 and "pg_dump" in said.err


@pytest.mark.devserver
@pytest.mark.timeout(600)
async def test_a_running_installation_goes_on_in_another_home_with_and_without_temporals_state(tmp_path: Path) -> None:
    old, port = tmp_path / "old", embedded.find_free_port()
    async with up(old, port) as first:
        before = await first.cases_once_looked_at()
        taken = first.umpire("backup", str(tmp_path / "copy"), "--json")
        assert taken.returncode == 0, taken.stderr
        assert {file["name"] for file in json.loads(taken.stdout)["files"]} == {"umpire.db", "temporal.db"}
        letters = {path.name: path.read_bytes() for path in (old / "outbox").rglob("*") if path.is_file()}
        assert letters
        assert await first.stop() == 0
    for name, only in (("with", ()), ("without", ("--store-only",))):
        home = tmp_path / name
        environment = first.environment | {"UMPIRE_HOME": str(home), "UMPIRE_OUTBOX": str(tmp_path / f"{name}-outbox")}
        shutil.copytree(old / "outbox", tmp_path / f"{name}-outbox")
        first.environment.update(environment)
        restored = first.umpire("restore", str(tmp_path / "copy"), *only)
        assert restored.returncode == 0, restored.stderr
        async with up(home, port, outbox=tmp_path / f"{name}-outbox") as second:
            reconciled = second.umpire("reconcile", "--json", *(("--server-lost",) if only else ()))
            found = json.loads(reconciled.stdout)
            open_cases = {case_id for case_id, case in before.items() if case["status"] == "open"}
            assert {one["case_id"] for one in found if one["status"] == "restarted"} == (open_cases if only else set())
            assert second.umpire("reconcile").returncode == 0, "every open case has its workflow"
            after = await second.cases()
            assert len(after) == SAMPLES
            kept = ("received_at", "decision_due", "status", "authorization_number")
            assert {number: [case[key] for key in kept] for number, case in after.items()} == {
                number: [case[key] for key in kept] for number, case in before.items()
            }
            there = {
                path.name: path.read_bytes() for path in (tmp_path / f"{name}-outbox").rglob("*") if path.is_file()
            }
            assert there == letters, "no letter was lost and none came twice"
            verified = second.umpire("journal", "verify")
            assert verified.returncode == 0, verified.stderr
            task = next(one for one in json.loads(second.umpire("worklist", "--json").stdout) if one["role"] == "nurse")
            claimed = second.umpire("claim", task["task_id"], "--as", "nurse.adams")
            assert claimed.returncode == 0, claimed.stderr
            assert await second.stop() == 0
