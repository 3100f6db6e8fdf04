"""`umpire submit`: what is read, what is kept, what the sender is told, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import SAMPLES, Terminal, run

REQUESTS = SAMPLES / "requests"


def test_a_check_reads_and_validates_and_needs_no_store() -> None:
    said = run("submit", "--check", REQUESTS / "home-oxygen-complete.json")
    assert said.code == 0 and "readable (initial request, 1 line, 1 document)" in said.out


def test_a_check_names_every_reason_with_its_place_and_rule() -> None:
    said = run("submit", "--check", REQUESTS / "faulty-bundle.json")
    assert said.code == 6
    assert "Bundle.type" in said.err and "[pas-bundle-type]" in said.err
    assert "Bundle.entry[0].resource.item[0].quantity.value" in said.err


def test_a_check_remarks_on_a_measurement_in_a_unit_in_which_it_does_not_count(tmp_path: Path) -> None:
    bundle = (REQUESTS / "home-oxygen-complete.json").read_text(encoding="utf-8")
    file = tmp_path / "request.json"
    file.write_text(bundle.replace('"mm[Hg]"', '"kPa"').replace('"%"', '"fraction"'), encoding="utf-8")
    said = run("submit", "--check", file)
    assert said.code == 0 and "units are never converted" in said.out


def test_a_check_can_be_read_by_programs() -> None:
    said = run("submit", "--check", "--json", REQUESTS / "broken.json", REQUESTS / "lumbar-fusion.json")
    assert said.code == 6
    assert [one["readable"] for one in said.data] == [False, True]
    assert said.data[0]["problems"][0]["rule"] == "json-syntax"


def test_a_file_that_is_not_there_is_named() -> None:
    said = run("submit", "--check", "/no/such/file.json")
    assert said.code == 6 and "/no/such/file.json: no such file or directory" in said.err


async def test_a_request_starts_its_case(terminal: Terminal) -> None:
    said = await terminal.type("submit", REQUESTS / "home-oxygen-complete.json")
    assert said.code == 0 and "is running" in said.out
    listed = await terminal.type("cases", "--json")
    assert [case["status"] for case in listed.data] == ["approved"]


async def test_the_same_request_again_joins_its_case_and_says_what_that_waits_for(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("submit", REQUESTS / "lumbar-fusion.json")
    assert said.code == 0
    assert f"The same request is case {case_id} already and joined it. It waits for nurse review" in said.out


async def test_what_cannot_be_read_is_kept_and_ends_with_its_own_code(terminal: Terminal) -> None:
    said = await terminal.type("submit", REQUESTS / "broken.json")
    assert said.code == 6 and "stored as INBOX-1" in said.out and "line 65, column 1" in said.err


async def test_a_member_who_is_not_ours_is_refused_by_rule(terminal: Terminal) -> None:
    said = await terminal.type("submit", REQUESTS / "member-unknown.json")
    assert said.code == 3 and "[intake.member_unknown]" in said.err


async def test_a_receipt_in_the_future_is_refused(terminal: Terminal) -> None:
    said = await terminal.type("submit", REQUESTS / "lumbar-fusion.json", "--received-at", "2099-01-01T00:00+00:00")
    assert said.code == 3 and "[intake.received_at]" in said.err


async def test_a_receipt_without_an_offset_is_wrong_usage(terminal: Terminal) -> None:
    said = await terminal.type("submit", REQUESTS / "lumbar-fusion.json", "--received-at", "2026-03-02T14:00")
    assert said.code == 2 and "2026-03-02T14:00-06:00" in said.err


async def test_without_an_engine_a_request_is_kept_and_said_to_go_on_later(terminal: Terminal) -> None:
    cut_off = Terminal(terminal.lab, address="127.0.0.1:9")
    said = await cut_off.type("submit", REQUESTS / "lumbar-fusion.json")
    assert said.code == 7 and "starts automatically when Temporal is back" in said.out
    resumed = await terminal.type("inbox", "retry")
    assert resumed.code == 0 and "is running" in resumed.out


async def test_a_request_can_come_on_standard_input(terminal: Terminal) -> None:
    text = (REQUESTS / "lumbar-fusion.json").read_text()
    said = await terminal.type("submit", "-", "--json", answers=json.dumps(json.loads(text)))
    assert said.code == 0 and said.data[0]["kind"] == "started"


async def test_an_update_says_in_words_what_it_changed(terminal: Terminal) -> None:
    await terminal.submit("home-oxygen-expedited")
    said = await terminal.type("submit", REQUESTS / "home-oxygen-update.json")
    assert said.code == 0 and "line 1 changed (quantity, end); line 2 added" in said.out


def test_without_a_store_a_command_says_how_to_make_one(tmp_path: Path) -> None:
    from cli.terminal.context import CliContext
    from engine.settings import Settings

    here = CliContext(Settings.from_environment({"UMPIRE_HOME": str(tmp_path)}))
    said = run("cases", here=here)
    assert said.code == 3 and "Run 'umpire up' first" in said.err
    assert list(tmp_path.iterdir()) == []
