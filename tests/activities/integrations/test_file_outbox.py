"""The folder of letters: private, and no id leads out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.integrations.file_outbox import FileOutbox
from domain.errors import Corrupt
from domain.letters.context import RenderedLetter
from domain.vocabulary import Audience, NoticeKind
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


def test_letters_and_the_database_are_for_their_owner_alone(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "home" / "outbox")
    outbox.carry(letter("ST-1:nomnc:member:1"))
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'umpire.db'}")
    store.create()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    store.close()
    assert modes.pop("outbox") == modes.pop("data") == "0o700"
    modes.pop("home")
    assert set(modes.values()) == {"0o600"} and {"umpire.db", "ST-1_nomnc_member_1.html"} <= set(modes)
