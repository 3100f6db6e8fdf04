"""Word that records came: it counts for what the store holds of the case, and for nothing that a sender only says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from demo.time_skipping_lab import Lab
from domain.authorization import message_checks
from domain.authorization.messages import AddDocuments, CorrectRequest
from domain.clocks.engine import EventKind
from domain.journal import Actor
from intake.requests.records import add_documents
from store import documents
from tests.domain.authorization.casebook import line, open_case
from tests.workflows.care_requests import CPAP, request
from tests.workflows.lab_case import LabCase

PDF = b"%PDF-1.7 a letter from the clinic"


def word(**more: Any) -> AddDocuments:
    stamp = {"message_id": "m", "at": datetime(2026, 3, 3, tzinfo=UTC), "actor": Actor(kind="provider", id="x")}
    return AddDocuments(**stamp | {"document_ids": ()} | more)


def rules(case: Any, message: AddDocuments | CorrectRequest) -> list[str]:
    return [broken.rule for broken in message_checks.arrival_violations(case, message)]


async def test_a_signal_by_hand_that_names_no_stored_record_ends_no_wait_and_says_the_way_out(lab: Lab) -> None:
    case = LabCase(lab, await lab.open(request(CPAP, known={})))
    before = case.view()
    assert before.waiting is not None
    for more in ({}, {"request_version": 1}, {"document_ids": ["no-such-document"]}):
        said = {**await case.stamp("1999999984", "provider"), "document_ids": [], **more}
        said = AddDocuments.model_validate(said).model_dump(mode="json")
        await lab.handle(case.case_id).signal("add_documents", said)
    await lab.settle()
    assert case.view().waiting == before.waiting and not case.entries("information_received")
    refused = case.entries("message_refused")
    assert [entry.data["rules"] for entry in refused] == [["records.not_on_file"]] * 3
    await add_documents(await lab.services(), case.case_id, PDF, "Clinic letter", None)
    await lab.settle()
    assert len(case.entries("information_received")) == 1 and case.view().waiting != before.waiting
    with lab.store.read() as s:
        (kept,) = documents.of_case(s, case.case_id)
    again = AddDocuments(**await case.stamp("1999999984", "provider"), document_ids=(kept.document_id,))
    assert await case.refused(again) == {"records.known"}


def test_only_documents_that_came_after_the_request_count_and_bring_their_version() -> None:
    found = message_checks.as_on_file(word(document_ids=("later", "invented")), {"later": 3})
    assert (found.document_ids, found.request_version) == (("later",), 3)
    assert message_checks.as_on_file(word(document_ids=("invented",)), {}).request_version is None


def test_a_version_of_the_request_is_told_once_and_in_any_order() -> None:
    case = open_case(line("1", None))
    assert rules(case, word()) == rules(case, word(request_version=1)) == ["records.not_on_file"]
    case.adopt_version(3)
    assert rules(case, word(request_version=3)) == ["records.known"]
    assert not rules(case, word(request_version=2))
    assert EventKind.INFORMATION_RECEIVED not in {event.kind for event in case.clock_events}
    changed = {"message_id": "c", "at": case.received_at, "actor": Actor(kind="provider", id="x"), "what": "fewer"}
    assert rules(case, CorrectRequest(**changed, request_version=3)) == ["records.known"]


def test_a_case_that_remembers_no_word_has_what_it_was_assessed_by() -> None:
    """It ran before such words were remembered: an old one ends no wait and begins no clock again."""
    case = open_case(line("1", None))
    case.request_version = 3
    assert rules(case, word(request_version=2)) == rules(case, word(request_version=3)) == ["records.known"]
    assert not rules(case, word(request_version=4))
    case.adopt_version(4)
    assert {version: rules(case, word(request_version=version)) for version in (2, 3, 4)} == dict.fromkeys(
        (2, 3, 4), ["records.known"]
    )
