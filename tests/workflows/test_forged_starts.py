"""A start says which case begins, and is believed in nothing else: receipt, version and state come from the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.time_skipping_lab import Lab
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.requests.numbers import case_id_for
from engine import options
from engine.settings import TASK_QUEUE
from store import requests
from store.installation import installation_key
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET
from tests.workflows.care_requests import request as care_request
from tests.workflows.lab_case import LabCase

pytestmark = pytest.mark.many

NO_ARGUMENT = object()
AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


async def begin(lab: Lab, make_start: Any) -> tuple[LabCase, datetime]:
    """A kept request whose case somebody else starts first; the case and its true receipt."""
    now = await lab.now()
    request = care_request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": now})
    with lab.store.begin() as s:
        case_id = case_id_for(request, installation_key(s))
        requests.save(s, case_id, request)
    start = make_start(case_id, now)
    args = [] if start is NO_ARGUMENT else [start]
    await lab.client.start_workflow(
        "PriorAuthorization", args=args, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
    )
    lab.handle(case_id)
    await lab.settle()
    return LabCase(lab, case_id), now


def plain(case_id: str, now: datetime, **changes: Any) -> dict[str, Any]:
    return {"case_id": case_id, "request_version": 1, "received_at": now.isoformat()} | changes


STARTS = {
    "no argument": lambda case_id, now: NO_ARGUMENT,
    "null": lambda case_id, now: None,
    "a text": lambda case_id, now: "begin",
    "bytes": lambda case_id, now: b"begin",
    "no field": lambda case_id, now: {},
    "wrong types": lambda case_id, now: plain(case_id, now, request_version="many"),
    "another number": lambda case_id, now: plain("PA-ANOTHERCASE1", now),
    "version 7": lambda case_id, now: plain(case_id, now, request_version=7),
    "the year 1": lambda case_id, now: plain(case_id, now, received_at="0001-01-01T00:00:00+14:00"),
    "years ago": lambda case_id, now: plain(case_id, now, received_at="2020-01-01T00:00:00Z"),
    "years ahead": lambda case_id, now: plain(case_id, now, received_at="2031-01-01T00:00:00Z"),
    "an unsigned denial": lambda case_id, now: plain(case_id, now, carried=denied(case_id, now)),
    "a denial as an entry": lambda case_id, now: plain(case_id, now, carried=journaled(case_id, now)),
    "a line that is decided": lambda case_id, now: plain(case_id, now, carried=decided(case_id, now)),
}


def state(case_id: str, now: datetime, **changes: Any) -> dict[str, Any]:
    case = AuthorizationCase(case_id=case_id, request_version=1, received_at=now)
    return {**case.model_dump(mode="json"), "seq": 1, **changes}


def denied(case_id: str, now: datetime) -> dict[str, Any]:
    return state(case_id, now, status="denied", concluded="denied", closed_at=now.isoformat())


def decided(case_id: str, now: datetime) -> dict[str, Any]:
    return state(case_id, now, routes={"1": "decided"})


def journaled(case_id: str, now: datetime) -> dict[str, Any]:
    says = "Determination: denied."
    entry = EntryDraft(seq=1, at=now, kind=EntryKind.DETERMINATION_MADE, actor=UMPIRE, summary=says)
    return state(case_id, now, pending=[entry.model_dump(mode="json")])


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
async def test_whatever_starts_a_kept_request_begins_its_case_as_it_is_on_file_and_is_remarked_upon(
    start: Any, lab: Lab
) -> None:
    case, received_at = await begin(lab, start)
    entries = case.entries()
    assert [entry.kind for entry in entries][0] is EntryKind.REQUEST_RECEIVED
    assert case.view().received_at == received_at == entries[0].at
    assert case.view().request_version == 1 and case.view().status is CaseStatus.OPEN
    assert [entry.summary for entry in case.entries("message_refused")][0].startswith("Refused: start - ")
    assert not any("denied" in entry.summary for entry in entries)
    due = case.view().decision_due
    assert due is not None and received_at < due < received_at + timedelta(days=20)


@pytest.mark.parametrize("start", [NO_ARGUMENT, {"received_at": "2020-01-01T00:00:00Z", "request_version": 1}])
async def test_a_start_before_the_request_is_kept_keeps_its_case_from_nothing(start: Any, lab: Lab) -> None:
    request = care_request(FUSION, known=FUSION_NOT_MET).model_copy(update={"received_at": await lab.now()})
    with lab.store.read() as s:
        case_id = case_id_for(request, installation_key(s))
    args = [] if start is NO_ARGUMENT else [start | {"case_id": case_id}]
    await lab.client.start_workflow(
        "PriorAuthorization", args=args, id=options.workflow_id(case_id), task_queue=TASK_QUEUE
    )
    handle = lab.handle(case_id)
    await lab.advance(hours=2)
    waited = (await handle.describe()).history_length
    await lab.advance(hours=20)
    assert (await handle.describe()).history_length == waited, "waiting costs no history"
    received_at = await lab.now()
    with lab.store.begin() as s:
        requests.save(s, case_id, request.model_copy(update={"received_at": received_at}))
    await lab.advance(minutes=2)
    assert LabCase(lab, case_id).view().received_at == received_at


async def test_an_honest_start_is_not_remarked_upon(lab: Lab) -> None:
    case, received_at = await begin(lab, plain)
    assert case.view().received_at == received_at and not case.entries("message_refused")


@pytest.mark.parametrize(
    "state_of_it", [denied("PA-1", AT), decided("PA-1", AT), state("PA-1", AT, concluded="approved_in_part")]
)
def test_no_case_is_carried_on_that_is_adverse_without_a_signature(state_of_it: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="adverse without a signed determination"):
        AuthorizationCase.model_validate(state_of_it)


def test_a_start_that_this_code_makes_wrongly_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="request_version"):
        AuthorizationStart.model_validate(plain("PA-1", AT, request_version="many"))
    assert Route.DECIDED.value == "decided"
