"""Receipt of messages by any case: repeats get their first result, rejected messages are journaled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from domain.cases.case import Case
from domain.cases.messages import BaseMessage, MessageResult, ReviewAnswered
from domain.errors import RuleViolation, violation
from domain.journal import Actor, EntryKind
from domain.limits import IDENTIFIER_LENGTH

D = TypeVar("D", bound=Case)
M = TypeVar("M", bound=BaseMessage)

KEPT_RESULTS = 500
"""The number of message results kept across a continue-as-new. A repeat that arrives after more messages than that is checked
again; by then the case rejects it or it has no effect: tasks have ended, versions are known, the decision stands."""

NOT_PROCESSABLE = violation(
    "message.failed",
    "It could not be processed, and nothing of it was done.",
    "Tell operations: the worker's log names the fault. Then send it again under a new number.",
)
"""The violation of a message on which the code itself fails."""


def receive_message(
    case: D,
    message: M,
    now: datetime,
    refusals: Callable[[D, M, datetime], tuple[RuleViolation, ...]],
    apply: Callable[[D, M, datetime], str],
) -> MessageResult:
    """Apply a message, or journal it as rejected. `now` is the workflow's clock (UTC).

    `refusals` returns every rule that the message breaks and changes nothing; `apply` applies an allowed message and answers
    in a sentence. The result of a review is checked each time it comes, and applying it twice changes nothing: whoever sends
    something else under its number first must not keep it out.
    """
    known = case.answers.get(message.message_id)
    if known is not None and not isinstance(message, ReviewAnswered):
        return known
    broken = refusals(case, message, now)
    if broken:
        return refuse_message(case, message, now, broken)
    answer = MessageResult(message_id=message.message_id, accepted=True, says=apply(case, message, now))
    case.answers[message.message_id] = answer
    return answer


def refuse_message(case: Case, message: BaseMessage, now: datetime, broken: tuple[RuleViolation, ...]) -> MessageResult:
    """Journal a message as rejected, and keep that result. Its id and sender are cut where they are no proper ones."""
    answer = MessageResult(message_id=message.message_id, accepted=False, says="Refused.", refusals=broken)
    case.note(
        EntryKind.MESSAGE_REFUSED,
        now,
        f"Refused: {message.type.replace('_', ' ')} - {' '.join(refusal.message for refusal in broken)}",
        Actor(kind=message.actor.kind[:IDENTIFIER_LENGTH], id=message.actor.id[:IDENTIFIER_LENGTH]),
        message_type=message.type,
        message_id=message.message_id[:IDENTIFIER_LENGTH],
        rules=[refusal.rule for refusal in broken],
    )
    case.answers[message.message_id] = answer
    return answer


def note_heard(case: Case, message: BaseMessage, now: datetime) -> None:
    """Journal an accepted message that left no entry of its own, with what its sender was told."""
    says = case.answers[message.message_id].says
    case.note(
        EntryKind.MESSAGE_HEARD,
        now,
        f"Heard: {message.type.replace('_', ' ')} - {says}",
        message.actor,
        message_type=message.type,
        message_id=message.message_id,
    )


def refuse_unreadable(case: Case, name: str, why: str, now: datetime) -> None:
    """Journal a signal that could not be read: its name and the reason, nothing of its content."""
    says = f"Refused: a signal '{name}' could not be read - {why}."
    case.note(EntryKind.MESSAGE_REFUSED, now, says, message_type=name, rules=["message.unreadable"])


def drop_old_results(case: Case) -> None:
    """Keep only the latest results. Call it while no sender waits for one."""
    case.answers = dict(list(case.answers.items())[-KEPT_RESULTS:])
