"""Seeing to it that a case runs before anybody tells it something."""

from __future__ import annotations

import asyncio

from sqlalchemy.orm import Session

from domain.authorization.start import CaseStart
from domain.cases.views import CaseStatus, CaseView, ProcessKind
from domain.errors import Refusal
from services import case_client as telling
from services.context import Desk, EngineDown, Reply, ReplyKind
from store import cases, inbox, requests


def case_start(s: Session, case_id: str) -> tuple[CaseStart, int | None]:
    """What starts the case, and the inbox item that it came with. Raises LookupError when there is no such case."""
    first = requests.load(s, case_id, 1)
    start = CaseStart(case_id=case_id, request_version=1, received_at=first.request.received_at)
    return start, first.inbox_id


_WAYS_OUT = {
    ProcessKind.REQUEST: "Send a new request, or appeal the decision.",
    ProcessKind.CALLBACK: "Take a new message with 'umpire callback take'.",
    ProcessKind.CONCERN: "Raise a new concern with 'umpire concern raise'.",
}
_LOOK = "Look at what became of it with 'umpire show'."


async def ensure_started(desk: Desk, case_id: str) -> None:
    """Start the case unless that was done; a dossier that comes from no request runs or is over. Raises EngineDown, and
    LookupError when there is no such case."""
    try:
        start, inbox_id = await asyncio.to_thread(start_of, desk, case_id)
    except LookupError:
        if await asyncio.to_thread(view_of, desk, case_id) is None:
            raise
        return
    if inbox_id is not None and await asyncio.to_thread(_is_told, desk, inbox_id):
        return
    await telling.start(desk, start.case_id, start.request_version, start.received_at)
    if inbox_id is not None:
        await asyncio.to_thread(mark_told, desk, inbox_id)


def start_of(desk: Desk, case_id: str) -> tuple[CaseStart, int | None]:
    with desk.store.read() as s:
        return case_start(s, case_id)


def mark_told(desk: Desk, inbox_id: int) -> None:
    with desk.store.begin() as s:
        inbox.mark_started(s, inbox_id, desk.clock())


def requester_of(desk: Desk, case_id: str) -> str:
    """The requesting provider's NPI. Raises LookupError when there is no such case."""
    with desk.store.read() as s:
        return requests.load(s, case_id, 1).request.requesting_provider.npi


async def gone(desk: Desk, case_id: str, message_id: str) -> Reply:
    """The answer of a case that runs no more: it is closed. Raises EngineDown when it should be running."""
    view = await asyncio.to_thread(view_of, desk, case_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise EngineDown(adrift(case_id))
    closed = f"The case is closed ({view.status.value.replace('_', ' ')})."
    refusal = Refusal(rule="case.closed", message=closed, way_out=_WAYS_OUT.get(view.process, _LOOK))
    says = "Refused."
    return Reply(kind=ReplyKind.REFUSED, case_id=case_id, message_id=message_id, says=says, refusals=(refusal,))


def view_of(desk: Desk, case_id: str) -> CaseView | None:
    with desk.store.read() as s:
        return cases.get(s, case_id)


def _is_told(desk: Desk, inbox_id: int) -> bool:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id).started_at is not None


def adrift(case_id: str) -> str:
    return (
        f"Case {case_id} is open in the store but does not run on this Temporal server: connect to the one it runs on."
    )
