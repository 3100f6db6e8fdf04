"""Client of a stay's workflow: finds the stay by its number, and sends messages after all pending ADT events."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of, plan_number, stay_number
from domain.cases.messages import BaseMessage
from domain.cases.views import CaseStatus, CaseView
from domain.errors import NotOnFile, RuleViolation
from domain.vocabulary import ProcessKind
from services import case_client
from services.case_client import CaseNotRunning
from services.case_startup import not_running_here
from services.context import CommandResult, CommandStatus, ServiceContext, TemporalUnavailable
from services.stay_events import deliver_event
from store import adt_messages, cases, stays

_CLOSED_REMEDY = "Send the claim, or appeal the decision; enter later events with 'umpire admit'."


@dataclass(frozen=True)
class KnownStay:
    """A stay on file, with its member and facility."""

    stay_id: str
    member_id: str
    facility_npi: str | None
    facility: str
    view: CaseView | None

    @property
    def is_over(self) -> bool:
        return self.view is not None and self.view.status is not CaseStatus.OPEN

    @property
    def plan_id(self) -> str:
        """The case number of its discharge plan."""
        return plan_number(self.stay_id)


def find_stay(s: Session, said: str) -> KnownStay:
    """The stay under a typed number, in upper or lower case; the number of its discharge plan works too. Raises NotOnFile.

    For a stay that was merged into another stay it is that other stay.
    """
    number = stay_number(said.strip().upper())
    found = stays.get(s, number)
    if found is not None:
        found = stays.resolve_merges(s, found)
        view = cases.get(s, found.stay_id)
        return KnownStay(found.stay_id, found.member_id, found.facility_npi, found.facility, view)
    view = cases.get(s, number)
    if view is None:
        raise NotOnFile(f"There is no stay {said.strip()}.", "List the stays with 'umpire stays'.")
    return KnownStay(number, view.member_id, None, view.title, view)


async def send_to_stay(services: ServiceContext, stay_id: str, message: BaseMessage) -> CommandResult:
    """Send a message to the stay (or its discharge plan) and return the answer. Pending ADT events are delivered first.

    For a closed stay the result is a rejection with its remedy. Raises TemporalUnavailable.
    """
    await deliver_pending_events(services, stay_id)
    try:
        reply = await case_client.send_message(services, stay_id, message)
    except CaseNotRunning:
        return await _closed_stay_result(services, stay_id, message)
    if reply.kind is CommandStatus.QUEUED:
        says = f"{stay_id} has the message; no worker has answered yet. Its journal will show whether it was accepted."
        return reply.model_copy(update={"says": says})
    return reply


async def deliver_pending_events(services: ServiceContext, stay_id: str) -> None:
    """Deliver the hospital's ADT events that the stay does not have yet, and so start it. Raises TemporalUnavailable."""
    for event_id in await services.read(_undelivered_events, stay_id):
        await deliver_event(services, event_id)


def stay_closed_violation(view: CaseView) -> RuleViolation:
    """The rule violation for a message to a stay whose review has ended."""
    word = view.status.value.replace("_", " ")
    return RuleViolation(
        rule="stay.closed", message=f"The review of the stay has ended ({word}).", way_out=_CLOSED_REMEDY
    )


async def _closed_stay_result(services: ServiceContext, stay_id: str, message: BaseMessage) -> CommandResult:
    view = await services.read(cases.get, stay_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise TemporalUnavailable(not_running_here(stay_id))
    way_out = "See its result with 'umpire show'."
    over = RuleViolation(rule="plan.closed", message="The discharge plan is closed.", way_out=way_out)
    refusal = over if kind_of(stay_id) is ProcessKind.DISCHARGE_PLAN else stay_closed_violation(view)
    return CommandResult(
        kind=CommandStatus.REFUSED, case_id=stay_id, message_id=message.message_id, says="Refused.", refusals=(refusal,)
    )


def _undelivered_events(s: Session, stay_id: str) -> tuple[str, ...]:
    return tuple(row.event_id for row in adt_messages.pending(s) if stay_id in row.tells)
