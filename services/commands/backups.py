"""Backups of an installation on one machine: the store and, where it is the embedded one, Temporal's state.

Temporal's state is copied before the store. A store that is newer than Temporal is what a crash leaves behind every day: the
case repeats what the journal has already, or is started again as of its last entry. A store that is older would be asked for
what it never had.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, ValidationError
from sqlalchemy.orm import Session

from domain.errors import Corrupt, refusal
from domain.model import Model
from engine.settings import Settings
from store import journal, schema
from store.engines.private_files import make_private_folder
from store.session import Store, open_store

STORE_FILE, TEMPORAL_FILE, MANIFEST = "umpire.db", "temporal.db", "backup.json"
_READ_BYTES = 1 << 20


class BackupFile(Model):
    """A file of a backup, with its hash."""

    name: str
    size_bytes: int
    sha256: str


class BackupManifest(Model):
    """The manifest of a backup: when it was begun (UTC), the version of the store's schema, the files, and the last entry of
    every journal (number and hash), against which a restored store is held. No key is in a backup."""

    made_at: AwareDatetime
    schema_version: str
    files: tuple[BackupFile, ...]
    heads: dict[str, tuple[int, str]]


def make_backup(settings: Settings, folder: Path, now: datetime) -> BackupManifest:
    """Copy store and embedded Temporal into a new folder, while they run. Raises Refused where the store is a database server's
    or the folder is there, and Corrupt when the copy does not verify."""
    source = _embedded_store(settings)
    if folder.exists():
        raise refusal("backup.folder", f"{folder} is there already.", "Name a new folder: no backup is written over.")
    make_private_folder(folder)
    names = []
    if settings.embedded_server and (settings.home / TEMPORAL_FILE).exists():
        _copy_database(settings.home / TEMPORAL_FILE, folder / TEMPORAL_FILE)
        names.append(TEMPORAL_FILE)
    _copy_database(source, folder / STORE_FILE)
    names.append(STORE_FILE)
    with _opened(folder / STORE_FILE) as copy:
        heads = _verified_heads(copy)
    files = tuple(_describe(folder / name) for name in names)
    made = BackupManifest(made_at=now, schema_version=schema.newest_version(), files=files, heads=heads)
    _write_private(folder / MANIFEST, made.model_dump_json(indent=1).encode() + b"\n")
    return made


def restore_backup(settings: Settings, folder: Path, *, store_only: bool = False) -> BackupManifest:
    """Put a backup into the home folder, in which there must be no store.

    Raises Refused where there is one, where the backup is none or of a newer release, and Corrupt where it was changed.
    """
    target = _embedded_store(settings, must_exist=False)
    there = [path.name for path in (target, settings.home / TEMPORAL_FILE) if path.exists()]
    if there:
        way_out = "Name an empty home with UMPIRE_HOME; nothing is written over."
        raise refusal("restore.home", f"{settings.home} has {' and '.join(there)} already.", way_out)
    manifest = read_manifest(folder)
    if manifest.schema_version not in schema.known_versions():
        message = f"The backup is of schema version {manifest.schema_version}, which this release does not know."
        raise refusal("restore.release", message, "Restore it with the release that made it, or a newer one.")
    for file in manifest.files:
        if _describe(folder / file.name) != file:
            raise Corrupt(f"{file.name} of the backup was changed since it was made")
    make_private_folder(settings.home)
    for file in manifest.files:
        if file.name == STORE_FILE or not store_only:
            _copy_file(folder / file.name, target if file.name == STORE_FILE else settings.home / file.name)
    with _opened(target) as restored:
        restored.create()  # a backup of an earlier release is brought up to date
        if _verified_heads(restored) != manifest.heads:
            raise Corrupt("the restored journals are not those of the backup")
    return manifest


def read_manifest(folder: Path) -> BackupManifest:
    """The manifest of a backup. Raises Refused where there is none."""
    try:
        return BackupManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        message, way_out = f"{folder} is no backup.", f"Name a folder that 'umpire backup' made: it has {MANIFEST}."
        raise refusal("restore.folder", message, way_out) from None


def _embedded_store(settings: Settings, must_exist: bool = True) -> Path:
    """The file of the SQLite store. Raises Refused for a database server, whose own tools do it better."""
    kind, _, place = settings.database_url.partition(":///")
    if kind != "sqlite":
        raise refusal(
            "backup.server",
            "The store is on a database server, whose own tools back it up.",
            "Use pg_dump --format=custom and pg_restore, as docs/operations.md (Backup and restore) shows.",
        )
    path = Path(place)
    if must_exist and not path.exists():
        raise refusal("store.schema", f"There is no store in {settings.home} yet.", "Set UMPIRE_HOME.")
    return path


def _copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database as of one instant, whoever writes to it meanwhile."""
    _write_private(target, b"")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        sound = new.execute("PRAGMA integrity_check").fetchone()
    if sound != ("ok",):
        raise Corrupt(f"the copy of {source.name} is damaged")


def _copy_file(source: Path, target: Path) -> None:
    _write_private(target, b"")
    shutil.copyfile(source, target)


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def _verified_heads(store: Store) -> dict[str, tuple[int, str]]:
    """The last entry of every journal. Raises Corrupt where a journal does not verify."""
    with store.read() as s:
        faults = journal.verify_all(s)
        if faults:
            raise Corrupt(f"{faults[0].case_id}, entry {faults[0].seq}: {faults[0].problem}")
        return dict(_heads(s))


def _heads(s: Session) -> Iterator[tuple[str, tuple[int, str]]]:
    for case_id in journal.case_ids(s):
        last = journal.head(s, case_id)
        yield case_id, (last.seq, last.hash)


def _describe(path: Path) -> BackupFile:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
    except OSError:
        raise Corrupt(f"{path.name} of the backup cannot be read") from None
    return BackupFile(name=path.name, size_bytes=path.stat().st_size, sha256=digest.hexdigest())
