"""Tens of thousands of messages as nobody would send them: each is refused or carried out, and none raises an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from domain import limits
from domain.authorization import message_effects as authorization_effects
from domain.cases import concern_notes
from domain.cases.concern_notes import NoteConcern
from domain.cases.messages import BaseMessage
from domain.journal import canonical_json
from domain.stays import message_effects as stay_effects
from domain.vocabulary import Lob
from tests.domain.authorization.casebook import criteria, line, open_case
from tests.domain.stays.stay_world import StayWorld
from tests.workflows.hostile_values import hostile
from workflows.steps.authorization import AuthorizationWorkflow
from workflows.steps.stay import StayWorkflow

BEGINS = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)
Receive = Callable[[Any, Any, datetime], Any]


def random_message(kind: type[BaseMessage], chance: Random) -> BaseMessage | None:
    """A message of this type that can be read; None for one that cannot, which is refused before."""
    fields = hostile(kind, chance)
    fields |= {"type": kind.model_fields["type"].default, "message_id": f"m{chance.random()}"}
    if chance.random() < 0.7:
        fields |= {"at": BEGINS, "actor": {"kind": "reviewer", "id": "nurse"}}
    try:
        return kind.model_validate(fields)
    except (ValidationError, OverflowError):
        return None


def answered(case: Any, now: datetime, kind: type[BaseMessage], receive: Receive, chance: Random) -> str:
    message = random_message(kind, chance)
    if message is None:
        return "unreadable"
    if limits.message_violations(message):
        return "beyond limits"
    if isinstance(message, NoteConcern):
        receive = concern_notes.record_concern
    answer = receive(case, message, now)
    for entry in case.pending:
        canonical_json(entry.model_dump(mode="json"))
        entry.at.astimezone(UTC)
    case.pending.clear()
    return "accepted" if answer.accepted else "refused"


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.many)])
@pytest.mark.parametrize("process", ["authorization", "stay"])
@pytest.mark.timeout(600)
def test_no_message_raises_an_error_whatever_its_fields_hold(process: str, count: int) -> None:
    chance, seen = Random(20260615), Counter[str]()
    failed: dict[str, str] = {}
    for number in range(count):
        if process == "authorization":
            case = open_case(line("1", criteria("not_met")))
            receive, signals = authorization_effects.receive_message, AuthorizationWorkflow.signals
            now = case.received_at + timedelta(hours=1)
        else:
            world = StayWorld(BEGINS, Lob.MEDICAID, "America/Chicago")
            if number % 2:
                world.rest()
            case, now = world.stay, world.now
            receive, signals = stay_effects.receive_message, StayWorkflow.signals
        for kind in signals.values():
            try:
                seen[answered(case, now, kind, receive, chance)] += 1
            except Exception as error:
                failed[f"{kind.__name__}: {type(error).__name__} {error}"[:200]] = process
        if sum(seen.values()) >= count:
            break
    assert failed == {}
    assert len(seen) >= 3, seen
