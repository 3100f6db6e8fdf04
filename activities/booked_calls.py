"""Booked peer-to-peers of cases: read from the calendar, and taken out of it once the offer of the case is over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.authorization.orders import BookedCall
from domain.authorization.peer_to_peer.planning import offer_until
from domain.authorization.start import AuthorizationStart
from domain.cases.orders import CaseRun
from domain.cases.views import CaseStatus
from store import cases
from store.portal import slots


def read_booked_call(s: Session, case_id: str) -> BookedCall:
    """The time that is booked for the case, whoever says that there is one."""
    slot = slots.of_case(s, case_id)
    return BookedCall() if slot is None else BookedCall(starts_at=slot.starts_at, physician=slot.reviewer_id)


def free_time_without_offer(s: Session, case_id: str, run: CaseRun | None) -> None:
    """Free the time that is booked for the case unless it has an open offer, in the transaction that journals how it stands.

    `run` is the case as of now; None: only its status is known.
    """
    if slots.of_case(s, case_id) is None:
        return
    if run is not None:
        is_over = offer_until(AuthorizationStart.model_validate_json(run.start_json).carried) is None
    else:
        view = cases.get(s, case_id)
        is_over = view is not None and view.status is not CaseStatus.OPEN
    if is_over:
        slots.release(s, case_id)
