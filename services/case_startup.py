"""Startup of a case before the first message to it, and the result for a case that is closed."""

from __future__ import annotations

import asyncio

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus, CaseView, ProcessKind
from domain.errors import RuleViolation
from services import case_client
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from store import cases, inbox, requests


def load_case_start(s: Session, case_id: str) -> tuple[AuthorizationStart, int | None]:
    """The case's workflow input, and the inbox item that it arrived with. Raises LookupError when there is no such case."""
    first = requests.load(s, case_id, 1)
    start = AuthorizationStart(case_id=case_id, request_version=1, received_at=first.request.received_at)
    return start, first.inbox_id


_REMEDIES = {
    ProcessKind.REQUEST: "Send a new request, or appeal the decision.",
    ProcessKind.CALLBACK: "Log a new message with 'umpire callback log'.",
    ProcessKind.CONCERN: "Raise a new concern with 'umpire concern raise'.",
}
_DEFAULT_REMEDY = "See its result with 'umpire show'."


async def ensure_started(desk: ServiceContext, case_id: str) -> None:
    """Start the case unless it was started; a case of another process is running or closed already. Raises TemporalUnavailable,
    and LookupError when there is no such case."""
    try:
        start, inbox_id = await asyncio.to_thread(read_case_start, desk, case_id)
    except LookupError:
        if await asyncio.to_thread(read_case_view, desk, case_id) is None:
            raise
        return
    if inbox_id is not None and await asyncio.to_thread(_is_delivered, desk, inbox_id):
        return
    await case_client.start_case(desk, start.case_id, start.request_version, start.received_at)
    if inbox_id is not None:
        await asyncio.to_thread(mark_delivered, desk, inbox_id)


def read_case_start(desk: ServiceContext, case_id: str) -> tuple[AuthorizationStart, int | None]:
    """`load_case_start` in a transaction of its own."""
    with desk.store.read() as s:
        return load_case_start(s, case_id)


def mark_delivered(desk: ServiceContext, inbox_id: int) -> None:
    """Record that the case has received the inbox item."""
    with desk.store.begin() as s:
        inbox.mark_started(s, inbox_id, desk.clock())


def requesting_npi(desk: ServiceContext, case_id: str) -> str:
    """The requesting provider's NPI. Raises LookupError when there is no such case."""
    with desk.store.read() as s:
        return requests.load(s, case_id, 1).request.requesting_provider.npi


async def closed_case_result(desk: ServiceContext, case_id: str, message_id: str) -> CommandResult:
    """The rejection of a message to a closed case. Raises TemporalUnavailable when the case should be running."""
    view = await asyncio.to_thread(read_case_view, desk, case_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise TemporalUnavailable(not_running_here(case_id))
    closed = f"The case is closed ({view.status.value.replace('_', ' ')})."
    refusal = RuleViolation(rule="case.closed", message=closed, way_out=_REMEDIES.get(view.process, _DEFAULT_REMEDY))
    says = "Refused."
    return CommandResult(
        kind=CommandStatus.REFUSED, case_id=case_id, message_id=message_id, says=says, refusals=(refusal,)
    )


def read_case_view(desk: ServiceContext, case_id: str) -> CaseView | None:
    with desk.store.read() as s:
        return cases.get(s, case_id)


def _is_delivered(desk: ServiceContext, inbox_id: int) -> bool:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id).started_at is not None


def not_running_here(case_id: str) -> str:
    """Text for a case that the store shows as open and this Temporal server does not run."""
    return (
        f"Case {case_id} is open in the store but does not run on this Temporal server: connect to the one it runs on."
    )
