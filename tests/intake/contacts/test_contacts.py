"""Messages and concerns from their first byte on: kept before they are read, carried on after a crash, never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from demo.time_skipping_lab import Lab
from domain.letters.context import PlanContact
from domain.vocabulary import ArrivalKind, Channel
from intake.contacts import contacts
from intake.resume import resume_arrivals
from interop.plain.callbacks_and_concerns import CONCERN, ConcernReport
from services.context import SubmissionStatus
from store import cases, directory, documents, inbox
from store.inbox import InboxStatus

MESSAGE: dict[str, Any] = {
    "format": "umpire-callback/1",
    "from_whom": "member",
    "member_id": "MBR1000001",
    "caller_name": "A Caller",
    "phone": "217-555-0107",
    "about": "benefits",
}


def raw(**changes: Any) -> bytes:
    return json.dumps(MESSAGE | changes).encode()


def received(lab: Lab, content: bytes, at: Any) -> int:
    """The bytes in the inbox, as whoever died right after keeping them left them."""
    with lab.store.begin() as s:
        return inbox.receive(s, content, at, Channel.PHONE, kind=ArrivalKind.CONTACT).inbox_id


async def test_a_message_that_was_only_kept_is_carried_on_and_not_taken_for_a_request(lab: Lab) -> None:
    services = await lab.services()
    inbox_id = received(lab, raw(), services.clock())
    done = await resume_arrivals(services)
    assert [one.inbox_id for one in done] == [inbox_id] and done[0].kind is SubmissionStatus.STARTED
    assert await resume_arrivals(services) == ()


async def test_what_was_understood_and_not_started_is_started_later_with_its_first_receipt(lab: Lab) -> None:
    services = await lab.services()
    kept = await contacts.receive_document(replace(services, temporal=None), raw())
    assert kept.kind is SubmissionStatus.STORED and kept.case_id is not None
    await lab.advance(days=2)
    started = (await resume_arrivals(await lab.services()))[0]
    assert (started.case_id, started.received_at) == (kept.case_id, kept.received_at)
    lab.handle(kept.case_id)
    await lab.settle()
    with lab.store.read() as s:
        view = cases.get(s, kept.case_id)
    assert view is not None and view.received_at == kept.received_at


async def test_a_caller_with_an_unknown_member_number_is_called_back_all_the_same(lab: Lab) -> None:
    outcome = await contacts.receive_document(await lab.services(), raw(member_id="MBR-MISTYPED"))
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id is not None
    lab.handle(outcome.case_id)
    await lab.settle()
    with lab.store.read() as s:
        view = cases.get(s, outcome.case_id)
        kept = documents.of_case(s, outcome.case_id)
        assert b"MBR-MISTYPED" in documents.get(s, kept[0].document_id)
    assert view is not None and view.member_id == "" and view.zone == "America/Chicago"


async def test_a_message_that_nobody_can_place_is_intakes_to_look_at(lab: Lab) -> None:
    with lab.store.begin() as s:
        other = PlanContact(plan_name="P", phone="1", tty="711", fax="2", address=("x",), hours="h", website="w")
        directory.put_plan(s, "PLAN-2", other)
    services = await lab.services()
    which = await contacts.receive_document(services, raw(member_id=None))
    assert which.kind is SubmissionStatus.REFUSED and which.problems[0].path == "$.plan_id"
    no_zone = await contacts.receive_document(services, raw(member_id=None, plan_id="PLAN-2"))
    assert "contact.zone" in (no_zone.problems[0].expected or "")
    future = await contacts.receive_document(services, raw(left_at="2038-01-01T00:00:00Z"))
    assert future.problems[0].path == "$.left_at"
    with lab.store.read() as s:
        assert {item.status for item in inbox.list_open(s)} == {InboxStatus.REFUSED}
    assert await resume_arrivals(services) == ()


async def test_the_same_recording_of_another_telephone_system_is_another_message(lab: Lab) -> None:
    services = await lab.services()
    one = await contacts.receive_document(services, raw(reference="1"), "east")
    repeat = await contacts.receive_document(services, raw(reference="1"), "east")
    other = await contacts.receive_document(services, raw(reference="1"), "west")
    assert one.case_id == repeat.case_id != other.case_id
    assert (one.kind, repeat.kind, other.kind) == (
        SubmissionStatus.STARTED,
        SubmissionStatus.JOINED,
        SubmissionStatus.STARTED,
    )


async def test_a_concern_of_somebody_unknown_or_about_nothing_is_not_lost_either(lab: Lab) -> None:
    services = await lab.services()
    about = await contacts.receive_document(services, raw())
    assert about.case_id is not None
    concern = ConcernReport(
        format=CONCERN, kind="quality", what="Seen.", raised_by="nurse.adams", about_case=about.case_id
    )
    unknown = await contacts.raise_concern(services, concern.model_copy(update={"raised_by": "nobody"}))
    assert unknown.problems[0].path == "$.raised_by"
    nowhere = await contacts.raise_concern(services, concern.model_copy(update={"about_case": "PA-NONE"}))
    assert nowhere.problems[0].path == "$.about_case"
    no_task = await contacts.raise_concern(services, concern.model_copy(update={"about_task": "PA-NONE-T1"}))
    assert no_task.problems[0].path == "$.about_task"
    with lab.store.read() as s:
        assert len(inbox.list_open(s)) == 3
