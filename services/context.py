"""What intake works with, and what it says back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime
from temporalio.client import Client

from domain.errors import Problem, Refusal, UmpireError
from domain.model import Model
from domain.vocabulary import Lob
from engine import edge_clock
from store.session import Store

PATIENCE = timedelta(seconds=5)


class EngineDown(UmpireError):
    """Temporal does not answer. Whatever was received stays in the store and goes on later."""

    code = "engine_down"
    retryable = True


class NotFound(UmpireError):
    """Nothing of this name is here."""

    code = "not_found"

    def __init__(self, message: str, way_out: str) -> None:
        super().__init__(f"{message} {way_out}")
        self.message, self.way_out = message, way_out


@dataclass(frozen=True)
class Desk:
    """The store, the way to Temporal (None while there is none), and the clock that makes stamps.

    `patience` is how long a caller waits for a case's answer before the message goes as a signal instead. `lobs` are the lines
    of business that the rulebook can serve (None: not looked at here).
    """

    store: Store
    temporal: Client | None
    task_queue: str
    clock: Callable[[], datetime] = edge_clock.now
    patience: timedelta = PATIENCE
    lobs: frozenset[Lob] | None = None

    def client(self) -> Client:
        """The client. Raises EngineDown when there is none."""
        if self.temporal is None:
            raise EngineDown("No Temporal server answers.")
        return self.temporal


class OutcomeKind(StrEnum):
    """What became of an arrival."""

    STARTED = "started"
    JOINED = "joined"
    DECIDED_BEFORE = "decided_before"
    CHANGED = "changed"
    HANDED_ON = "handed_on"
    KEPT = "kept"
    REFUSED = "refused"


class Outcome(Model):
    """What the sender is told. `handed_on`: the case has the message and will answer when a worker is up; `kept`: nothing
    is lost, and it goes on by itself when the engine is back. `received_at` is UTC and never moves."""

    kind: OutcomeKind
    inbox_id: int
    received_at: AwareDatetime
    case_id: str | None = None
    says: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


class ReplyKind(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    HANDED_ON = "handed_on"
    KEPT = "kept"


class Reply(Model):
    """What a case said to a message.

    `handed_on`: no worker answered in time, so the message waits on the case as a signal under the same id, and the journal
    will tell. `kept`: the engine is away; what was brought is in the store and goes to the case by itself.
    """

    kind: ReplyKind
    case_id: str
    message_id: str
    says: str
    refusals: tuple[Refusal, ...] = ()
