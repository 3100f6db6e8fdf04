"""The appeal case: one appeal of a determination at one level of the plan."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.appeals.filing import AppealFiling
from domain.appeals.rules import AppealRule
from domain.cases.member_case import MemberCase, MemberContext
from domain.cases.messages import ReviewAnswered
from domain.cases.views import CaseStatus
from domain.errors import ImpossibleState
from domain.model import Model
from domain.vocabulary import APPROVING_OUTCOMES, LineOutcome, ReviewKind, ServiceKind, Urgency


class AppealedLine(Model):
    """A line that was decided adversely, as the determination left it. `decided_by` is its signer."""

    line_id: str
    code: str
    description: str
    outcome: LineOutcome
    decided_by: str


class AppealWindow(Model):
    """The time to file: its clock rule, its last instant (UTC), and its citation."""

    rule_id: str
    until: AwareDatetime
    citation: str


class AppealOrigin(Model):
    """The determination that is appealed, as its case and journal hold it.

    `noticed_on` is the date of the notice (None: no notice of it was sent), `window` the time to file (None: no rule counts
    one, or the notice that starts it was not sent, so that nothing is late). `requesting_npi` is the provider who asked for
    the care.
    """

    member_id: str
    requesting_npi: str
    lines: tuple[AppealedLine, ...]
    review_kind: ReviewKind
    service_kind: ServiceKind
    decided_at: AwareDatetime | None
    noticed_on: date | None
    window: AppealWindow | None
    rule: AppealRule


class AppealContext(Model):
    """Everything looked up about an appeal: the filing as it was kept, the member, and the determination."""

    filing: AppealFiling
    person: MemberContext
    origin: AppealOrigin


class AppealStanding(StrEnum):
    """Whether it is shown that the party may appeal."""

    PROPER_PARTY = "proper_party"
    AWAITS_PROOF = "awaits_proof"
    PROOF_ON_FILE = "proof_on_file"
    NO_PARTY = "no_party"
    """The rule of the line knows no appeal of this party for the member: people find out who speaks for the member."""


class Timeliness(StrEnum):
    IN_TIME = "in_time"
    LATE = "late"
    """Filed after the window: people look for good cause."""
    GOOD_CAUSE = "good_cause"


class Effectuation(Model):
    """The proof that a favorable decision was carried out: what shows it, when it was done (UTC), and who recorded it."""

    proof: str
    done_at: AwareDatetime
    by: str


class ForwardedFile(Model):
    """The case file at the outside reviewer: to whom it was sent, when it arrived there (UTC), and what proves it."""

    to: str
    arrived_at: AwareDatetime
    proof: str
    by: str


class AppealCase(MemberCase):
    """The state of one appeal. Nothing in it denies care: the appeal is decided in the case `review`, by signature."""

    level: int = Field(ge=1, le=2)
    appealed: str
    inbox_id: int
    status: CaseStatus = CaseStatus.OPEN
    filing: AppealFiling | None = None
    origin: AppealOrigin | None = None
    standing: AppealStanding | None = None
    proof_at: AwareDatetime | None = None
    timeliness: Timeliness | None = None
    review: str | None = None
    answer: ReviewAnswered | None = None
    effectuation: Effectuation | None = None
    forwarding: ForwardedFile | None = None
    joined: list[int] = []

    def require_origin(self) -> AppealOrigin:
        """The determination that is appealed. Raises ImpossibleState before it was looked up."""
        if self.origin is None:
            raise ImpossibleState(f"{self.case_id}: nobody has looked the determination up")
        return self.origin

    def require_filing(self) -> AppealFiling:
        """The appeal as it was said. Raises ImpossibleState before it was looked up."""
        if self.filing is None:
            raise ImpossibleState(f"{self.case_id}: the appeal has not been read")
        return self.filing

    @property
    def urgency(self) -> Urgency:
        """The urgency that is asked for; whether it is granted stands in the review."""
        return Urgency.EXPEDITED if self.filing is not None and self.filing.expedited else Urgency.STANDARD

    @property
    def may_be_reviewed(self) -> bool:
        """Whether the party may appeal and the appeal is in time, or there is good cause that it is not."""
        proper = self.standing in (AppealStanding.PROPER_PARTY, AppealStanding.PROOF_ON_FILE)
        # Where the time to decide runs from the receipt, the review does not wait for the proof.
        waits = self.standing is AppealStanding.AWAITS_PROOF and not self.require_origin().rule.clock_needs_proof
        return (proper or waits) and self.timeliness in (Timeliness.IN_TIME, Timeliness.GOOD_CAUSE)

    @property
    def review_received_at(self) -> AwareDatetime:
        """The instant (UTC) from which the time to decide counts: the receipt, or the proof of standing where the line's rule
        says so."""
        later = self.proof_at if self.require_origin().rule.clock_needs_proof else None
        return max(self.received_at, later) if later is not None else self.received_at

    @property
    def is_granted_in_part(self) -> bool:
        """Whether the review granted something, which has to be carried out."""
        return self.answer is not None and any(line.outcome in APPROVING_OUTCOMES for line in self.answer.lines)

    @property
    def is_granted_in_full(self) -> bool:
        """Whether the review granted every line whole."""
        return self.answer is not None and self.answer.status is CaseStatus.APPROVED
