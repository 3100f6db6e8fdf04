"""Admissions from the command line: what became of each message, exit codes, settling, and entering by hand."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab, prepared_store
from domain.vocabulary import Channel
from store import inbox, stays
from store.inbox import InboxStatus
from store.session import open_store
from tests.cli.terminal import SAMPLES, Terminal, run
from tests.paths import ROOT

pytestmark = pytest.mark.many

ADT = SAMPLES / "adt"
BY_HAND = ("--by-hand", "--facility", "MERIDIAN", "--visit", "V1", "--member", "MBR1000011", "--class", "inpatient")


async def test_each_file_is_told_with_what_became_of_it(terminal: Terminal) -> None:
    said = await terminal.type("admit", ADT / "03-to-inpatient-A06.hl7", ADT / "09-duplicate-A06.hl7")
    assert said.code == 0, said.err
    first, again = said.out.splitlines()[1:]
    assert "A06" in first and "opened" in first and "AA" in first
    assert "repeated" in again and "INBOX-1" in again


@pytest.mark.parametrize(
    ("name", "code", "rule"),
    [
        ("12-truncated-A01", 6, "adt.truncated"),
        ("13-unknown-member-A01", 3, "intake.member_unknown"),
        ("14-outpatient-visit-A04", 0, ""),
    ],
)
async def test_the_exit_code_says_what_has_to_be_done(terminal: Terminal, name: str, code: int, rule: str) -> None:
    said = await terminal.type("admit", ADT / f"{name}.hl7")
    assert said.code == code and rule in said.err


async def test_the_outcomes_as_data_for_programs(terminal: Terminal) -> None:
    said = await terminal.type("admit", ADT / "16-batch.hl7", "--json")
    assert [(one["kind"], one["ack"]) for one in said.data] == [("split", "AA"), ("opened", "AA"), ("waiting", "AA")]


async def test_while_the_engine_is_away_everything_is_kept(lab: Lab) -> None:
    said = await Terminal(lab, "127.0.0.1:1").type("admit", ADT / "03-to-inpatient-A06.hl7")
    assert said.code == 7 and "when Temporal is back" in said.out


async def test_an_unknown_member_stands_in_the_inbox_until_intake_settles_it(terminal: Terminal) -> None:
    await terminal.type("admit", ADT / "13-unknown-member-A01.hl7")
    listed = await terminal.type("inbox")
    assert "intake.member_unknown" in listed.out and "umpire admit --inbox" in listed.out
    assert "PRESCOTT" not in listed.out
    nurse = await terminal.type("admit", "--inbox", "INBOX-1", "--member", "MBR1000011", "--as", "nurse.adams")
    assert nurse.code == 3 and "inbox.role" in nurse.err
    nobody = await terminal.type("admit", "--inbox", "1", "--member", "MBR9", "--as", "intake.kim")
    assert nobody.code == 4
    settled = await terminal.type("admit", "--inbox", "INBOX-1", "--member", "MBR1000011", "--as", "intake.kim")
    assert settled.code == 0 and "opened" in settled.out
    assert "has its case" in (await terminal.type("inbox")).out
    with terminal.lab.store.read() as s:
        assert [stay.member_id for stay in stays.of_member(s, "MBR1000011")] == ["MBR1000011"]


async def test_a_notice_by_telephone_is_entered_by_hand(terminal: Terminal) -> None:
    words = (*BY_HAND, "--admitted-at", "2026-03-17T08:30-05:00", "--as", "intake.kim")
    said = await terminal.type("admit", *words, "--diagnosis", "K35.80", "--admission-type", "emergency")
    assert said.code == 0 and "opened" in said.out
    with terminal.lab.store.read() as s:
        item = inbox.get(s, 1)
        assert b'"admission_type":"emergency"' in inbox.raw(s, 1)
    assert (item.channel, item.status, item.sender) == (Channel.PHONE, InboxStatus.ACCEPTED, "intake.kim")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (("--facility-npi", "1215000060"), "$.facility_npi"),
        (("--diagnosis", "appendicitis"), "$.diagnoses"),
        (("--happened-at", "2036-03-17T08:30-05:00"), "$.happened_at"),
    ],
)
async def test_a_form_that_cannot_be_right_is_kept_and_said_with_the_place(
    terminal: Terminal, wrong: tuple[str, ...], place: str
) -> None:
    words = (*BY_HAND, "--admitted-at", "2026-03-17T08:30-05:00", "--as", "intake.kim")
    said = await terminal.type("admit", *words, *wrong)
    assert said.code == 3 and place in said.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--by-hand", "some-file"),
        ("--inbox", "1"),
        (*BY_HAND, "--as", "intake.kim"),
        (*BY_HAND, "--as", "intake.kim", "--admitted-at", "yesterday"),
        (*BY_HAND, "--as", "intake.kim", "--admitted-at", "2026-03-17T08:30"),
        (*BY_HAND, "--admitted-at", "2026-03-17T08:30-05:00"),
    ],
)
async def test_what_is_missing_or_wrong_on_the_line_is_said_as_usage(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    said = await terminal.type("admit", *words)
    assert said.code == 2 and said.err


async def test_a_file_that_is_not_there_is_said(terminal: Terminal) -> None:
    said = await terminal.type("admit", "no-such-file.hl7")
    assert said.code == 6 and "no-such-file.hl7" in said.err


def test_listening_needs_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UMPIRE_HOME", str(tmp_path))
    said = run("listen", "--port", "0")
    assert said.code == 3 and "umpire up" in said.err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    store = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    store.close()
    return tmp_path


def listener(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "UMPIRE_HOME": str(home), "TEMPORAL_ADDRESS": "127.0.0.1:1", "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-m", "cli.main", "listen", *words]
    root = ROOT
    return subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_listening_as_a_service_answers_and_stops_at_a_sigterm(home: Path) -> None:
    process = listener(home, "--port", "0")
    assert process.stdout is not None
    port = int(process.stdout.readline().split(":")[1].split(".")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"\x0b" + (ADT / "15-no-offset-A01.hl7").read_bytes() + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            answer += connection.recv(4096)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert b"MSA|AA|MER-0015|" in answer
    assert (process.returncode, err) == (0, "") and "Stopped." in out


def test_a_port_that_is_taken_is_said(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = listener(home, "--port", str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=30)
    assert process.returncode == 5 and "--port" in err and "Traceback" not in err
