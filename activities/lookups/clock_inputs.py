"""Facts and events from which the clocks of a case are computed, loaded from the request, the coverage and the directory."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.clock_facts import clock_facts
from activities.lookups.coverage import coverage_of_request
from activities.lookups.prescriber_statement import statement_receipt_event
from activities.lookups.protections import new_member_since
from activities.lookups.requirement import is_authorization_required
from domain.authorization.orders import ReviewInput
from domain.calendars import utc_of_local_time
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts
from domain.coverage.directory import Coverage
from domain.requests.request import AuthorizationRequest
from rulebook.rulebook import Rulebook
from store import requests


def clock_inputs(s: Session, book: Rulebook, order: ReviewInput) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    """The facts of the request version that the input names, and the input's events together with those found in records.

    Raises Corrupt for a member without coverage.
    """
    request = requests.load(s, order.case_id, order.request_version).request
    coverage = coverage_of_request(s, request)
    required = is_authorization_required(s, book, request, coverage)
    statement = statement_receipt_event(s, order, request, book.criteria.dictionary.by_id)
    effect = _effective_date_event(request, coverage)
    joined = _enrollment_event(s, book, order, coverage)
    facts = clock_facts(s, order, request, coverage, required, is_new_member=bool(joined))
    return facts, (*order.events, *statement, *effect, *joined)


def _enrollment_event(s: Session, book: Rulebook, order: ReviewInput, coverage: Coverage) -> tuple[ClockEvent, ...]:
    """The event of the first covered day of a new member, whose care under way is protected from then on."""
    zone = ZoneInfo(coverage.zone)
    since = new_member_since(s, book, coverage, order.received_at.astimezone(zone).date())
    if since is None:
        return ()
    return (ClockEvent(kind=EventKind.ENROLLMENT_EFFECTIVE, at=utc_of_local_time(since, time(0), zone)),)


def _effective_date_event(request: AuthorizationRequest, coverage: Coverage) -> tuple[ClockEvent, ...]:
    """The event of the day on which approved care is to end early: notices are counted back from it (42 CFR 431.211)."""
    day = request.stay.effective_on if request.stay is not None else None
    if day is None:
        return ()
    at = utc_of_local_time(day, time(0), ZoneInfo(coverage.zone))
    return (ClockEvent(kind=EventKind.EFFECTIVE_DATE_OF_ACTION, at=at),)
