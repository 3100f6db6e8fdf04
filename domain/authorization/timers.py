"""Timers of an authorization case: escalations, ends of waits, and met or missed clocks.

`next_timer` returns the next due instant, `fire_due_timers` does everything that is due. A duty is timely by the timestamp of
what was done, never by when it was noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization import clock_tracking
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.window import vacate_until
from domain.cases import escalation
from domain.cases.duty_tracking import SECOND
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind


def fire_due_timers(case: AuthorizationCase, now: datetime) -> None:
    """Do everything that is due at `now` (UTC). Harmless when nothing is due, and when called again."""
    for effect in EFFECTS:
        effect(case, now)


def next_timer(case: AuthorizationCase) -> datetime | None:
    """The next instant (UTC) at which `fire_due_timers` has something to do, or None."""
    return min(_upcoming_timers(case), default=None)


def _upcoming_timers(case: AuthorizationCase) -> Iterator[datetime]:
    if case.information is not None and case.information.is_open:
        yield case.information.wait_until
    if _is_offer_running(case) and case.peer_to_peer is not None:
        yield case.peer_to_peer.until
    if case.hand_over_again_at is not None and case.unsent_letters():
        yield case.hand_over_again_at
    until = vacate_until(case)
    if not case.is_open and until is not None and not case.ending.stands:
        yield until + SECOND
    yield from escalation.upcoming_timers(case)
    yield from clock_tracking.upcoming_timers(case)


def _end_information_wait(case: AuthorizationCase, now: datetime) -> None:
    asked = case.information
    if asked is None or not asked.is_open or now < asked.wait_until:
        return
    asked.end_wait()
    case.note(
        EntryKind.INFORMATION_WAIT_ENDED,
        now,
        "The provider has not answered; the rest of the clock belongs to the reviewers.",
    )


def _is_offer_running(case: AuthorizationCase) -> bool:
    """Whether the time of the peer-to-peer offer runs: only once its letter is mailed."""
    offer = case.peer_to_peer
    return offer is not None and not offer.is_settled and case.is_mailed(NoticeKind.PEER_TO_PEER_OFFER)


def _end_peer_to_peer(case: AuthorizationCase, now: datetime) -> None:
    offer = case.peer_to_peer
    if offer is None or not _is_offer_running(case) or now < offer.until:
        return
    offer.end()
    case.note(EntryKind.PEER_TO_PEER_SETTLED, now, "The offer of a peer-to-peer ended without a call.", result="ended")


def _end_vacating(case: AuthorizationCase, now: datetime) -> None:
    """From now on the dismissal stands: nothing has to wait for its being vacated."""
    until = vacate_until(case)
    if not case.is_open and until is not None and now > until:
        case.ending.let_stand()


EFFECTS = (
    _end_information_wait,
    _end_peer_to_peer,
    escalation.escalate_due_tasks,
    clock_tracking.record_met_and_missed,
    _end_vacating,
)
"""The effects of time on a case, in this order."""
