"""The one entrance of every dossier: repeats get their first answer, refused messages are kept, what was done is journalled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from domain.cases.case import Dossier
from domain.cases.messages import Answer, Message
from domain.errors import Refusal
from domain.journal import EntryKind

D = TypeVar("D", bound=Dossier)
M = TypeVar("M", bound=Message)

KEPT_ANSWERS = 500
"""How many answers go on into a new run. A repeat that comes later than so many other messages is judged anew, and by then the
dossier itself refuses it or takes it without effect: tasks have ended, versions are known, the decision stands."""


def receive(
    dossier: D,
    message: M,
    now: datetime,
    refusals: Callable[[D, M, datetime], tuple[Refusal, ...]],
    apply: Callable[[D, M, datetime], str],
) -> Answer:
    """Carry out a message, or keep it as refused. `now` is the workflow's clock (UTC).

    `refusals` tells every rule that the message breaks and changes nothing; `apply` carries out what may be, and answers in a
    sentence.
    """
    known = dossier.answers.get(message.message_id)
    if known is not None:
        return known
    broken = refusals(dossier, message, now)
    if broken:
        answer = Answer(message_id=message.message_id, accepted=False, says="Refused.", refusals=broken)
        dossier.note(
            EntryKind.MESSAGE_REFUSED,
            now,
            f"Refused: {message.type.replace('_', ' ')} - {' '.join(refusal.message for refusal in broken)}",
            message.actor,
            message_type=message.type,
            message_id=message.message_id,
            rules=[refusal.rule for refusal in broken],
        )
    else:
        answer = Answer(message_id=message.message_id, accepted=True, says=apply(dossier, message, now))
    dossier.answers[message.message_id] = answer
    return answer


def forget_old_answers(dossier: Dossier) -> None:
    """Keep the last answers only. For the moment at which nobody waits for one."""
    dossier.answers = dict(list(dossier.answers.items())[-KEPT_ANSWERS:])
