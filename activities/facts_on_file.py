"""By which facts and events the clocks of a case run, as request, coverage, directory and the plan's list have them on file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from activities.authorization import authorization_required
from activities.clock_facts import clock_facts
from activities.coverage_on_file import coverage_of_request
from activities.exceptions import statement_received
from domain.clock_events import ClockEvent
from domain.clock_facts import ClockFacts
from domain.orders import LookOrder
from rulebook.book import Rulebook
from store import requests


def facts_on_file(s: Session, book: Rulebook, order: LookOrder) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    """The facts of the version of a request that an order names; the order's events with those that records tell of.

    Raises Corrupt for a member without coverage.
    """
    request = requests.load(s, order.case_id, order.request_version).request
    coverage = coverage_of_request(s, request)
    required = authorization_required(s, book, request, coverage)
    statement = statement_received(s, order, request, book.criteria.dictionary.by_id)
    return clock_facts(s, order, request, coverage, required), (*order.events, *statement)
