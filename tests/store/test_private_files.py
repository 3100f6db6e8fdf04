"""Folders and files with health information are closed to other accounts, also those that an earlier release left open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from activities.integrations.file_outbox import FileOutbox
from cli.terminal.context import CliContext
from engine.settings import Settings
from store.engines.private_files import make_private, make_private_folder
from store.session import open_store
from worker import Dependencies


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o7777)


def open_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    path.chmod(0o755)
    return path


def test_an_outbox_that_was_open_is_closed_and_new_folders_above_it_are_private(tmp_path: Path) -> None:
    FileOutbox(open_folder(tmp_path / "old"))
    FileOutbox(tmp_path / "home" / "deep" / "outbox")
    made = (tmp_path / "old", tmp_path / "home", tmp_path / "home" / "deep", tmp_path / "home" / "deep" / "outbox")
    assert [mode(path) for path in made] == ["0o700"] * 4


def test_a_database_that_was_open_is_closed_with_the_files_beside_it(tmp_path: Path) -> None:
    path = open_folder(tmp_path / "somewhere") / "umpire.db"
    store = open_store(f"sqlite:///{path}")
    store.create()
    files = [path, *path.parent.glob("umpire.db-*")]
    for file in files:
        file.chmod(0o664)
    again = open_store(f"sqlite:///{path}")
    assert len(files) == 3 and [mode(file) for file in files] == ["0o600"] * 3
    assert mode(path.parent) == "0o755", "a folder that somebody else named may hold other things"
    again.close()
    store.close()


def test_the_home_folder_is_closed_by_the_worker_and_by_every_command(tmp_path: Path) -> None:
    homes = [open_folder(tmp_path / "worker"), open_folder(tmp_path / "command")]
    settings = [Settings.from_environment({"UMPIRE_HOME": str(home)}) for home in homes]
    dependencies, here = Dependencies.embedded(settings[0]), CliContext(settings[1])
    assert here.store is here.store
    assert [mode(home) for home in homes] == ["0o700"] * 2
    dependencies.store.close()
    here.close()


def test_what_belongs_to_another_account_keeps_its_mode_and_is_remarked_upon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = open_folder(tmp_path / "outbox")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    make_private_folder(folder)
    assert mode(folder) == "0o755"
    assert str(folder) in caplog.text and "belongs to another account" in caplog.text


def test_everybodys_folder_is_never_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = open_folder(tmp_path / "tmp")
    folder.chmod(0o1777)
    make_private(folder)
    assert mode(folder) == "0o1777" and "everybody's folder" in caplog.text


def test_what_is_private_or_missing_is_left_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    make_private(private)
    make_private(tmp_path / "missing")
    assert mode(private) == "0o700" and caplog.text == "" and not (tmp_path / "missing").exists()
