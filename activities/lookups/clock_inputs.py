"""By which facts and events the clocks of a case run, as request, coverage, directory and the plan's list have them on file."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.clock_facts import clock_facts
from activities.lookups.coverage import coverage_of_request
from activities.lookups.prescriber_statement import statement_received
from activities.lookups.requirement import authorization_required
from domain.authorization.orders import LookOrder
from domain.calendars import at_local
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts
from domain.coverage.directory import Coverage
from domain.requests.request import AuthorizationRequest
from rulebook.rulebook import Rulebook
from store import requests


def facts_on_file(s: Session, book: Rulebook, order: LookOrder) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    """The facts of the version of a request that an order names; the order's events with those that records tell of.

    Raises Corrupt for a member without coverage.
    """
    request = requests.load(s, order.case_id, order.request_version).request
    coverage = coverage_of_request(s, request)
    required = authorization_required(s, book, request, coverage)
    statement = statement_received(s, order, request, book.criteria.dictionary.by_id)
    effect = _takes_effect(request, coverage)
    return clock_facts(s, order, request, coverage, required), (*order.events, *statement, *effect)


def _takes_effect(request: AuthorizationRequest, coverage: Coverage) -> tuple[ClockEvent, ...]:
    """The day on which approved care is to end early: notices of it are counted back from there (42 CFR 431.211)."""
    day = request.stay.effective_on if request.stay is not None else None
    if day is None:
        return ()
    at = at_local(day, time(0), ZoneInfo(coverage.zone))
    return (ClockEvent(kind=EventKind.EFFECTIVE_DATE_OF_ACTION, at=at),)
