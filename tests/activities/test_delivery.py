"""Letters leave the house once, whatever dies, and one that cannot leave holds no other one back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.delivery import CARRIER_ATTEMPTS, LetterDelivery
from activities.integrations.file_outbox import FileOutbox, letter_path
from domain.cases.orders import DeliveryInput
from domain.errors import Corrupt
from domain.letters.context import RenderedLetter
from domain.vocabulary import Audience, NoticeKind
from store import letters
from store.letters import LetterRecord
from store.session import Store, open_store

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
BOTH = (Audience.MEMBER, Audience.PROVIDER)
KEYS = tuple(f"PA-X:approval:{audience.value}:1" for audience in BOTH)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    made.create()
    with made.begin() as s:
        for key, audience in zip(KEYS, BOTH, strict=True):
            page = RenderedLetter(
                notice=NoticeKind.APPROVAL, audience=audience, subject="s", html=f"<p>{key}</p>", text=key, elements=()
            )
            letters.write(s, key, "PA-X", NoticeKind.APPROVAL, audience, "r", page, NOW)
    yield made
    made.close()


def deliver(store: Store, carrier: object, attempt: int = 1) -> tuple[str, ...]:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt)
    order = DeliveryInput(case_id="PA-X", letter_ids=KEYS, now=NOW)
    return environment.run(LetterDelivery(store, carrier).deliver, order).out  # type: ignore[arg-type]


class Choosy:
    """Takes every letter but one."""

    def __init__(self, refuses: str) -> None:
        self.refuses, self.taken = refuses, list[str]()

    def carry(self, letter: LetterRecord) -> str:
        if letter.letter_id == self.refuses:
            raise RuntimeError(f"cannot print {letter.rendered.text}")
        self.taken.append(letter.letter_id)
        return "receipt"


def test_every_letter_is_carried_once_however_often_it_is_ordered(store: Store) -> None:
    carrier = Choosy(refuses="")
    assert deliver(store, carrier) == deliver(store, carrier) == KEYS
    assert carrier.taken == list(KEYS)


def test_a_letter_that_cannot_leave_holds_no_other_one_back(store: Store) -> None:
    carrier = Choosy(refuses=KEYS[0])
    with pytest.raises(ApplicationError) as trouble:
        deliver(store, carrier)
    assert not trouble.value.non_retryable and KEYS[0] not in str(trouble.value)
    assert deliver(store, carrier, attempt=CARRIER_ATTEMPTS) == KEYS[1:]
    assert carrier.taken == [KEYS[1]]
    carrier.refuses = ""
    assert deliver(store, carrier) == KEYS
    assert carrier.taken == [KEYS[1], KEYS[0]]


class Dying(FileOutbox):
    """Dies after so many files were written."""

    def __init__(self, folder: Path, after: int) -> None:
        super().__init__(folder)
        self.left = after

    def _put(self, name: str, content: str) -> str:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super()._put(name, content)


@pytest.mark.parametrize("files", range(5))
def test_a_worker_that_dies_between_two_files_leaves_each_letter_once(store: Store, tmp_path: Path, files: int) -> None:
    outbox = tmp_path / "outbox"
    if files < 4:
        with pytest.raises(BaseException):  # noqa: B017
            deliver(store, Dying(outbox, files))
    assert deliver(store, FileOutbox(outbox)) == KEYS
    assert sorted(path.name for path in outbox.rglob("*") if path.is_file()) == sorted(
        f"{key.replace(':', '_')}.{kind}" for key in KEYS for kind in ("html", "txt")
    )
    with store.read() as s:
        assert all(letters.get(s, key).handed_over_at == NOW for key in KEYS)


def test_what_a_dead_worker_was_writing_is_in_nobodys_way(store: Store, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    (outbox / ".writing-left-behind").write_text("half a let")
    assert deliver(store, FileOutbox(outbox)) == KEYS
    assert (outbox / ".writing-left-behind").read_text() == "half a let"


def test_another_letter_under_the_same_name_is_never_written_over(store: Store, tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "outbox")
    name = letter_path(tmp_path / "outbox", KEYS[0])
    (tmp_path / "outbox" / name).parent.mkdir()
    (tmp_path / "outbox" / f"{name}.txt").write_text("something else")
    with store.read() as s, pytest.raises(Corrupt, match=name):
        outbox.carry(letters.get(s, KEYS[0]))
    assert (tmp_path / "outbox" / f"{name}.txt").read_text() == "something else"
