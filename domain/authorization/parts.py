"""Parts of an authorization case, each with the methods that change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from domain.authorization.messages import RequestExpedite, TakeExtension
from domain.authorization.orders import Reservation
from domain.cases.case import Part
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.missed_clock import MissedClock
from domain.decisions.closings import Closing
from domain.decisions.determination import Approval, SignedDetermination
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.vocabulary import Urgency


class Route(StrEnum):
    """The route of a line through the review."""

    NEW = "new"
    NOT_REQUIRED = "not_required"
    APPROVED_BY_RULE = "approved_by_rule"
    ASKED = "asked"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    BENEFITS = "benefits"
    APPROVED = "approved"
    DECIDED = "decided"
    NOT_COVERED = "not_covered"
    """All days of the line lie after the end of the coverage: nothing is decided about them."""


ANSWERED_ROUTES = frozenset(
    {Route.NOT_REQUIRED, Route.APPROVED_BY_RULE, Route.APPROVED, Route.DECIDED, Route.NOT_COVERED}
)
"""Routes of lines that are answered: nothing is left to do for them."""


ROUTE_OF_REVIEW = {
    TaskKind.NURSE_REVIEW: Route.NURSE,
    TaskKind.PHYSICIAN_REVIEW: Route.PHYSICIAN,
    TaskKind.BENEFIT_REVIEW: Route.BENEFITS,
    TaskKind.NEED_QUESTION: Route.BENEFITS,
}
"""The route of the lines that each kind of review is about."""


class CasePhase(IntEnum):
    """The phase of a case, in order: under review, every line answered (or withdrawn), determination made, closed."""

    IN_REVIEW = 1
    ANSWERED = 2
    CONCLUDED = 3
    CLOSED = 4


class Determinations(Part):
    """The route of each line, and the answers so far. `decided_at` is the last instant at which a line was decided;
    `reserved` are the benefit units that are taken; `units_in_task` whether they are taken within the task that decides, and
    `units_settled` whether the case has asked for any since, or given all back."""

    routes: dict[str, Route] = {}
    approvals: dict[str, Approval] = {}
    adverse: tuple[SignedDetermination, ...] = ()
    decided_at: AwareDatetime | None = None
    nurse_recommendation: str | None = None
    reserved: tuple[Reservation, ...] = ()
    units_in_task: bool = Field(default=False, exclude_if=lambda in_task: not in_task)
    units_settled: bool = Field(default=False, exclude_if=lambda settled: not settled)

    def send(self, line_ids: Iterable[str], route: Route) -> None:
        """Send these lines on their way."""
        self.routes.update(dict.fromkeys(line_ids, route))

    def refer(self, line_ids: Iterable[str], recommendation: str | None) -> None:
        """Refer these lines to a physician, with the nurse's recommendation."""
        self.nurse_recommendation = recommendation
        self.send(line_ids, Route.PHYSICIAN)

    def approve(self, approval: Approval, route: Route) -> None:
        """Record the approval of a line."""
        self.approvals[approval.line_id] = approval
        self.routes[approval.line_id] = route

    def decide(self, made: SignedDetermination) -> None:
        """Record a signed determination on its adverse lines; those that it approves need their approvals."""
        self.adverse = (*self.adverse, made)
        for line in made.lines:
            if line.is_adverse:
                self._take_back(line.line_id, Route.DECIDED)

    def mark_decided(self, at: datetime) -> None:
        """Record that a line was decided at `at`."""
        self.decided_at = at if self.decided_at is None else max(self.decided_at, at)

    def ensure_decided(self, at: datetime) -> datetime:
        """The instant of the decision: `at` where no line was decided before."""
        self.decided_at = self.decided_at or at
        return self.decided_at

    def reserve(self, reserved: tuple[Reservation, ...], refused: tuple[str, ...]) -> None:
        """Record the units taken. Lines that were refused units are decided no more: they go back to a nurse."""
        self.reserved, self.units_settled = reserved, True
        for line_id in refused:
            self._take_back(line_id, Route.NURSE)
        if refused:
            self.decided_at = None

    def reserve_in_task(self) -> None:
        """Have units reserved within the task that decides."""
        self.units_in_task = True

    def keeping_units(self) -> Determinations:
        """No answers, and the units as they are."""
        return Determinations(
            reserved=self.reserved, units_in_task=self.units_in_task, units_settled=self.units_settled
        )

    def keep_lines(self, known: Collection[str]) -> None:
        """Drop the routes and approvals of lines that no longer exist."""
        self.routes = {line_id: route for line_id, route in self.routes.items() if line_id in known}
        self.approvals = {line_id: approval for line_id, approval in self.approvals.items() if line_id in known}

    def _take_back(self, line_id: str, route: Route) -> None:
        self.approvals.pop(line_id, None)
        self.routes[line_id] = route


class Supplying(Part):
    """Temporary supplies that the law granted: `supplies` by line; `claimed_supplies` whether this case may grant them, by
    their names, because no other case of the member has them. A case of an older release claims none."""

    supplies: dict[str, SupplyOffer] = Field(default={}, exclude_if=lambda granted: not granted)
    claims_supplies: bool = Field(default=False, exclude_if=lambda claims: not claims)
    claimed_supplies: dict[str, bool] = Field(default={}, exclude_if=lambda claimed: not claimed)

    def grant(self, line_id: str, supply: SupplyOffer) -> None:
        """Grant the temporary supply of a line; it stands whatever becomes of the request."""
        self.supplies = {**self.supplies, line_id: supply}

    def is_given(self, line_id: str, supply: SupplyOffer) -> bool:
        """Whether the drug was supplied in this case: under this line, or under another that was numbered anew."""
        of_line = self.supplies.get(line_id)
        if of_line is not None and not (of_line.code and supply.code):
            return True
        return any(given.is_of_drug(supply) for given in self.supplies.values())

    def unclaimed(self, offers: Iterable[SupplyOffer]) -> tuple[SupplyOffer, ...]:
        """Those of the offers that have to be claimed before they are granted, each once."""
        due = {offer.claim_key: offer for offer in offers if offer.day is not None}
        return tuple(offer for key, offer in due.items() if self.claims_supplies and key not in self.claimed_supplies)

    def may_grant(self, supply: SupplyOffer) -> bool:
        """Whether no other case of the member has the supply, as far as it is claimed at all."""
        return not self.claims_supplies or supply.day is None or self.claimed_supplies.get(supply.claim_key, False)

    def begin_claiming(self, claims: bool) -> None:
        """Remember whether supplies are claimed before they are granted."""
        self.claims_supplies = claims

    def claim(self, claimed: Mapping[str, bool]) -> None:
        """Remember which supplies this case may grant, by their names, and which another case of the member has."""
        self.claimed_supplies = {**self.claimed_supplies, **claimed}


class Ending(Part):
    """The end of a case: by whom it was withdrawn or how staff closed it undecided, the determination, whether the case that
    asked for the review has been told, whether the law has replaced that determination since, and the status once it is
    closed."""

    withdrawal: str | None = None
    closing: Closing | None = Field(default=None, exclude_if=lambda closing: closing is None)
    stands: bool = Field(default=False, exclude_if=lambda stands: not stands)
    """Whether the time has ended in which the dismissal may be vacated."""
    closed_by: str | None = Field(default=None, exclude_if=lambda who: who is None)
    concluded: CaseStatus | None = None
    authorization_number: str | None = None
    reported: bool = False
    replaced: bool = Field(default=False, exclude_if=lambda replaced: not replaced)
    status: CaseStatus = CaseStatus.OPEN

    def withdraw(self, by: str) -> None:
        self.withdrawal = by

    def close_undecided(self, closing: Closing, by: str) -> None:
        self.closing, self.closed_by = closing, by

    def let_stand(self) -> None:
        """The time has ended in which the dismissal may be vacated."""
        self.stands = True

    def reinstate(self) -> None:
        """Forget the withdrawal or the dismissal, and the end that it led to."""
        self.withdrawal = self.concluded = self.closing = self.closed_by = None
        self.stands = False
        self.status = CaseStatus.OPEN

    def conclude(self, status: CaseStatus, number: str) -> None:
        """Record the determination; approved care gets the authorization number."""
        self.concluded = status
        if status in (CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART):
            self.authorization_number = number

    def mark_reported(self) -> None:
        self.reported = True

    def replace(self) -> None:
        """Record that the law has put another result in place of the determination."""
        self.replaced = True

    def report_again(self) -> None:
        self.reported = self.replaced = False

    def close(self, status: CaseStatus) -> None:
        self.status = status


class Expediting(Part):
    """The urgency of a case; a request to expedite that is not decided yet, one that a withdrawal left undecided, and why the
    last one was refused."""

    wire_names = {"asked": "expedite", "refusal": "expedite_refusal", "dropped": "expedite_dropped"}

    urgency: Urgency = Urgency.STANDARD
    asked: RequestExpedite | None = None
    refusal: str | None = None
    dropped: RequestExpedite | None = Field(default=None, exclude_if=lambda asked: asked is None)

    def receive(self, urgency: Urgency) -> None:
        """Take over the urgency of the request as received."""
        self.urgency = urgency

    def ask(self, message: RequestExpedite) -> None:
        """Keep a request to expedite until a clinician decides on it."""
        self.asked = message

    def grant(self, at: datetime) -> datetime:
        """Expedite; returns the instant from which it counts: that of the pending request, else `at`."""
        asked_at = self.asked.at if self.asked is not None else at
        self.urgency, self.asked = Urgency.EXPEDITED, None
        return asked_at

    def refuse(self, why: str | None) -> None:
        self.urgency, self.asked, self.refusal = Urgency.STANDARD, None, why

    def drop(self) -> None:
        """Drop the pending request: the case is answered."""
        self.asked, self.dropped = None, self.asked or self.dropped

    def resume(self) -> None:
        """Ask again what was dropped undecided: the case goes on."""
        self.asked, self.dropped = self.asked or self.dropped, None


class Extending(Part):
    """An extension that takes effect once its notice is mailed, and the due instant (UTC) that it would bring."""

    wire_names = {"taken": "extension", "until": "extended_due"}

    taken: TakeExtension | None = None
    until: AwareDatetime | None = None

    def take(self, message: TakeExtension) -> None:
        self.taken = message

    def foresee(self, until: datetime | None) -> None:
        """Keep the due instant for the notice."""
        self.until = until

    def end(self) -> None:
        """End the pending extension: it took effect, was given up, or the case is answered."""
        self.taken = self.until = None


class MissNotices(Part):
    """The notices of missed clocks, one after the other: the miss of the current notice, and those not told yet."""

    wire_names = {"current": "consequence"}

    current: MissedClock | None = None
    untold: list[MissedClock] = []

    def add(self, missed: MissedClock) -> None:
        """Add a miss that needs a notice of its own."""
        self.untold.append(missed)

    def next(self) -> bool:
        """Go on to the next notice; False when there is none."""
        if self.untold:
            self.current = self.untold.pop(0)
            return True
        return False


class InformationRequest(BaseModel):
    """The information request to the provider: the missing facts, and the time to answer that the clock allows.

    `hours_given` is set where the law sets a time of its own; it counts from the mailing of the letter. `round` counts the
    requests made by rules, and `asked` are the facts of all their rounds.
    """

    asked_at: AwareDatetime
    wait_until: AwareDatetime
    line_ids: tuple[str, ...]
    facts: tuple[str, ...] = ()
    hours_given: int | None = None
    answered_at: AwareDatetime | None = None
    wait_ended: bool = False
    round: int = Field(default=1, exclude_if=lambda first: first == 1)
    asked: tuple[str, ...] = Field(default=(), exclude_if=lambda asked: not asked)

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and not self.wait_ended

    def answer(self, at: datetime) -> None:
        self.answered_at = at

    def end_wait(self) -> None:
        """End the wait for an answer, if there is none yet."""
        self.wait_ended = self.wait_ended or self.is_open

    def resume_wait(self, now: datetime) -> None:
        """Wait on for the answer, if none came and its time is not over at `now`."""
        if self.answered_at is None and now < self.wait_until:
            self.wait_ended = False


class PeerToPeer(BaseModel):
    """The offer of a peer-to-peer call before an adverse decision. It ends with the call, when declined, or at `until`.
    `settled_by` are the people who called and who recorded the result; `booked_within` is the end that the offer had before a
    call was booked, None where none was."""

    offered_at: AwareDatetime
    until: AwareDatetime
    result: str | None = None
    ended: bool = False
    settled_by: tuple[str, ...] | None = Field(default=None, exclude_if=lambda who: who is None)
    booked_within: AwareDatetime | None = Field(default=None, exclude_if=lambda end: end is None)

    @property
    def latest_start(self) -> AwareDatetime:
        """The last instant at which a call may begin: booking and moving does not put it off."""
        return self.booked_within or self.until

    @property
    def is_settled(self) -> bool:
        return self.ended or self.result in ("held", "declined", "provider_no_show")

    def settle(self, result: str, extended_until: datetime) -> None:
        """Record the result of the call. If the plan did not show, the offer stays open until `extended_until` or later."""
        self.result = result
        if result == "plan_no_show":
            self.until, self.booked_within = max(self.until, extended_until), None

    def keep_until(self, until: datetime) -> None:
        """Keep the offer open until then, or as long as it is open anyway: a call is booked. However often it is moved, the
        offer, before whose end nobody signs against the request, grows by the length of one call alone."""
        self.booked_within = self.latest_start
        self.until = max(self.until, until)

    def end(self) -> None:
        """End the offer, if the call did not settle it."""
        self.ended = self.ended or not self.is_settled

    def resume(self, now: datetime) -> None:
        """Offer the call on, if it was not settled and its time is not over at `now`."""
        if now < self.until:
            self.ended = False


class FiledGrievance(BaseModel):
    """An expedited grievance: about what, when it was said (UTC), the task that answers it, and when it was answered."""

    about: Literal["extension", "expedite_refusal"]
    at: AwareDatetime
    said: str
    task_id: str | None = None
    answered_at: AwareDatetime | None = None


class IreForwarding(BaseModel):
    """The forwarding of the case file to the IRE after a missed clock: under which rule, and when it was sent."""

    rule_id: str
    to: str
    missed_rule: str
    owed_since: AwareDatetime
    task_id: str | None = None
    forwarded_at: AwareDatetime | None = None
