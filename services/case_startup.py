"""Startup of a case before the first message to it, and the result for a case that is closed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus
from domain.errors import NotOnFile, RuleViolation
from domain.vocabulary import ProcessKind
from engine import priorities
from engine.workflow_names import PRIOR_AUTHORIZATION
from services import case_client
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from store import cases, inbox, requests
from store.requests import StoredRequest

_REMEDIES = {
    ProcessKind.REQUEST: "Send a new request, or appeal the decision.",
    ProcessKind.CALLBACK: "Log a new message with 'umpire callback log'.",
    ProcessKind.CONCERN: "Raise a new concern with 'umpire concern raise'.",
    ProcessKind.APPEAL: "File the appeal anew with 'umpire appeal file'.",
}
_DEFAULT_REMEDY = "See its result with 'umpire show'."


async def ensure_started(services: ServiceContext, case_id: str) -> None:
    """Start the case unless it was started; a case of another process is running or closed already. Raises TemporalUnavailable,
    and NotOnFile when there is no such case."""
    first = await services.read(_request_to_start, case_id)
    if first is None:
        return
    start = AuthorizationStart(case_id=case_id, request_version=first.version, received_at=first.request.received_at)
    order = priorities.of_case(first.request.urgency.urgency, first.request.plan_identifier)
    await case_client.start_case(services, PRIOR_AUTHORIZATION, start, order)
    if first.inbox_id is not None:
        await services.write(inbox.mark_started, first.inbox_id, services.clock())


def _request_to_start(s: Session, case_id: str) -> StoredRequest | None:
    """The first version of the request, whose case still has to be started; None for any other case on file."""
    try:
        first = requests.load(s, case_id, 1)
    except NotOnFile:
        if cases.get(s, case_id) is None:
            raise case_not_on_file(case_id) from None
        return None
    started = first.inbox_id is not None and inbox.get(s, first.inbox_id).started_at is not None
    return None if started else first


def case_not_on_file(case_id: str) -> NotOnFile:
    return NotOnFile(f"There is no case {case_id}.", "List the cases with 'umpire cases'.")


async def closed_case_result(services: ServiceContext, case_id: str, message_id: str) -> CommandResult:
    """The rejection of a message to a closed case. Raises TemporalUnavailable when the case should be running."""
    view = await services.read(cases.get, case_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise TemporalUnavailable(not_running_here(case_id))
    closed = f"The case is closed ({view.status.value.replace('_', ' ')})."
    refusal = RuleViolation(rule="case.closed", message=closed, way_out=_REMEDIES.get(view.process, _DEFAULT_REMEDY))
    says = "Refused."
    return CommandResult(
        kind=CommandStatus.REFUSED, case_id=case_id, message_id=message_id, says=says, refusals=(refusal,)
    )


def not_running_here(case_id: str) -> str:
    """Text for a case that the store shows as open and this Temporal server does not run."""
    return (
        f"Case {case_id} is open in the store but does not run on this Temporal server: connect to the one it runs on."
    )
