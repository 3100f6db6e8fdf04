"""Access to arrivals, admissions, peer review and callers' messages: the same answer by whatever way a person comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.time_skipping_lab import prepared_store
from domain.cases.tasks import TaskKind
from domain.errors import NotOnFile, Refused
from domain.journal import Actor
from domain.vocabulary import ArrivalKind, Channel, ProcessKind
from intake.admissions import admissions
from intake.admissions.adt_outcome import MemberAssignment
from intake.contacts import contacts
from interop.plain.admission import Admission
from interop.plain.callbacks_and_concerns import CALLBACK, CallbackMessage
from services import access
from services.commands.inbox_actions import resolve_items
from services.context import ServiceContext
from services.queries.case_detail import CaseDetail, load_case_detail
from store import directory, documents, inbox
from store.inbox import InboxStatus
from store.read_models import record_entries
from store.session import Store, open_store
from tests.store.samples import NOON, draft, task


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store with the synthetic plan."""
    (tmp_path / "umpire.db").write_bytes(prepared_store())
    opened = open_store(f"sqlite:///{tmp_path / 'umpire.db'}")
    yield opened
    opened.close()


def deactivate(store: Store, reviewer_id: str) -> None:
    with store.begin() as s:
        who = access.require_on_file(s, reviewer_id)
        directory.put_reviewer(s, who.model_copy(update={"active": False}))


# -- the inbox and admissions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reviewer", ["intake.kim", "supervisor.bell"])
def test_intake_and_supervisors_resolve_arrivals(store: Store, reviewer: str) -> None:
    with store.begin() as s:
        item = inbox.receive(s, b"?", NOON, Channel.API, kind=ArrivalKind.REQUEST)
        assert resolve_items(s, [item.inbox_id], reviewer, "Sent again.", NOON)[0].status is InboxStatus.RESOLVED


def test_nobody_else_resolves_an_arrival_and_it_stays_open(store: Store) -> None:
    deactivate(store, "supervisor.bell")
    with store.begin() as s:
        item = inbox.receive(s, b"?", NOON, Channel.API, kind=ArrivalKind.REQUEST)
        for reviewer in ("nurse.adams", "supervisor.bell"):
            with pytest.raises(Refused) as refused:
                resolve_items(s, [item.inbox_id], reviewer, "Mine.", NOON)
            (violation,) = refused.value.refusals
            assert (
                violation.rule == "inbox.role" and "intake or a supervisor" in violation.message and violation.way_out
            )
        with pytest.raises(NotOnFile):
            resolve_items(s, [item.inbox_id], "nobody", "Mine.", NOON)
        assert inbox.get(s, item.inbox_id).is_open


def admission(entered_by: str) -> Admission:
    return Admission.model_validate(
        {
            "facility": "MERIDIAN",
            "visit_number": "V1",
            "member_id": "MBR1000001",
            "patient_class": "inpatient",
            "happened_at": NOON,
            "entered_by": entered_by,
        }
    )


async def test_only_intake_enters_admissions_and_assigns_their_member(store: Store) -> None:
    services = ServiceContext(store, None, "tests", lambda: NOON)
    with pytest.raises(Refused, match=r"inbox\.role"):
        await admissions.enter_admission(services, admission("nurse.adams"), Channel.PHONE)
    with pytest.raises(NotOnFile):
        await admissions.enter_admission(services, admission("nobody"), Channel.PHONE)
    with store.begin() as s:
        assert inbox.list_open(s) == (), "what is refused is not stored"
        waiting = inbox.receive(s, b"MSH|", NOON, Channel.HL7_V2, kind=ArrivalKind.ADMISSION)
    with pytest.raises(Refused, match=r"inbox\.role"):
        await admissions.assign_member(services, waiting.inbox_id, MemberAssignment("MBR1000001", "nurse.adams"))
    entered = await admissions.enter_admission(services, admission("intake.kim"), Channel.PHONE)
    assert entered.stay_id is not None


async def test_an_admission_that_another_arrival_reports_has_no_reviewer_and_is_recorded(store: Store) -> None:
    services = ServiceContext(store, None, "tests", lambda: NOON)
    recorded = await admissions.record_admission(services, admission("request INBOX-7"), Channel.API)
    assert recorded.stay_id is not None


async def test_a_typed_message_names_the_reviewer_who_logged_it(store: Store) -> None:
    services = ServiceContext(store, None, "tests", lambda: NOON)
    said = {"from_whom": "member", "caller_name": "Alma Whitfield", "phone": "217-555-0107", "about": "other"}
    message = CallbackMessage.model_validate({"format": CALLBACK, "left_at": NOON, "taken_by": "nobody", **said})
    with pytest.raises(NotOnFile):
        await contacts.record_message(services, message)


def test_an_inactive_reviewer_acts_for_nobody(store: Store) -> None:
    deactivate(store, "nurse.adams")
    with store.read() as s:
        with pytest.raises(Refused, match=r"reviewer\.active"):
            access.require_active(s, Actor(kind="reviewer", id="nurse.adams"))
        access.require_active(s, Actor(kind="provider", id="1215000062"))


# -- restricted reading ----------------------------------------------------------------------------------------------------


def detail(store: Store, case_id: str, reader: str | None) -> CaseDetail:
    with store.read() as s:
        return load_case_detail(s, case_id, reader)


def write_case(store: Store, case_id: str, process: ProcessKind, content: dict[str, Any], kind: TaskKind) -> None:
    work = task(1, case_id, kind=kind, assignee="md.ortho.chen")
    data = {
        "sheet": {"process": process.value, "content": content},
        "tasks": [work.model_dump(mode="json")],
        "form": {"rationale": "Nobody checked."},
    }
    with store.begin() as s:
        record_entries(s, case_id, [draft(1, **data)])


def test_peer_review_is_read_only_by_those_who_work_on_it(store: Store) -> None:
    content = {"severity": 2, "peer_review": {"rationale": "Nobody checked."}, "committee": None}
    write_case(store, "QC-1", ProcessKind.CONCERN, content, TaskKind.CONCERN_PEER_REVIEW)
    for reader in (None, "nobody", "nurse.adams", "supervisor.bell"):
        shown = detail(store, "QC-1", reader)
        assert "Nobody checked" not in repr(shown) and shown.sheet is not None
        assert shown.sheet.content["severity"] == 2
    for reader in ("director.osei", "md.ortho.chen"):
        assert repr(detail(store, "QC-1", reader)).count("Nobody checked") >= 2
    deactivate(store, "director.osei")
    assert "Nobody checked" not in repr(detail(store, "QC-1", "director.osei"))


def test_a_callers_message_is_read_only_by_those_who_return_calls(store: Store) -> None:
    said = json.dumps({"caller_name": "Alma Whitfield", "phone": "217-555-0107", "message": None}).encode()
    with store.begin() as s:
        stored = documents.put(s, said, "Message", "application/json", NOON)
    content = {"message_document": stored.document_id}
    write_case(store, "CB-1", ProcessKind.CALLBACK, content, TaskKind.CALL_BACK)
    for reader in (None, "nobody", "pharm.wu", "coder.lindqvist"):
        shown = detail(store, "CB-1", reader).message
        assert shown is not None and shown["phone"] == access.READ_CALLER_MESSAGE.placeholder
        assert "Alma" not in repr(shown) and shown["message"] is None
    for reader in ("intake.kim", "nurse.adams", "md.ortho.chen"):
        shown = detail(store, "CB-1", reader).message
        assert shown is not None and shown["phone"] == "217-555-0107"
