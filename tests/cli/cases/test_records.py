"""Records are read in Umpire: the journal knows who opened which one, and a terminal is not steered by what it holds."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from domain.journal import EntryKind
from store import documents, journal
from tests.cli.terminal import SAMPLES, Terminal

NURSE = ("--as", "nurse.adams")
CONTACT = ("--with", "Dana Ruiz", "--role", "planner", "--organization", "Lakeside", "--number", "312-555-0162")


async def test_a_record_is_listed_opened_and_journaled(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert "not yet" in (await terminal.type("record", case_id, *NURSE)).out
    said = await terminal.type("record", case_id, "1", *NURSE)
    assert said.code == 0 and "pain" in said.out, said.err
    with terminal.lab.store.read() as s:
        (held,) = documents.of_case(s, case_id)
        (entry,) = [one for one in journal.entries(s, case_id) if one.kind is EntryKind.RECORD_OPENED]
    assert (entry.actor.id, entry.data["document_id"]) == ("nurse.adams", held.document_id)
    assert (await terminal.type("record", case_id, *NURSE, "--json")).data[0]["opened_at"] is not None
    assert (await terminal.type("record", case_id, *("--as", "md.ortho.chen"), "--json")).data[0]["opened_at"] is None
    assert (await terminal.type("record", case_id, held.title.lower(), *NURSE, "--json")).data["text"] in said.out


async def test_who_is_not_in_the_directory_opens_nothing(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("record", case_id, "1", "--as", "nobody")).code == 4
    assert (await terminal.type("record", case_id, "2", *NURSE)).code == 4
    with terminal.lab.store.read() as s:
        assert not [one for one in journal.entries(s, case_id) if one.kind is EntryKind.RECORD_OPENED]


def saved(path: str) -> tuple[bytes, str, int, int]:
    """Content, ending and mode of a file, and the mode of its folder."""
    file = Path(path)
    return file.read_bytes(), file.suffix, *(stat.S_IMODE(one.stat().st_mode) for one in (file, file.parent))


async def test_a_picture_is_saved_for_its_reader_alone_and_text_steers_no_terminal(
    terminal: Terminal, tmp_path: Path
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    scan, sly = tmp_path / "scan.pdf", tmp_path / "sly.txt"
    scan.write_bytes(b"%PDF-1.4 scan")
    sly.write_bytes(b"Seen.\r\n\x1b[2Jgone")
    for file in (scan, sly):
        assert (await terminal.type("add-document", case_id, file)).code == 0
    path = (await terminal.type("record", case_id, "scan.pdf", *NURSE, "--json")).data["path"]
    assert saved(path) == (b"%PDF-1.4 scan", ".pdf", 0o600, 0o700)
    shown = (await terminal.type("record", case_id, "sly.txt", *NURSE)).out
    assert shown == "Seen.\n\\x1b[2Jgone\n"


async def test_a_closed_case_is_read_noted_and_its_journal_still_verifies(terminal: Terminal) -> None:
    case_id = await terminal.submit("cpap-missing-facts")
    assert (await terminal.type("add-document", case_id, SAMPLES / "records" / "sleep-test-index.json")).code == 0
    assert "is closed since" in (await terminal.type("show", case_id)).out.splitlines()[0]
    with terminal.lab.store.read() as s:
        held = documents.of_case(s, case_id)[-1]
    assert held.title.startswith("Coded data as sent: 1 ")
    assert held.document_id[:12] in (await terminal.type("show", case_id)).out
    opened = await terminal.type("record", case_id, held.document_id[:12], *NURSE)
    assert opened.code == 0 and '"code": "pap.ahi"' in opened.out
    with terminal.lab.store.read() as s:
        entry = next(one for one in journal.entries(s, case_id) if one.kind is EntryKind.RECORD_OPENED)
    assert entry.data["document_id"] == held.document_id
    assert (await terminal.type("note", case_id, "Asked for the file.", "--as", "compliance.ortiz")).code == 0
    assert (await terminal.type("note", case_id, " ", "--as", "compliance.ortiz")).code == 3
    assert "Asked for the file." in (await terminal.type("show", case_id)).out
    assert (await terminal.type("journal", "verify")).code == 0


async def test_notes_contacts_and_the_account_of_an_approval_are_shown_with_the_case(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    assert (await terminal.type("note", case_id, "The daughter calls back.", *NURSE)).code == 0
    called = await terminal.type("contact", case_id, *NURSE, *CONTACT, "--result", "Promised the notes.")
    assert called.code == 0, called.err
    done = ("complete", f"{case_id}-T1", *NURSE, "--outcome", "approve", "--rationale", "Nothing less has helped.")
    said = await terminal.type(*done, "--no-criteria", "The guideline is silent on it.")
    assert said.code == 3 and "umpire claim" in said.err
    assert (await terminal.type("claim", f"{case_id}-T1", *NURSE)).code == 0
    unknown = await terminal.type(*done, "--criteria", "Some book")
    assert unknown.code == 3 and "LCD" in unknown.err
    assert (await terminal.type(*done, answers="\nThe guideline is silent on it.\n")).code == 0
    shown = (await terminal.type("show", case_id)).out
    for words in ("The daughter calls back.", "Dana Ruiz, planner, Lakeside, 312-555-0162", "Nothing less has helped."):
        assert words in shown
    found = (await terminal.type("show", case_id, "--json")).data
    assert json.dumps("The guideline is silent on it.") in json.dumps(found["lines"])


async def test_a_decision_is_not_asked_for_while_a_record_is_unopened_or_the_call_outstanding(
    terminal: Terminal,
) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    refer = ("--outcome", "refer", "--recommendation", "6 of 12 months are documented.")
    assert (await terminal.type("complete", f"{case_id}-T1", *NURSE, *refer)).code == 0
    said = await terminal.type("complete", f"{case_id}-T2", "--as", "md.ortho.chen", "--decide", answers="")
    assert said.code == 3 and "peer_to_peer]" in said.err and "[decision.evidence]" in said.err
    assert f"umpire record {case_id}" in said.err
