"""Activity inputs and results of an authorization's review."""

from __future__ import annotations

from decimal import Decimal

from pydantic import AwareDatetime, Field

from domain.authorization.assessment import Assessment
from domain.clocks.engine import Clock, ClockEvent, EventKind
from domain.model import Model
from domain.pharmacy.other_benefit import OtherBenefit
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.requests.after_decision import AfterDecisionFinding
from domain.requests.request import StayReference
from domain.vocabulary import AskedBy, ReviewKind, ServiceKind, Urgency


class ReviewInput(Model):
    """Assess the stored request version, with the clock events so far."""

    case_id: str
    request_version: int
    received_at: AwareDatetime
    events: tuple[ClockEvent, ...]
    now: AwareDatetime


class ReviewContext(Model):
    """The assessment of a request, with every clock that binds the case and the events that a clock waits for.

    `eligibility_answered` is false when the eligibility system did not answer: then the lookup is retried for longer.
    `received_at` (UTC) and `request_version` are those on file, where the input named others.
    `renews`: the withdrawn case that the request takes up again. `moved_version`: the version of the request by which the plan
    moved it to its other benefit, Part B or Part D, and `moved_because` the finding that asked for it.
    `after`: the rule on what is asked after an earlier decision.
    `urgency_unread`: how urgent the request is was not understood, and a clinician decides.
    """

    eligibility_answered: bool

    assessment: Assessment
    clocks: tuple[Clock, ...]
    awaited: tuple[EventKind, ...] = Field(default=(), exclude_if=lambda named: not named)
    service_kind: ServiceKind
    urgency: Urgency
    urgency_asked_by: AskedBy
    physician_statement: bool | None
    member_id: str
    requesting_npi: str
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    stay: StayReference | None = None
    received_at: AwareDatetime | None = Field(default=None, exclude_if=lambda value: value is None)
    request_version: int | None = Field(default=None, exclude_if=lambda value: value is None)
    urgency_unread: bool = Field(default=False, exclude_if=lambda unread: not unread)
    renews: str | None = Field(default=None, exclude_if=lambda case_id: case_id is None)
    moved_version: int | None = Field(default=None, exclude_if=lambda value: value is None)
    after: AfterDecisionFinding | None = Field(default=None, exclude_if=lambda found: found is None)
    moved_because: OtherBenefit | None = Field(default=None, exclude_if=lambda found: found is None)


class SupplyClaims(Model):
    """Claim these temporary supplies for the case."""

    case_id: str
    member_id: str
    offers: tuple[SupplyOffer, ...]


class ClaimedSupplies(Model):
    """Whether the case may grant each supply, by its name; False where another case of the member has it."""

    claimed: dict[str, bool]


class Reservation(Model):
    """Benefit units taken by an approval. With `within_limit` it fails when it would exceed the limit."""

    line_id: str
    benefit_id: str
    units: Decimal
    within_limit: bool


class ReserveInput(Model):
    """Reserve these units in their order; those of the lines in `given_back` are released."""

    case_id: str
    reservations: tuple[Reservation, ...]
    given_back: tuple[str, ...]


class ReserveResult(Model):
    """The result of a reservation: `refused` are the lines beyond the limit; nothing was reserved for them."""

    refused: tuple[str, ...]


class AuthorizationResult(Model):
    case_id: str
    status: str
    decided_at: AwareDatetime | None
    authorization_number: str | None


class BookedCallInput(Model):
    """Read the time that the calendar has booked for a case's peer-to-peer."""

    case_id: str


class BookedCall(Model):
    """The booked time of a case's peer-to-peer as the calendar has it: its begin (UTC) and physician; None without one."""

    starts_at: AwareDatetime | None = None
    physician: str | None = None
