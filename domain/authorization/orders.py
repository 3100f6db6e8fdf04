"""Carried out of domain/orders.py."""

from __future__ import annotations

from decimal import Decimal

from pydantic import AwareDatetime

from domain.authorization.assessment import Assessment
from domain.clocks.engine import Clock, ClockEvent
from domain.model import Model
from domain.requests.request import StayReference
from domain.vocabulary import AskedBy, ReviewKind, ServiceKind, Urgency


class LookOrder(Model):
    """Look at the stored request version, with the events so far that clocks look at."""

    case_id: str
    request_version: int
    received_at: AwareDatetime
    events: tuple[ClockEvent, ...]
    now: AwareDatetime


class Look(Model):
    """What a look found, with every clock that binds the case.

    `eligibility_answered` is false when the system that knows coverage did not answer: then look again, patiently.
    """

    eligibility_answered: bool

    assessment: Assessment
    clocks: tuple[Clock, ...]
    service_kind: ServiceKind
    urgency: Urgency
    urgency_asked_by: AskedBy
    physician_statement: bool | None
    member_id: str
    requesting_npi: str
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    stay: StayReference | None = None


class Reservation(Model):
    """Units of a benefit limit taken by an approval. One that is `within_limit` is not made when it would go beyond."""

    line_id: str
    benefit_id: str
    units: Decimal
    within_limit: bool


class ReserveOrder(Model):
    """Reserve these units in their order; the lines `given_back` hold none any more."""

    case_id: str
    reservations: tuple[Reservation, ...]
    given_back: tuple[str, ...]


class Reserved(Model):
    """`refused` are the lines whose units the limit did not hold any more; nothing was reserved for them."""

    refused: tuple[str, ...]


class CaseResult(Model):
    case_id: str
    status: str
    decided_at: AwareDatetime | None
    authorization_number: str | None
