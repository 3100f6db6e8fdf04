"""The folder of letters: private, and no id leads out of it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from activities.integrations.file_outbox import FileOutbox
from domain.errors import Corrupt
from domain.letters.context import RenderedLetter
from domain.vocabulary import Audience, NoticeKind
from engine import edge_clock
from store.letters import LetterRecord
from store.session import open_store
from tests.store.samples import NOON


def letter(letter_id: str) -> LetterRecord:
    page = RenderedLetter(
        notice=NoticeKind.NOMNC, audience=Audience.MEMBER, subject="s", html="<p>", text="t", elements=(), form=None
    )
    return LetterRecord(
        letter_id=letter_id,
        case_id="ST-1",
        notice=NoticeKind.NOMNC,
        audience=Audience.MEMBER,
        recipient="A",
        rendered=page,
        written_at=NOON,
    )


@pytest.mark.parametrize(
    "name", ["../../x", "..", "a/b", "/etc/x", "", "ST 1", "a\x00b", "x" * 300, ".hidden", "ST-1\n"]
)
def test_a_letter_whose_id_is_no_plain_name_is_not_written_anywhere(tmp_path: Path, name: str) -> None:
    outbox = FileOutbox(tmp_path / "deep" / "outbox")
    with pytest.raises(Corrupt):
        outbox.carry(letter(name))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_killed_worker_left_half_written_is_removed_and_what_another_writes_is_not(tmp_path: Path) -> None:
    torn, fresh = tmp_path / ".writing-torn", tmp_path / ".writing-fresh"
    for page in (torn, fresh):
        page.write_text("Dear Alma")
    two_hours_ago = (edge_clock.now() - timedelta(hours=2)).timestamp()
    os.utime(torn, (two_hours_ago, two_hours_ago))
    FileOutbox(tmp_path).carry(letter("ST-1:nomnc:member:1"))
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {".writing-fresh", "ST-1_nomnc_member_1.html", "ST-1_nomnc_member_1.txt"}


def test_letters_and_the_database_are_for_their_owner_alone(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "home" / "outbox")
    outbox.carry(letter("ST-1:nomnc:member:1"))
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'umpire.db'}")
    store.create()
    folders = {path: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*") if path.is_dir()}
    files = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*") if path.is_file()}
    store.close()
    assert len(folders) == 4 and set(folders.values()) == {"0o700"}
    assert set(files.values()) == {"0o600"} and {"umpire.db", "ST-1_nomnc_member_1.html"} <= set(files)


def test_many_letters_lie_in_many_folders_and_each_is_found_by_its_receipt(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path)
    receipts = [outbox.carry(letter(f"ST-{number}:nomnc:member:1")) for number in range(60)]
    assert all((tmp_path / receipt).read_text() == "<p>" for receipt in receipts)
    assert len({Path(receipt).parent for receipt in receipts}) > 20
    assert [outbox.carry(letter(f"ST-{number}:nomnc:member:1")) for number in range(60)] == receipts


@pytest.mark.parametrize("there", [("txt",), ("txt", "html"), ("html",)])
def test_a_letter_that_an_earlier_release_handed_over_or_began_is_there_once(
    tmp_path: Path, there: tuple[str, ...]
) -> None:
    for kind in there:
        (tmp_path / f"ST-1_nomnc_member_1.{kind}").write_text({"txt": "t", "html": "<p>"}[kind])
    assert FileOutbox(tmp_path).carry(letter("ST-1:nomnc:member:1")) == "ST-1_nomnc_member_1.html"
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "ST-1_nomnc_member_1.html",
        "ST-1_nomnc_member_1.txt",
    ]
