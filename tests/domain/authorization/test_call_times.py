"""Times of a peer-to-peer on a case: who plans them, within which time, and that none of it ends the offer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.authorization.case import AuthorizationCase
from domain.authorization.message_checks import violations_without_lookup
from domain.authorization.message_effects import receive_message
from domain.authorization.messages import PlanCall
from domain.authorization.parts import PeerToPeer
from domain.journal import Actor, EntryKind
from tests.domain.authorization.casebook import START, criteria, line, open_case

NOW = START + timedelta(hours=2)
UNTIL = START + timedelta(hours=10)
PROVIDER = Actor(kind="provider", id="1999999984")
SLOT = {"starts_at": UNTIL - timedelta(minutes=10), "physician": "md.fit", "person": "Dr. A", "number": "1"}


def offered() -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    case.peer_to_peer = PeerToPeer(offered_at=START, until=UNTIL)
    return case


def plan(step: str, actor: Actor = PROVIDER, at: datetime = NOW, **said: Any) -> PlanCall:
    return PlanCall.model_validate({"message_id": f"m-{step}", "at": at, "actor": actor, "step": step, **said})


def rules(case: AuthorizationCase, message: PlanCall) -> set[str]:
    return {one.rule for one in violations_without_lookup(case, message, NOW)}


def test_a_booked_call_keeps_the_offer_open_until_it_can_have_been_held() -> None:
    case = offered()
    assert receive_message(case, plan("booked", **SLOT), NOW).accepted
    assert case.peer_to_peer is not None and case.peer_to_peer.until == UNTIL + timedelta(minutes=50)
    assert not case.peer_to_peer.is_settled and case.is_open
    entry = case.pending[-1]
    assert (entry.kind, entry.actor, entry.data["step"]) == (EntryKind.PEER_TO_PEER_PLANNED, PROVIDER, "booked")
    assert AuthorizationCase.model_validate_json(case.model_dump_json()).peer_to_peer == case.peer_to_peer


def test_a_cancelled_time_leaves_the_offer() -> None:
    case = offered()
    receive_message(case, plan("booked", **SLOT), NOW)
    assert receive_message(case, plan("cancelled", **SLOT), NOW).accepted
    assert case.peer_to_peer is not None and not case.peer_to_peer.is_settled


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (plan("booked", Actor(kind="provider", id="1215000013"), **SLOT), "plan_call.speaker"),
        (plan("booked", Actor(kind="member", id="MBR1000001"), **SLOT), "plan_call.speaker"),
        (plan("booked", **SLOT | {"starts_at": UNTIL + timedelta(minutes=1)}), "plan_call.time"),
        (plan("moved", **SLOT | {"starts_at": NOW - timedelta(minutes=1)}), "plan_call.time"),
        (plan("booked", **SLOT | {"number": " "}), "plan_call.incomplete"),
        (plan("booked", **SLOT | {"starts_at": None}), "plan_call.incomplete"),
        (plan("wished"), "plan_call.wishes"),
        (plan("wished", wishes=[NOW - timedelta(hours=1)]), "plan_call.wishes"),
    ],
)
def test_a_call_is_planned_by_the_parties_to_it_within_the_offer(message: PlanCall, rule: str) -> None:
    case = offered()
    assert rules(case, message) == {rule}
    assert not receive_message(case, message, NOW).accepted
    assert case.peer_to_peer is not None and case.peer_to_peer.until == UNTIL


def test_without_an_open_offer_nothing_is_planned() -> None:
    case = offered()
    assert case.peer_to_peer is not None
    case.peer_to_peer.end()
    assert rules(case, plan("booked", **SLOT)) == {"peer_to_peer.none"}


def test_moving_a_call_again_and_again_puts_the_decision_off_by_one_call_alone() -> None:
    """Nobody signs against a request before its offer has ended: a time that moves on must not hold the signature for good."""
    case = offered()
    assert receive_message(case, plan("booked", **SLOT | {"starts_at": UNTIL}), NOW).accepted
    later = plan("moved", at=NOW, **SLOT | {"starts_at": UNTIL + timedelta(minutes=30)})
    assert rules(case, later) == {"plan_call.time"}
    assert not receive_message(case, later, NOW).accepted
    assert receive_message(case, plan("moved", message_id="m-back", **SLOT), NOW).accepted
    assert case.peer_to_peer is not None and case.peer_to_peer.until == UNTIL + timedelta(hours=1)
