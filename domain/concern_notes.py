"""The note that a concern leaves on the dossier in which it was raised: that there is one, and nothing of what it says."""

from __future__ import annotations

from datetime import datetime

from domain import reception
from domain.contact_messages import NoteConcern
from domain.dossier import Dossier
from domain.errors import Refusal
from domain.journal import EntryKind
from domain.messages import Answer


def note(dossier: Dossier, message: NoteConcern, now: datetime) -> Answer:
    """Keep the note, once however often it comes."""
    return reception.receive(dossier, message, now, _nothing_refused, _keep)


def _nothing_refused(dossier: Dossier, message: NoteConcern, now: datetime) -> tuple[Refusal, ...]:
    return ()


def _keep(dossier: Dossier, message: NoteConcern, now: datetime) -> str:
    says = f"A concern was raised: {message.concern_id}."
    dossier.note(EntryKind.CONCERN_RAISED, message.at, says, message.actor, concern=message.concern_id)
    return says
