"""The context that intake and commands run in, and the results that they return."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.decisions.signed import DeciderRule
from domain.errors import RuleViolation, UmpireError, ValidationIssue
from domain.evidence.facts import FactDefinition, FactDictionary
from domain.model import Model
from domain.vocabulary import Lob
from engine import edge_clock
from store.session import Store

if TYPE_CHECKING:  # reading commands know the context, and load no Temporal client
    from temporalio.client import Client

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = timedelta(seconds=5)


class TemporalUnavailable(UmpireError):
    """Temporal does not answer. Whatever was received stays in the store and is processed later."""

    code = "engine_down"
    retryable = True


@dataclass(frozen=True)
class ServiceContext:
    """The store, the Temporal client (None while there is none), and the clock that stamps messages.

    `patience` is the time a caller waits for a case's answer before the message goes as a signal instead. `lobs` are the lines
    of business that the rulebook covers, `facts` those that its criteria know, by whose units measurements are read (None: not
    checked here). `test_messages_live`: messages that their sender marks as a test are treated like any other. `relays`: names
    (MSH-4, lower case) of senders of admissions that send for other facilities. `deciders` are the plan's rules on who may sign
    the first decision, by which work fits people (none: everybody of the role).
    """

    store: Store
    temporal: Client | None
    task_queue: str
    clock: Callable[[], datetime] = edge_clock.now
    patience: timedelta = PATIENCE
    lobs: frozenset[Lob] | None = None
    test_messages_live: bool = False
    relays: frozenset[str] = frozenset()
    facts: FactDictionary | None = None
    deciders: tuple[DeciderRule, ...] = ()

    @property
    def fact_definitions(self) -> Mapping[str, FactDefinition]:
        """The facts that the criteria know, by id; none where they are not checked here."""
        return self.facts.by_id if self.facts is not None else {}

    def client(self) -> Client:
        """The client. Raises TemporalUnavailable when there is none."""
        if self.temporal is None:
            raise TemporalUnavailable("No Temporal server answers.")
        return self.temporal

    async def read(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the store in a thread, within one reading transaction."""

        def run() -> T:
            with self.store.read() as s:
                return fn(s, *args, **kwargs)

        return await asyncio.to_thread(run)

    async def write(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of the store in a thread, within one writing transaction: it happens as a whole or not at all."""

        def run() -> T:
            with self.store.begin() as s:
                return fn(s, *args, **kwargs)

        return await asyncio.to_thread(run)


class SubmissionStatus(StrEnum):
    """The status of an arrival."""

    STARTED = "started"
    JOINED = "joined"
    DECIDED_BEFORE = "decided_before"
    CHANGED = "changed"
    QUEUED = "handed_on"
    STORED = "kept"
    REFUSED = "refused"


class SubmissionResult(Model):
    """The result of an arrival, for its sender. `handed_on`: the message is queued on the case, which answers when a worker is
    up; `kept`: it is stored and continues automatically when Temporal is back. `received_at` is UTC and never moves."""

    kind: SubmissionStatus
    inbox_id: int
    received_at: AwareDatetime
    case_id: str | None = None
    says: str
    problems: tuple[ValidationIssue, ...] = ()
    notes: tuple[ValidationIssue, ...] = ()


class CommandStatus(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    QUEUED = "handed_on"
    STORED = "kept"


class CommandResult(Model):
    """The result of a message to a case.

    `handed_on`: no worker answered in time, so the message is queued on the case as a signal under the same id, and the
    journal shows the result. `kept`: Temporal is unavailable; the message is stored and sent automatically later.
    """

    kind: CommandStatus
    case_id: str
    message_id: str
    says: str
    refusals: tuple[RuleViolation, ...] = ()

    @property
    def issues(self) -> tuple[ValidationIssue, ...]:
        """The violated rules as issues of the arrival that the message came from."""
        return tuple(
            ValidationIssue(path="request", rule=one.rule, message=one.message, expected=one.way_out)
            for one in self.refusals
        )
