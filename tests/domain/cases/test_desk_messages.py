"""Records opened, notes and contacts: each leaves who, what and when in the journal, and nothing of a record's content."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.authorization.case import AuthorizationCase
from domain.cases import desk_messages
from domain.cases.desk_messages import AddNote, DeskMessage, LogContact, OpenRecord
from domain.decisions.signed import RecordOnFile
from domain.journal import Actor, EntryKind
from tests.domain.authorization.casebook import START, criteria, line, open_case

HELD = (RecordOnFile(document_id="a" * 64, title="Clinic notes"),)
LATER = START + timedelta(hours=1)
CONTACT = {
    "person": "Dana Ruiz",
    "role": "discharge planner",
    "organization": "Lakeside Hospital",
    "number": "312-555-0162",
    "at": START,
    "result": "Promised the therapy notes for tomorrow.",
}


def message(kind: type[Any], **said: Any) -> Any:
    base = {"message_id": "m", "at": LATER, "actor": Actor(kind="reviewer", id="nurse"), "reviewer_id": "nurse"}
    return kind.model_validate(base | said)


def case() -> AuthorizationCase:
    found = open_case(line("1", criteria("not_met")))
    found.openings = ()
    return found


def refused(said: DeskMessage, at: AuthorizationCase | None = None) -> set[str]:
    return {one.rule for one in desk_messages.receive_message(at or case(), said, HELD, LATER).refusals}


def test_an_opening_says_who_opened_which_record_when_and_nothing_of_what_it_holds() -> None:
    opened = case()
    assert desk_messages.receive_message(opened, message(OpenRecord, document_id="a" * 64), HELD, LATER).accepted
    entry = opened.pending[-1]
    assert (entry.kind, entry.at, entry.actor.id) == (EntryKind.RECORD_OPENED, LATER, "nurse")
    assert entry.data == {"document_id": "a" * 64, "reviewer_id": "nurse"}
    assert "Clinic notes" not in entry.model_dump_json()
    assert opened.opened_by("nurse") == ("a" * 64,) and opened.opened_by("md.fit") == ()


def test_a_record_opened_twice_is_journaled_twice_and_remembered_from_the_first_time() -> None:
    opened = case()
    for number, at in enumerate((LATER, LATER + timedelta(hours=1))):
        said = message(OpenRecord, document_id="a" * 64, message_id=f"m{number}", at=at)
        desk_messages.receive_message(opened, said, HELD, at)
    assert [entry.at for entry in opened.pending if entry.kind is EntryKind.RECORD_OPENED] == [
        LATER,
        LATER + timedelta(hours=1),
    ]
    assert [one.opened_at for one in opened.openings] == [LATER]


def test_nobody_opens_what_is_not_on_file_or_under_another_name() -> None:
    assert refused(message(OpenRecord, document_id="b" * 64)) == {"record.not_on_file"}
    assert refused(message(OpenRecord, document_id="a" * 64, reviewer_id="md.fit")) == {"message.actor"}
    stranger = {"reviewer_id": "stranger", "actor": Actor(kind="reviewer", id="stranger")}
    assert refused(message(OpenRecord, document_id="a" * 64, **stranger)) == {"reviewer.unknown"}


def test_a_note_is_journaled_with_its_text_and_an_empty_one_is_none() -> None:
    noted = case()
    assert desk_messages.receive_message(noted, message(AddNote, text="The daughter calls back."), None, LATER).accepted
    assert noted.pending[-1].data["text"] == "The daughter calls back."
    assert refused(message(AddNote, text=" ")) == {"note.empty"}


def test_a_contact_says_with_whom_in_which_role_by_which_number_when_and_what_came_of_it() -> None:
    called = case()
    assert desk_messages.receive_message(called, message(LogContact, contact=CONTACT), None, LATER).accepted
    said: Any = called.pending[-1].data["contact"]
    assert said["organization"] == "Lakeside Hospital" and said["result"].startswith("Promised")


@pytest.mark.parametrize("missing", ["person", "role", "organization", "number", "result"])
def test_a_contact_that_lacks_a_part_is_refused(missing: str) -> None:
    assert refused(message(LogContact, contact=CONTACT | {missing: ""})) == {"contact.incomplete"}


def test_a_contact_of_tomorrow_has_not_taken_place() -> None:
    tomorrow = CONTACT | {"at": LATER + timedelta(days=1)}
    assert refused(message(LogContact, contact=tomorrow)) == {"contact.at"}


def test_a_case_that_nobody_opened_a_record_of_is_stored_as_before() -> None:
    assert "openings" not in case().model_dump(mode="json")
    opened = case()
    desk_messages.receive_message(opened, message(OpenRecord, document_id="a" * 64), HELD, LATER)
    assert AuthorizationCase.model_validate_json(opened.model_dump_json()).openings == opened.openings
