"""What people tell a retrospective review beside its tasks: concerns, referrals, lessons. Each gets its stamp here."""

from __future__ import annotations

from domain.cases.messages import Message
from domain.errors import Refusal
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance
from domain.retrospective.parts import Stage, Suspicion
from domain.vocabulary import ConcernKind
from engine import edge_clock
from services import case_client as telling
from services.case_client import CaseGone
from services.commands.case_actions import reviewer
from services.context import Desk, Reply, ReplyKind


async def raise_concern(desk: Desk, case_id: str, user: str, kind: ConcernKind, what: str) -> Reply:
    """A concern about the quality or the safety of the care goes to a process of its own."""
    message = RaiseConcern(
        message_id=edge_clock.message_id(), at=desk.clock(), actor=reviewer(user), kind=kind, what=what
    )
    return await _tell(desk, case_id, message)


async def refer(desk: Desk, case_id: str, user: str, suspicion: Suspicion, what: str) -> Reply:
    """A suspicion, or a question of coverage, goes to compliance."""
    message = ReferToCompliance(
        message_id=edge_clock.message_id(), at=desk.clock(), actor=reviewer(user), suspicion=suspicion, what=what
    )
    return await _tell(desk, case_id, message)


async def record_lesson(desk: Desk, case_id: str, user: str, stage: Stage, what: str, suggestion: str) -> Reply:
    """What fell short, and what would help the next time."""
    message = RecordLesson(
        message_id=edge_clock.message_id(),
        at=desk.clock(),
        actor=reviewer(user),
        stage=stage,
        what_went_wrong=what,
        suggestion=suggestion,
    )
    return await _tell(desk, case_id, message)


async def _tell(desk: Desk, case_id: str, message: Message) -> Reply:
    """Raises EngineDown. A review that is over refuses: what is learned later belongs to the case it is about."""
    try:
        return await telling.tell(desk, case_id, message)
    except CaseGone:
        refusal = Refusal(
            rule="review.closed",
            message="The retrospective review is over.",
            way_out="Tell the case it is about, or a supervisor.",
        )
        return Reply(
            kind=ReplyKind.REFUSED,
            case_id=case_id,
            message_id=message.message_id,
            says="Refused.",
            refusals=(refusal,),
        )
