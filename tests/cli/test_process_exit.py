"""The end of a command: its exit code is the documented one whatever Temporal is doing, and Ctrl-C says where the state is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cli.terminal.errors import handle_errors
from demo.time_skipping_lab import prepared_store
from store.session import open_store
from tests.paths import ROOT, SAMPLES

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.close()
    return tmp_path


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", "from cli.main import main; main()", *words]


def environment(home: Path) -> dict[str, str]:
    return {"UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": NOWHERE, "PATH": os.environ["PATH"]}


@pytest.mark.many
@pytest.mark.timeout(600)
def test_without_temporal_a_command_never_aborts_the_interpreter(home: Path) -> None:
    for _ in range(15):
        done = subprocess.run(
            command(home, "claim", "PA-7K3QX2MDVH5A-T1", "--as", "nurse.adams"),
            cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, "Fatal" in done.stderr) == (5, False), done.stderr
        assert "TEMPORAL_ADDRESS" in done.stderr
    kept = subprocess.run(
        command(home, "submit", str(SAMPLES / "requests" / "lumbar-fusion.json"), "--json"),
        cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert kept.returncode == 7 and '"kind": "kept"' in kept.stdout, "everything printed is out before the process ends"


@pytest.mark.many
@pytest.mark.timeout(120)
def test_ctrl_c_at_a_question_says_that_it_stopped_and_where_the_state_is(home: Path) -> None:
    asking = subprocess.Popen(
        command(home, "submit", "--by-hand"), cwd=ROOT, env=environment(home) | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert asking.stdout is not None
    said = ""
    while "How did it come" not in said:
        said += asking.stdout.read(1)
    asking.send_signal(signal.SIGINT)
    _, errors = asking.communicate(timeout=60)
    assert asking.returncode == 130
    assert f"Stopped. What was done before this is kept; the state is in {home}." in errors


def test_the_end_of_the_answers_is_no_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, handle_errors():
        raise typer.Abort
    assert ended.value.exit_code == 2 and "an answer is missing" in capsys.readouterr().err


def test_ctrl_c_in_the_middle_of_a_command_has_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, handle_errors():
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130 and "the state is in" in capsys.readouterr().err
