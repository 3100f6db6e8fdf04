"""The database is reached over TLS, and a server that is not the database is not taken for it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Unavailable
from engine import edge_clock
from engine.embedded import find_free_port
from engine.settings import Settings
from services.diagnosis.findings import Finding, FindingLevel
from services.diagnosis.machine_checks import check_store
from store.session import open_store
from tests.engine.certificates import write_certificates
from tests.store.throwaway_postgres import _run, binaries, server_account, unavailable_reason

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server that takes TLS alone; the start of its address, and the folder with its authority."""
    if (reason := unavailable_reason()) is not None:
        pytest.skip(reason)
    bin_dir, account = binaries(), server_account()
    assert bin_dir is not None
    root, port = Path(tempfile.mkdtemp(prefix="umpire-pg-tls-")), find_free_port()
    certificates = write_certificates(root / "pki")
    for path in (root, certificates, *certificates.iterdir()):
        if account:
            shutil.chown(path, account)
    prefix = ["runuser", "-u", account, "--"] if account else []
    data = root / "data"
    control = [*prefix, str(bin_dir / "pg_ctl"), "-D", str(data), "-w", "-s"]
    try:
        initdb = [*prefix, str(bin_dir / "initdb"), "-D", str(data), "-U", "umpire", "-A", "trust", "-E", "UTF8"]
        _run([*initdb, "--locale=C", "--no-sync"], root)
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
        files = f"-c ssl=on -c ssl_cert_file={certificates}/server.pem -c ssl_key_file={certificates}/server.key"
        settings = f"-c listen_addresses=127.0.0.1 -k {root} -p {port} -c fsync=off {files}"
        _run([*control, "-l", str(root / "log"), "-o", settings, "start"], root)
        try:
            kept = tmp_path / "ca.pem"
            shutil.copy(certificates / "ca.pem", kept)
            yield f"postgresql://umpire@localhost:{port}/postgres", kept
        finally:
            _run([*control, "-m", "immediate", "stop"], root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def checked(url: str) -> dict[str, Finding]:
    settings, store = Settings.from_environment({"DATABASE_URL": url}), open_store(url, 4)
    try:
        return {one.rule: one for one in check_store(settings, store, edge_clock.now())}
    finally:
        store.close()


def test_a_database_is_reached_over_tls_and_its_certificate_is_checked(
    server: tuple[str, Path], tmp_path: Path
) -> None:
    address, authority = server
    url = f"{address}?sslmode=verify-full&sslrootcert={authority}"
    store = open_store(url)
    store.create()
    store.close()
    found = checked(url)
    assert found["store.tls"].level is FindingLevel.OK and "TLSv1" in found["store.tls"].message
    assert found["store.version"].level is found["clock.skew"].level is FindingLevel.OK
    assert checked(f"{address}?sslmode=require")["store.tls"].level is FindingLevel.WARNING, "nobody checks who answers"

    stranger = write_certificates(tmp_path / "stranger") / "ca.pem"
    for wrong in (f"?sslmode=verify-full&sslrootcert={stranger}", "?sslmode=disable"):
        assert checked(address + wrong)["store.reachable"].level is FindingLevel.FAULT
        with pytest.raises(Unavailable), open_store(address + wrong, 4).read():
            pass
