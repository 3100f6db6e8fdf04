"""A PostgreSQL cluster for one test run, from the machine's own server binaries: no network, no durability."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORT = 5432


def binaries() -> Path | None:
    """The folder with initdb and postgres, the newest version found; None when there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (config := shutil.which("pg_config")) is not None:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        folders.insert(0, Path(told))
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def server_account() -> str | None:
    """The account that runs the server, which must not be root; None when the current account will do."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def unavailable_reason() -> str | None:
    """The reason that no cluster can be started here, or None."""
    if binaries() is None:
        return "no PostgreSQL server binaries on this machine"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL does not run as root, and there is no runuser"
    return None


@contextmanager
def cluster() -> Iterator[str]:
    """A running server; yields the URL of its maintenance database with `{name}` in place of the database's name."""
    bin_dir, account = binaries(), server_account()
    assert bin_dir is not None
    prefix = ["runuser", "-u", account, "--"] if account else []
    root = Path(tempfile.mkdtemp(prefix="umpire-pg-"))
    if account:
        shutil.chown(root, account)
    data = root / "data"
    settings = f"-c listen_addresses='' -k {root} -p {PORT} -c fsync=off -c full_page_writes=off -c max_connections=60"
    control = [*prefix, str(bin_dir / "pg_ctl"), "-D", str(data), "-w", "-s"]
    try:
        initdb = [*prefix, str(bin_dir / "initdb"), "-D", str(data), "-U", "umpire", "-A", "trust", "-E", "UTF8"]
        _run([*initdb, "--locale=C", "--no-sync"], root)
        _run([*control, "-l", str(root / "log"), "-o", settings, "start"], root)
        try:
            yield f"postgresql://umpire@/{{name}}?host={root}&port={PORT}"
        finally:
            _run([*control, "-m", "immediate", "stop"], root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{Path(command[-1]).name}: {done.stderr[-2000:]}")
