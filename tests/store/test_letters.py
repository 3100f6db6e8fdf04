from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from domain.errors import Corrupt, NotOnFile
from domain.vocabulary import Audience, NoticeKind
from store import letters, tables
from store.session import Store
from tests.store.samples import CASE, NOON, rendered

LETTER = f"{CASE}:approval:member:1"


def _write(s: Session, words: str = "Approved.", at: datetime = NOON) -> tuple[letters.LetterRecord, bool]:
    return letters.write(s, LETTER, CASE, NoticeKind.APPROVAL, Audience.MEMBER, "A. Member", rendered(words), at)


def test_a_letter_is_written_once_and_never_changed(store: Store) -> None:
    with store.begin() as s:
        first, created = _write(s)
    with store.begin() as s:
        again, created_again = _write(s, "Something else.", NOON + timedelta(days=1))
    assert (created, created_again) == (True, False)
    assert again == first and first.rendered == rendered()


def test_a_letter_leaves_the_outbox_once(store: Store) -> None:
    with store.begin() as s:
        record, _ = _write(s)
        assert letters.not_mailed_among(s, [LETTER]) == (record,)
    with store.begin() as s:
        for at, receipt in ((NOON, "file:1"), (NOON + timedelta(days=1), "file:2")):
            letters.mark_all_mailed(s, {LETTER: receipt}, at)
        sent = letters.get(s, LETTER)
        assert letters.not_mailed_among(s, [LETTER]) == ()
        assert letters.of_case(s, CASE) == (sent,)
    assert (sent.handed_over_at, sent.receipt) == (NOON, "file:1")


def test_an_unknown_letter_is_an_error(store: Store) -> None:
    with store.begin() as s:
        for call in (
            lambda: letters.get(s, LETTER),
            lambda: letters.not_mailed_among(s, [LETTER]),
        ):
            with pytest.raises(NotOnFile, match=LETTER):
                call()


def test_the_database_keeps_letters(store: Store) -> None:
    with store.begin() as s:
        _write(s)
        letters.mark_all_mailed(s, {LETTER: "file:1"}, NOON)
    for change in ({"rendered": {}}, {"recipient": "B"}, {"written_at": NOON + timedelta(1)}, {"handed_over_at": None}):
        with pytest.raises(Corrupt, match="a letter once written never changes"), store.begin() as s:
            s.execute(update(tables.letters).values(**change))
    with pytest.raises(Corrupt, match="never taken away"), store.begin() as s:
        s.execute(delete(tables.letters))
