"""Times for an offered peer-to-peer: wished, booked, moved and cancelled by the provider or by the plan.

A booked time decides nothing and never ends the offer. While a call is booked the offer lasts until it can have been held.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import PlanCall
from domain.authorization.orders import BookedCall
from domain.errors import ImpossibleState, RuleViolation, violation
from domain.journal import EntryKind
from domain.vocabulary import AskedBy

CALL_TIME = timedelta(hours=1)
"""The time in which a booked call is held and its result recorded."""


def call_violations(case: AuthorizationCase, message: PlanCall) -> Iterator[RuleViolation]:
    """Every rule that the message breaks."""
    offer = case.peer_to_peer
    if offer is None or offer.is_settled:
        yield violation("peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already.")
        return
    speaks = (message.actor.kind, message.actor.id)
    if speaks != (AskedBy.PROVIDER.value, case.requesting_npi) and message.actor.kind != "reviewer":
        yield violation(
            "plan_call.speaker",
            "Only the requesting provider and the plan's staff plan the call.",
            "Let the requesting provider pick the time.",
        )
    if message.step == "wished" and not (message.wishes and min(message.wishes) > message.at):
        yield violation("plan_call.wishes", "No time that lies ahead is named.", "Name one or more times.")
    if message.step in ("booked", "moved"):
        if message.starts_at is None or not all((message.physician, message.person.strip(), message.number.strip())):
            yield violation(
                "plan_call.incomplete",
                "A call needs its time, its physician, the person to be called and their number.",
                "Pick a time, and say whom to call under which number.",
            )
        elif not message.at < message.starts_at <= offer.latest_start:
            yield violation(
                "plan_call.time",
                f"The call has to begin before the offer ends ({case.local(offer.latest_start)}), and lie ahead.",
                "Pick another time.",
            )


def calendar_violations(message: PlanCall, booked: BookedCall) -> Iterator[RuleViolation]:
    """The rules that the message breaks against the calendar, which gives each time to one case alone: a call is booked in it
    before its case hears of it, and a cancelled one is out of it."""
    if message.step in ("booked", "moved") and (booked.starts_at, booked.physician) != (
        message.starts_at,
        message.physician,
    ):
        yield violation(
            "plan_call.calendar",
            "The calendar does not have this time for the case.",
            "Pick a time on the page of the peer-to-peer, which books it.",
        )
    elif message.step == "cancelled" and booked.starts_at is not None:
        yield violation(
            "plan_call.calendar",
            "The calendar still has a time for the case.",
            "Cancel it on the page of the peer-to-peer, which frees it.",
        )


def offer_until(case: AuthorizationCase | None) -> datetime | None:
    """The last instant (UTC) at which a call of an open offer may begin; None without an open one."""
    if case is None or not case.is_open or case.peer_to_peer is None or case.peer_to_peer.is_settled:
        return None
    return case.peer_to_peer.latest_start


def plan_call(case: AuthorizationCase, message: PlanCall) -> str:
    """Journal the step; a booked call keeps the offer open until it can have been held. The answer names nobody of the plan."""
    offer = case.peer_to_peer
    if offer is None:
        raise ImpossibleState("a call passed the checks without an offer")
    begins = message.starts_at
    if message.step in ("booked", "moved") and begins is not None:
        offer.keep_until(begins + CALL_TIME)
        says = f"Peer-to-peer {message.step}: {case.local(begins)} with {message.physician}."
        answer = f"The call is {message.step}; if the plan misses it, it is offered again."
    elif message.step == "wished":
        says = f"The provider wishes for a peer-to-peer at: {'; '.join(case.local(at) for at in message.wishes)}."
        answer = "The plan has the times that suit."
    else:
        says = "The time of the peer-to-peer was cancelled; the offer stands."
        answer = "The time is cancelled; the offer stands."
    case.note(
        EntryKind.PEER_TO_PEER_PLANNED,
        message.at,
        says,
        message.actor,
        step=message.step,
        starts_at=begins.isoformat() if begins is not None else None,
        physician=message.physician,
        person=message.person,
        number=message.number,
        wishes=[at.isoformat() for at in message.wishes],
    )
    return answer
