"""What time does to a case: escalations, the end of waits, and clocks that were met or missed.

`next_alarm` tells when something is due next, `ring` does everything that is due. Whether a duty was done in time is judged by
the stamp of what was done, never by when somebody noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization import clock_tracking as clock_watch
from domain.authorization.case import Case
from domain.cases import escalation as escalating
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind


def ring(case: Case, now: datetime) -> None:
    """Everything that is due at `now` (UTC). Harmless when nothing is, and when called again."""
    _end_information_wait(case, now)
    _end_peer_to_peer(case, now)
    escalating.ring(case, now)
    clock_watch.judge(case, now)


def next_alarm(case: Case) -> datetime | None:
    """The next instant (UTC) at which `ring` has something to do, or None."""
    return min(_alarms(case), default=None)


def _alarms(case: Case) -> Iterator[datetime]:
    if case.information is not None and case.information.is_open:
        yield case.information.wait_until
    if _offer_stands(case) and case.peer_to_peer is not None:
        yield case.peer_to_peer.until
    if case.hand_over_again_at is not None and case.unsent():
        yield case.hand_over_again_at
    yield from escalating.alarms(case)
    yield from clock_watch.alarms(case)


def _end_information_wait(case: Case, now: datetime) -> None:
    asked = case.information
    if asked is None or not asked.is_open or now < asked.wait_until:
        return
    asked.wait_ended = True
    case.note(
        EntryKind.INFORMATION_WAIT_ENDED,
        now,
        "The provider has not answered; the rest of the clock belongs to the reviewers.",
    )


def _offer_stands(case: Case) -> bool:
    """Whether the time of the offer runs: only once its letter is out of the house."""
    offer = case.peer_to_peer
    return offer is not None and not offer.is_settled and case.has_left(NoticeKind.PEER_TO_PEER_OFFER)


def _end_peer_to_peer(case: Case, now: datetime) -> None:
    offer = case.peer_to_peer
    if offer is None or not _offer_stands(case) or now < offer.until:
        return
    offer.ended = True
    case.note(EntryKind.PEER_TO_PEER_SETTLED, now, "The offer of a peer-to-peer ended without a call.", result="ended")
