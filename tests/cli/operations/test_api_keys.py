"""Keys for programs at the command line: shown once, listed without their token, and revoked for good."""

from __future__ import annotations

import json
from pathlib import Path

from cli.terminal.context import CliContext
from cli.terminal.exit_codes import ExitCode
from demo.time_skipping_lab import prepared_store
from engine.settings import Settings
from store.session import open_store
from tests.cli.terminal import run
from web.security import synthetic_people


def test_a_key_is_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "umpire.db").write_bytes(prepared_store())
    settings = Settings.from_environment({"UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": "127.0.0.1:1"})
    store = open_store(settings.database_url)
    with store.begin() as s:
        synthetic_people.create_accounts(s)
    store.close()
    here = CliContext(settings)
    try:
        made = run(
            "api-key",
            "create",
            "intake.kim",
            "--name",
            "Fax",
            "--scope",
            "submit",
            "--scope",
            "read",
            "--json",
            here=here,
        )
        key = json.loads(made.out)
        assert key["scopes"] == ["read", "submit"] and key["token"].startswith("umpire_")
        listed = run("api-key", "list", here=here)
        assert key["key_id"] in listed.out and "valid" in listed.out and key["token"] not in listed.out
        assert run("api-key", "revoke", key["key_id"], here=here).code == 0
        assert "revoked" in run("api-key", "list", here=here).out
        assert run("api-key", "create", "nobody", "--name", "x", "--scope", "read", here=here).code != ExitCode.OK
        assert run("api-key", "revoke", "AK-NONE", here=here).code != ExitCode.OK
    finally:
        here.close()
