"""Letters that belong to no case leave the house once, whatever dies, and one that cannot leave holds no other one back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.delivery import CarriedLetter, hand_over_standalone
from activities.integrations.file_outbox import FileOutbox
from domain.letters.standalone import LetterWay, StandaloneKind, StandalonePage
from store.correspondence import standalone_letters
from store.correspondence.standalone_letters import StandaloneLetter
from store.portal import drafts
from store.session import Store, open_store

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
KEYS = ("criteria:one", "criteria:two")


def letter(key: str, kind: StandaloneKind = StandaloneKind.CRITERIA_ASKED_FOR, about: str = "OXY") -> StandaloneLetter:
    return StandaloneLetter(
        letter_id=key,
        kind=kind,
        about=about,
        recipient="Dana Ruiz",
        way=LetterWay.FAX,
        sent_to="312-555-0100",
        rendered=StandalonePage(subject="s", html=f"<p>{key}</p>", text=key),
        written_at=NOW,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    made.create()
    with made.begin() as s:
        for key in KEYS:
            standalone_letters.write(s, letter(key))
    yield made
    made.close()


class Rejecting(FileOutbox):
    """Rejects one letter, with its text in the error, and counts what it was given."""

    def __init__(self, folder: Path, rejects: str = "") -> None:
        super().__init__(folder)
        self.rejects, self.given = rejects, list[str]()

    def carry(self, letter: CarriedLetter) -> str:
        self.given.append(letter.letter_id)
        if letter.letter_id == self.rejects:
            raise RuntimeError(f"cannot print {letter.rendered.text}")
        return super().carry(letter)


class Killed(FileOutbox):
    """The worker is killed as soon as the carrier has the letter: nothing is marked."""

    def carry(self, letter: CarriedLetter) -> str:
        super().carry(letter)
        raise KeyboardInterrupt


def test_a_worker_killed_between_hand_over_and_mark_leaves_each_letter_once(store: Store, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    with pytest.raises(KeyboardInterrupt):
        hand_over_standalone(store, Killed(outbox), NOW)
    with store.read() as s:
        assert len(standalone_letters.list_waiting(s, 9)) == 2, "nothing was marked"
    first = {path: path.stat().st_mtime_ns for path in outbox.rglob("criteria*")}
    assert len(first) == 2
    assert hand_over_standalone(store, FileOutbox(outbox), LATER) == 2
    assert sorted(path.name for path in outbox.rglob("criteria*")) == sorted(
        f"{key.replace(':', '_')}.{form}" for key in KEYS for form in ("html", "txt")
    )
    assert all(path.stat().st_mtime_ns == at for path, at in first.items()), "written once"
    with store.read() as s:
        assert {standalone_letters.get(s, key).handed_over_at for key in KEYS} == {LATER}


def test_a_letter_is_carried_once_however_many_rounds_there_are(store: Store, tmp_path: Path) -> None:
    carrier = Rejecting(tmp_path / "outbox")
    assert [hand_over_standalone(store, carrier, NOW) for _round in range(3)] == [2, 0, 0]
    assert carrier.given == list(KEYS)
    with store.begin() as s:
        assert not standalone_letters.write(s, letter(KEYS[0])), "the first stays"


def test_a_letter_that_cannot_leave_holds_no_other_one_back_and_is_tried_again(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = Rejecting(tmp_path / "outbox", KEYS[0])
    assert hand_over_standalone(store, carrier, NOW) == 1
    with store.read() as s:
        waits = standalone_letters.get(s, KEYS[0])
    assert (waits.handed_over_at, waits.attempts, waits.last_error) == (None, 1, "RuntimeError")
    assert "cannot print" not in caplog.text
    carrier.rejects = ""
    assert hand_over_standalone(store, carrier, LATER) == 1


def test_the_reminder_of_a_draft_that_is_gone_is_not_sent(store: Store, tmp_path: Path) -> None:
    reminder = StandaloneKind.DRAFT_REMINDER
    with store.begin() as s:
        drafts.start(s, "there", "1999999984", "provider:1999999984", {}, NOW)
        for about in ("there", "gone"):
            standalone_letters.write(s, letter(standalone_letters.draft_reminder_id(about), reminder, about))
    carrier = Rejecting(tmp_path / "outbox")
    assert hand_over_standalone(store, carrier, LATER) == 3
    assert "draft-reminder:there" in carrier.given and "draft-reminder:gone" not in carrier.given
    with store.read() as s:
        assert standalone_letters.get(s, "draft-reminder:gone").dropped_at == LATER
