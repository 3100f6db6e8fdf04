"""A letter of no case is written once, never changed, handed over once, and one that fails waits behind the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Corrupt, NotOnFile
from store.correspondence import standalone_letters, tables
from store.session import Store
from tests.activities.test_standalone_delivery import KEYS, LATER, NOW, letter


def _write(store: Store) -> None:
    with store.begin() as s:
        assert [standalone_letters.write(s, letter(key)) for key in KEYS] == [True, True]


def test_the_first_letter_under_an_id_stays_and_its_first_receipt_too(store: Store) -> None:
    _write(store)
    with store.begin() as s:
        assert not standalone_letters.write(s, letter(KEYS[0]).model_copy(update={"recipient": "Somebody else"}))
        standalone_letters.mark_handed_over(s, KEYS[0], "first", NOW)
        standalone_letters.mark_handed_over(s, KEYS[0], "second", LATER)
    with store.read() as s:
        kept = standalone_letters.get(s, KEYS[0])
        assert (kept.recipient, kept.receipt, kept.handed_over_at) == ("Dana Ruiz", "first", NOW)
        assert kept.rendered == letter(KEYS[0]).rendered
        assert [one.letter_id for one in standalone_letters.list_waiting(s, 9)] == [KEYS[1]]
        with pytest.raises(NotOnFile):
            standalone_letters.get(s, "criteria:none")


def test_a_letter_that_failed_waits_behind_the_others(store: Store) -> None:
    _write(store)
    with store.begin() as s:
        standalone_letters.note_failure(s, KEYS[0], "OSError")
        assert [one.letter_id for one in standalone_letters.list_waiting(s, 9)] == [KEYS[1], KEYS[0]]
        assert [one.letter_id for one in standalone_letters.list_waiting(s, 1)] == [KEYS[1]]


@pytest.mark.parametrize("change", ["recipient", "handed_over_at", "rendered", "delete"])
def test_a_letter_once_written_never_changes_and_is_never_taken_away(store: Store, change: str) -> None:
    _write(store)
    with store.begin() as s:
        standalone_letters.mark_handed_over(s, KEYS[0], "receipt", NOW)
    table = tables.standalone_letters
    statement = {
        "recipient": table.update().values(recipient="Somebody else"),
        "handed_over_at": table.update().values(handed_over_at=NOW + timedelta(days=1)),
        "rendered": table.update().values(rendered={"subject": "s", "html": "", "text": ""}),
        "delete": table.delete(),
    }[change]
    with pytest.raises(Corrupt), store.begin() as s:
        s.execute(statement)
