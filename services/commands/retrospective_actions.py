"""Actions on a retrospective review outside its tasks: quality concerns, compliance referrals, lessons."""

from __future__ import annotations

from domain.cases.messages import BaseMessage
from domain.errors import RuleViolation
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.vocabulary import ConcernKind
from engine import edge_clock
from services import case_client
from services.case_client import CaseNotRunning
from services.commands.case_actions import reviewer_actor
from services.context import CommandResult, CommandStatus, ServiceContext


async def raise_concern(
    services: ServiceContext, case_id: str, user: str, kind: ConcernKind, what: str, message_id: str | None = None
) -> CommandResult:
    """Report a concern about the quality or safety of the care; it becomes a case of its own."""
    message = RaiseConcern(
        message_id=message_id or edge_clock.new_message_id(),
        at=services.clock(),
        actor=reviewer_actor(user),
        kind=kind,
        what=what,
    )
    return await _send(services, case_id, message)


async def refer_to_compliance(
    services: ServiceContext, case_id: str, user: str, suspicion: Suspicion, what: str, message_id: str | None = None
) -> CommandResult:
    """Refer a suspicion, or a question of coverage, to compliance."""
    message = ReferToCompliance(
        message_id=message_id or edge_clock.new_message_id(),
        at=services.clock(),
        actor=reviewer_actor(user),
        suspicion=suspicion,
        what=what,
    )
    return await _send(services, case_id, message)


async def record_lesson(
    services: ServiceContext,
    case_id: str,
    user: str,
    stage: ProcessStage,
    what: str,
    suggestion: str,
    message_id: str | None = None,
) -> CommandResult:
    """Record a process improvement finding: what went wrong, and a suggestion."""
    message = RecordLesson(
        message_id=message_id or edge_clock.new_message_id(),
        at=services.clock(),
        actor=reviewer_actor(user),
        stage=stage,
        what_went_wrong=what,
        suggestion=suggestion,
    )
    return await _send(services, case_id, message)


async def _send(services: ServiceContext, case_id: str, message: BaseMessage) -> CommandResult:
    """Send the message; a closed review rejects it. Raises TemporalUnavailable."""
    try:
        return await case_client.send_message(services, case_id, message)
    except CaseNotRunning:
        refusal = RuleViolation(
            rule="review.closed",
            message="The retrospective review is closed.",
            way_out="Record it on the case it is about, or ask a supervisor.",
        )
        return CommandResult(
            kind=CommandStatus.REFUSED,
            case_id=case_id,
            message_id=message.message_id,
            says="Refused.",
            refusals=(refusal,),
        )
