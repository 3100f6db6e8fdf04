"""Commands for whoever runs Umpire for real: doctor, release, schedules, search attributes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from cli.terminal.context import CliContext
from cli.terminal.exit_codes import ExitCode
from demo.time_skipping_lab import prepared_store
from engine import binaries
from engine.settings import Settings
from services.upkeep.tasks import UPKEEP
from tests.cli.terminal import CommandOutput, run
from tests.workflows.two_releases import build_of, worker_of, write_release


def home_with_store(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "umpire.db").write_bytes(prepared_store())
    (home / "umpire.db").chmod(0o600)
    return home


def test_the_doctor_names_place_rule_and_way_out_of_what_is_broken(tmp_path: Path) -> None:
    home = home_with_store(tmp_path)
    (home / "outbox").mkdir(mode=0o755)
    here = CliContext(Settings.from_environment({"UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": "127.0.0.1:1"}))
    try:
        told = run("doctor", "--json", here=here)
        assert told.code == ExitCode.BROKEN
        found = {one["rule"]: one for one in json.loads(told.out) if one["level"] == "fault"}
        assert set(found) == {"temporal.reachable", "folder.private"}
        assert found["folder.private"]["place"] == "UMPIRE_OUTBOX" and "chmod" in found["folder.private"]["way_out"]
        assert found["temporal.reachable"]["place"] == "127.0.0.1:1" and found["temporal.reachable"]["way_out"]
        shown = run("doctor", here=here)
        assert "FAULT" in shown.out and "2 broken" in shown.out
    finally:
        here.close()


def test_the_doctor_lists_every_setting_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UMPIRE_HOME", str(tmp_path))
    monkeypatch.setenv("UMPIRE_WEB_PORT", "nine")
    monkeypatch.setenv("TEMPORAL_TLS", "perhaps")
    told = run("doctor", "--json")
    assert told.code == ExitCode.BROKEN
    assert [one["place"] for one in json.loads(told.out) if one["level"] == "fault"] == [
        "TEMPORAL_TLS",
        "UMPIRE_WEB_PORT",
    ]


@pytest.mark.devserver
@pytest.mark.timeout(240)
async def test_a_server_is_set_up_and_a_build_promoted_by_commands(tmp_path: Path) -> None:
    home, release = home_with_store(tmp_path), write_release(tmp_path / "release")
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=binaries.find("temporal"), dev_server_log_level="error"
    )
    async with server:
        address = server.client.service_client.config.target_host
        given = {"UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": address, "UMPIRE_DEPLOYMENT": "umpire"}
        here = CliContext(Settings.from_environment(given))

        async def ask(*words: str) -> CommandOutput:
            return await asyncio.to_thread(run, *words, here=here)

        assert (await ask("releases", "status")).code == ExitCode.NOT_FOUND
        assert (await ask("schedules", "list")).code == ExitCode.BROKEN
        assert (await ask("schedules", "apply")).code == ExitCode.OK
        listed = await ask("schedules", "list")
        assert listed.code == ExitCode.OK and all(task.name in listed.out for task in UPKEEP)
        assert (await ask("search-attributes", "list")).code == ExitCode.BROKEN
        assert "UmpireDueDay" in (await ask("search-attributes", "apply")).out
        assert (await ask("search-attributes", "list")).code == ExitCode.OK

        async with worker_of(release, home, address):
            build = build_of(release)
            while build not in (await ask("releases", "status", "--json")).out:
                pass
            assert (await ask("releases", "promote", "0-unknown")).code == ExitCode.NOT_FOUND
            assert "get no work" in (await ask("releases", "status")).out
            promoted = await ask("releases", "promote", build, "--json")
            assert json.loads(promoted.out)["status"]["current"] == build
            assert (await ask("releases", "drain", build)).code == ExitCode.BROKEN, "the current build is needed"
            assert (await ask("releases", "rollback")).code == ExitCode.REFUSED
            checked = json.loads((await ask("doctor", "--json")).out)
            assert [one for one in checked if one["level"] == "fault"] == []
        here.close()
