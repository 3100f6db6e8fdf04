"""A case as shown: the sentence on top, clocks with their citations, the trace, letters with their paths; JSON everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.errors import UmpireError
from tests.cli.terminal import SAMPLES, Terminal, run

pytestmark = pytest.mark.many


def is_there(path: str) -> bool:
    return Path(path).exists()


async def test_a_case_is_shown_from_its_sentence_down_to_its_journal(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("show", case_id)
    assert said.code == 0
    first = said.out.splitlines()[0]
    assert first.startswith(f"Case {case_id}: Waits for nurse review from a nurse until") and "; then " in first
    assert "42 CFR 422.568(b)(1)(ii)" in said.out and "confirmed" in said.out
    assert "[ ] FUS-2b: At least 12 months of treatment without surgery  = 6 months on 2026-11-05" in said.out
    assert "document 'Spine surgery consultation'" in said.out
    assert f"{case_id}-T1" in said.out and "Request received" in said.out
    paths = [word for word in said.out.split() if word.endswith("_acknowledgment_member_1.txt")]
    assert len(paths) == 1 and is_there(paths[0])


async def test_a_case_is_shown_as_it_stood_before_a_clock_was_missed(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    then = await terminal.lab.now()
    await terminal.lab.advance(days=8)
    said = await terminal.type("show", case_id, "--at", then.isoformat())
    assert said.out.splitlines()[0].startswith("As it stood at ") and "missed" not in said.out.split("\nJournal")[1]
    assert "Legal effects of missed clocks" in (await terminal.type("show", case_id)).out
    early = await terminal.type("show", case_id, "--at", "2020-01-01T00:00+00:00")
    assert early.code == 4 and "had not begun by then" in early.err


async def test_what_the_law_made_of_a_missed_clock_is_shown(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    before = await terminal.type("show", case_id)
    assert "Legal effects of missed clocks" not in before.out
    await terminal.lab.advance(days=8)
    said = await terminal.type("show", case_id)
    assert "Legal effects of missed clocks" in said.out and "deemed adverse" in said.out
    (shown,) = (await terminal.type("show", case_id, "--json")).data["consequences"]
    assert (shown["effect"], shown["rule"]) == ("deemed_adverse", "MA-OD-STD-PA")
    assert shown["forward_to"] is None and shown["liability"] is None


async def test_nothing_is_cut_or_coloured_when_piped(terminal: Terminal) -> None:
    case_id = await terminal.submit("home-oxygen-expedited")
    said = await terminal.type("show", case_id)
    assert "\x1b" not in said.out and "…" not in said.out
    assert not any(line.endswith(" ") for line in said.out.splitlines())


async def test_a_case_number_may_be_typed_without_care(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("show", case_id.removeprefix("PA-").lower())).code == 0
    missing = await terminal.type("show", "PA-NONE")
    assert missing.code == 4 and "umpire cases" in missing.err


@pytest.mark.parametrize("words", [("cases",), ("worklist",)])
async def test_every_list_of_work_names_its_case_for_programs(terminal: Terminal, words: tuple[str, ...]) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert [one["case_id"] for one in (await terminal.type(*words, "--json")).data] == [case_id]


async def test_every_check_has_a_form_for_programs(terminal: Terminal) -> None:
    await terminal.submit("lumbar-fusion")
    assert (await terminal.type("inbox", "--json")).data == []
    assert (await terminal.type("journal", "verify", "--json")).data == {
        "cases": 1,
        "unchanged": 0,
        "purged": 0,
        "faults": [],
    }
    assert (await terminal.type("rulebook", "check", "--json")).data["errors"] == []


async def test_one_case_as_json_has_all_its_parts(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    data = (await terminal.type("show", case_id, "--json")).data
    assert data["case"]["waiting"]["what"] == "nurse review"
    assert data["clocks"][0]["due"][0]["citation"]
    assert data["criteria"][0]["verdict"]["state"] == "not_met"
    assert data["journal"][0]["kind"] == "request_received"
    assert is_there(data["letters"][0]["path"])


async def test_a_case_that_no_worker_has_opened_yet_is_shown_as_such(terminal: Terminal) -> None:
    await terminal.lab.stop_worker()
    said = await terminal.type("submit", SAMPLES / "requests" / "lumbar-fusion.json", "--json")
    shown = await terminal.type("show", said.data[0]["case_id"])
    assert shown.code == 0 and "is being opened" in shown.out.splitlines()[0]


async def test_all_letters_of_a_case_or_one_of_them(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    both = await terminal.type("letter", case_id)
    assert both.out.count("=====") >= 4
    one = await terminal.type("letter", f"{case_id}:acknowledgment:member:1")
    assert one.code == 0 and "=====" not in one.out.splitlines()[0]
    assert (await terminal.type("letter", f"{case_id}:approval:member:1")).code == 4


async def test_a_tampered_journal_is_found_and_not_built_on(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("store", "rebuild")).code == 0
    with terminal.lab.store.engine.begin() as connection:
        for (name,) in connection.execute(text("select name from sqlite_master where type = 'trigger'")).all():
            connection.execute(text(f'drop trigger "{name}"'))
        connection.execute(text("update journal set summary = 'nothing happened' where seq = 2"))
    said = await terminal.type("journal", "verify")
    assert said.code == 1 and f"{case_id}, entry 2" in said.err
    rebuilt = await terminal.type("store", "rebuild")
    assert rebuilt.code == 1 and "Not rebuilt" in rebuilt.err


def test_the_rulebook_is_checked_with_its_examples() -> None:
    said = run("rulebook", "check")
    assert said.code == 0 and "worked examples" in said.out and "all pass" in said.out


def test_the_help_documents_the_exit_codes() -> None:
    said = run("--help")
    assert said.code == 0
    assert "Exit codes" in said.out and "3 refused by a rule" in " ".join(said.out.split())


def test_a_surprise_shows_neither_traceback_nor_what_it_quotes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cli import main

    def burst(**_: object) -> None:
        raise UmpireError("Alma Whitfield")

    monkeypatch.delenv("UMPIRE_DEBUG", raising=False)
    monkeypatch.setattr(main, "app", burst)
    monkeypatch.setattr(main, "leave", sys.exit)  # this process has loaded Temporal's core and goes on
    with pytest.raises(SystemExit) as left:
        main.main(["cases"])
    shown = capsys.readouterr()
    assert left.value.code == 1
    assert "Whitfield" not in shown.err and "Traceback" not in shown.err and "UMPIRE_DEBUG" in shown.err
