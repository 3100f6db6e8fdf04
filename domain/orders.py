"""What a case orders from the world, and what comes back: the small values that travel between workflow and activities.

They carry ids and references, never documents; whatever an order returns stands in the workflow's history.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime

from domain.assessment import Assessment
from domain.clock_consequences import Liability
from domain.clocks import Clock, ClockEvent
from domain.decisions import SignedDecision
from domain.journal import EntryDraft
from domain.model import Model
from domain.plan import Reviewer
from domain.request import StayReference
from domain.stay_letters import StayLetterOrder
from domain.vocabulary import AskedBy, LineOutcome, Lob, NoticeKind, ReviewKind, ServiceKind, Urgency


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


class NoOrder(Model):
    """For what needs nothing to be told."""


class Clocks(Model):
    """Every clock that binds the case, after the events of the order."""

    clocks: tuple[Clock, ...]


class KnownOrder(Model):
    """What the directory and the store know right now of the reviewers named and of the case's request."""

    case_id: str
    reviewer_ids: tuple[str, ...] = ()
    with_request: bool = True


class LetterLineFacts(Model):
    line_id: str
    outcome: LineOutcome | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None


class AskedAboutLimit(Model):
    """What a letter asks about one limit of a line: `facts` are ids of the fact dictionary, or words."""

    line_id: str
    title: str
    facts: tuple[str, ...]
    any_one_of: bool


class LetterOrder(Model):
    """Write one notice, in the version of each of its audiences. `round` tells repeated notices of a case apart.

    The key of each letter is case, notice, audience and round: ordering it again gives the same letter. `decided_since` tells
    that a request whose clock was missed has been decided after all; `answered_late`, that an approval comes after its due
    instant `missed_due`; `approved_by_law`, that nobody but the missed clock approved it. `liability` is who pays for what
    because of a missed clock, from the instant `liable_since`.
    `effective_on` is the day from which a decision ends or reduces care that the member has now; None where it does not.
    """

    case_id: str
    request_version: int
    notice: NoticeKind
    round: int
    plan_id: str
    lob: Lob
    state: str
    zone: str
    urgency: Urgency
    now: AwareDatetime
    lines: tuple[LetterLineFacts, ...]
    decision_due: AwareDatetime | None = None
    decision_due_citation: str | None = None
    decided_at: AwareDatetime | None = None
    signed: SignedDecision | None = None
    approved_by_rule: str | None = None
    authorization_number: str | None = None
    asked_verdicts: tuple[str, ...] = ()
    asked_facts: tuple[str, ...] = ()
    asked_lines: tuple[str, ...] = ()
    asked_limits: tuple[AskedAboutLimit, ...] = ()
    respond_by: AwareDatetime | None = None
    extension_reason: str | None = None
    new_due: AwareDatetime | None = None
    peer_to_peer_until: AwareDatetime | None = None
    not_required_because: str | None = None
    withdrawn_by: str | None = None
    expedite_refusal_reason: str | None = None
    consequence: str | None = None
    consequence_words: str | None = None
    missed_due: AwareDatetime | None = None
    missed_citation: str | None = None
    decided_since: bool = False
    answered_late: bool = False
    approved_by_law: bool = False
    liability: Liability | None = None
    liable_since: AwareDatetime | None = None
    effective_on: date | None = None


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


class RecordOrder(Model):
    """Write journal entries and letters of a case in one transaction."""

    case_id: str
    entries: tuple[EntryDraft, ...]
    letters: tuple[LetterOrder, ...] = ()
    stay_letters: tuple[StayLetterOrder, ...] = ()


class WrittenLetter(Model):
    letter_id: str
    notice: NoticeKind
    audience: str
    recipient: str
    subject: str
    sha256: str


class BlockedLetter(Model):
    """A letter that could not be written; `missing` are the required elements that the case could not fill, `why` in words."""

    notice: NoticeKind
    missing: tuple[str, ...]
    why: str


class Recorded(Model):
    """What was written. `handed_over` are the letters that are out of the house already; the others have to be delivered."""

    letters: tuple[WrittenLetter, ...] = ()
    handed_over: tuple[str, ...] = ()
    blocked: tuple[BlockedLetter, ...] = ()


class DeliverOrder(Model):
    """Hand these letters over. `now` is when the case asked for it; the journal stamps the hand-over when it is done."""

    case_id: str
    letter_ids: tuple[str, ...]
    now: AwareDatetime


class Delivered(Model):
    """Which letters of the order are out of the house; for the others the carrier is in trouble."""

    out: tuple[str, ...]


class Known(Model):
    """The directory's records of the reviewers asked for; unknown ids are left out. `newest_version` is of the request."""

    reviewers: tuple[Reviewer, ...]
    newest_version: int


class CaseResult(Model):
    case_id: str
    status: str
    decided_at: AwareDatetime | None
    authorization_number: str | None
