"""The database of a chaos run: a SQLite file whose writers are killed, or a PostgreSQL server that is killed itself."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.store import throwaway_postgres

STORES = ("sqlite", "postgres")


class PostgresServer:
    """One PostgreSQL server process over a fresh cluster. It keeps what it wrote when it is killed: only a loss of power
    would take what the system had not put on the disk."""

    name = "PostgreSQL server"

    def __init__(self, root: Path) -> None:
        bin_dir = throwaway_postgres.binaries()
        assert bin_dir is not None
        self._bin, self._root, self._account = bin_dir, root, throwaway_postgres.server_account()
        self.log = root / "log"
        self._process: subprocess.Popen[bytes] | None = None
        if self._account:
            shutil.chown(root, self._account)
        initdb = [str(self._bin / "initdb"), "-D", str(root / "data"), "-U", "umpire", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run([*initdb, "--locale=C", "--no-sync"], capture_output=True, **self._as_account())
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr.decode()[-2000:]}")

    @property
    def url(self) -> str:
        return f"postgresql://umpire@/postgres?host={self._root}&port={throwaway_postgres.PORT}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def ended(self) -> int | None:
        return self._process.poll() if self._process is not None else None

    def start(self) -> None:
        """Start it (again). Right after a kill it may refuse, until the last process of the old one is gone."""
        options = ["-c", "listen_addresses=", "-k", str(self._root), "-p", str(throwaway_postgres.PORT)]
        options += ["-c", "fsync=off", "-c", "max_connections=60"]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._root / "data"), *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._as_account(),
            )

    def is_ready(self) -> bool:
        try:
            connection = psycopg.connect(self.url, connect_timeout=2)
        except psycopg.Error:
            return False
        connection.close()
        return True

    def backends(self) -> list[int]:
        """The processes that serve a connection: one of them killed makes the server end all of them and recover."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        found = []
        for pid in children.read_text().split() if children.exists() else ():
            with contextlib.suppress(OSError):
                if b"umpire" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
        return found

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()

    def _as_account(self) -> dict[str, object]:
        """The account of the server, which must not be root."""
        if not self._account:
            return {"cwd": self._root}
        entry = pwd.getpwnam(self._account)
        environment = {**os.environ, "HOME": str(self._root)}
        return {
            "user": entry.pw_uid,
            "group": entry.pw_gid,
            "extra_groups": [],
            "cwd": self._root,
            "env": environment,
        }


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that is ready; stopped, and its folder deleted, when the block ends."""
    root = Path(tempfile.mkdtemp(prefix="umpire-chaos-pg-"))
    try:
        server = PostgresServer(root)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)
