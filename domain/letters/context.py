"""The context from which every notice is rendered, and the rendered letter.

A letter is a statement of the plan with legal weight. Its context is built from the case and the rulebook alone; a missing
required element makes rendering fail (`templates.rendering`) and never leaves a gap on the page.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, Field, field_validator

from domain.clocks.consequences import Liability
from domain.clocks.rules import Confidence
from domain.decisions.benefits import PlanProvision
from domain.decisions.reasons import StructuredReason
from domain.letters.blanks import blanks_of
from domain.letters.orders import LetterFacts
from domain.letters.request_facts import RequestFacts
from domain.letters.stay_facts import ReviewOrganization, StayFacts
from domain.model import Model
from domain.vocabulary import AskedBy, Audience, LineOutcome, Lob, NoticeKind, ServiceKind, Urgency


class Party(Model):
    """A name with the address a letter goes to."""

    name: str
    address: tuple[str, ...] = ()
    phone: str | None = None
    fax: str | None = None
    npi: str | None = None


class HearingOffice(Model):
    """The State's office for fair hearings, as printed in Medicaid letters."""

    agency: str
    phone: str
    address: tuple[str, ...]


class ConsumerHelp(Model):
    """The office that helps consumers with appeals where the member lives (45 CFR 147.136(b)(2)(ii)(E)(5))."""

    name: str
    phone: str


class PlanConsumerHelp(ConsumerHelp):
    """The help for consumers of one State (two letters), as a plan names it."""

    state: str


class PlanHearingOffice(HearingOffice):
    """The office for fair hearings of one State (two letters), as a plan names it."""

    state: str


class PlanReviewOrganization(ReviewOrganization):
    """Medicare's review organization of these States (two letters), as a plan names it."""

    states: tuple[str, ...] = Field(min_length=1)


class PlanContact(Model):
    """Contact data of the plan, as printed in every letter.

    `tty` is the number for people who cannot hear or speak on the phone (often 711). Where appeals or talks between
    physicians have their own address or number it is given; otherwise the plan's own is printed. `zone` is the IANA zone of
    the plan's office hours; None: that of the case. `consumer_help`, `hearing_offices` and `review_organizations` are those of
    a State that the plan names itself; they go before those of the rulebook, of which none that is unsure is printed.
    `provisions` are the exclusions and limits of the plan's documents.
    """

    plan_name: str
    phone: str
    tty: str
    fax: str
    address: tuple[str, ...]
    hours: str
    website: str
    appeals_address: tuple[str, ...] = ()
    appeals_phone: str | None = None
    appeals_fax: str | None = None
    peer_to_peer_phone: str | None = None
    zone: str | None = None
    consumer_help: tuple[PlanConsumerHelp, ...] = Field(default=(), exclude_if=lambda named: not named)
    hearing_offices: tuple[PlanHearingOffice, ...] = Field(default=(), exclude_if=lambda named: not named)
    review_organizations: tuple[PlanReviewOrganization, ...] = Field(default=(), exclude_if=lambda named: not named)
    provisions: tuple[PlanProvision, ...] = Field(default=(), exclude_if=lambda named: not named)


class LetterLine(Model):
    """One service line as a letter shows it."""

    line_id: str
    description: str
    code: str
    quantity: Decimal | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None
    outcome: LineOutcome | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    approved_level: str | None = None
    reason: StructuredReason | None = None


class AskedFact(Model):
    """One fact requested from the provider, in words a clinic understands."""

    fact_id: str
    ask: str
    unit: str | None = None


class AskedBranch(Model):
    """Facts and further branches that belong together, as the rule has them. `enough` of them settle it; None is all."""

    title: str | None = None
    enough: int | None = None
    items: tuple[AskedFact | AskedBranch, ...]


class AskedGroup(Model):
    """Facts requested together. `any_one_of` means that one of `options` is enough to settle the branch; `none_of`, that
    nothing listed may be so. `instead` are other ways to satisfy the same rule, in words.

    `tree` tells alternatives within alternatives apart; without it the options are all there is.
    """

    line_id: str
    title: str
    any_one_of: bool
    options: tuple[tuple[AskedFact, ...], ...]
    none_of: bool = False
    instead: tuple[str, ...] = ()
    tree: AskedBranch | None = None


class DecidedBy(Model):
    """The clinician who signed, as shown to the provider (and to the member where the law requires it)."""

    name: str
    credential: str
    specialty: str | None = None
    licence_state: str | None = None


class LetterContext(Model):
    """The order's facts with all that the writer adds: parties, dates, and the lines with their reasons.

    Instants are UTC; `zone` is the case's zone for showing them. `issue_date` is the planned mail date: appeal windows are
    counted from it. A letter on a request has its provider and its lines; a letter on a stay has `qio` where Medicare's review
    organization is known. `asked_by` is the kind of party that asked, who need not be that provider.
    """

    notice: NoticeKind
    audience: Audience
    lob: Lob
    zone: str
    issue_date: date
    case_number: str
    letter_number: str
    recipient: Party
    plan: PlanContact
    member_name: str
    member_id: str
    facts: LetterFacts
    service_kind: ServiceKind | None = None
    requesting_provider: Party | None = None
    asked_by: AskedBy | None = None
    servicing_provider: Party | None = None
    received_at: AwareDatetime | None = None
    lines: tuple[LetterLine, ...] = ()
    diagnoses: tuple[str, ...] = ()
    decided_by: DecidedBy | None = None
    asked: tuple[AskedGroup, ...] = ()
    in_care: bool = False
    care_given: bool = False
    fair_hearing: HearingOffice | None = None
    consumer_help: ConsumerHelp | None = None
    qio: ReviewOrganization | None = None

    @property
    def stay(self) -> StayFacts | None:
        """The facts of a letter about a stay."""
        return self.facts if isinstance(self.facts, StayFacts) else None

    @property
    def care_from(self) -> date | None:
        """The first day of all that is approved; None where some line has no first day."""
        approved = [line for line in self.lines if line.outcome in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART)]
        days = [line.approved_start or line.start for line in approved]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None

    @property
    def urgency(self) -> Urgency | None:
        return self.facts.request.urgency if isinstance(self.facts, RequestFacts) else None

    @property
    def liability(self) -> Liability | None:
        return (self.facts.request if isinstance(self.facts, RequestFacts) else self.facts).liability


class ElementCondition(StrEnum):
    """The condition under which an element belongs in a letter."""

    ALWAYS = "always"
    SOMETHING_APPROVED = "something_approved"
    NOTHING_APPROVED = "nothing_approved"
    NO_DECISION_CLOCK = "no_decision_clock"
    STANDARD = "standard"
    EXPEDITED = "expedited"
    INFORMATION_ASKED = "information_asked"
    PEER_TO_PEER_OPEN = "peer_to_peer_open"
    DECIDED_BY_RULE = "decided_by_rule"
    FAIR_HEARING_OFFICE_KNOWN = "fair_hearing_office_known"
    SERVICE_REDUCED = "service_reduced"
    IN_CARE = "in_care"
    CARE_TO_COME = "care_to_come"
    CARE_LATER = "care_later"
    CHANGES_AUTHORIZATION = "changes_authorization"
    REOPENED = "reopened"
    FIRST_DECISION = "first_decision"
    ON_APPEAL = "on_appeal"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_GRANTED_IN_PART = "appeal_granted_in_part"
    HEARING_OFFICE_AFTER_APPEAL = "hearing_office_after_appeal"
    APPEALABLE_CARE_GIVEN = "appealable_care_given"
    """The care was given, and this is no appeal yet."""
    DECIDED_SINCE = "decided_since"
    CARE_GIVEN = "care_given"
    ANSWERED_LATE = "answered_late"
    APPROVED_BY_LAW = "approved_by_law"
    DEEMED_ADVERSE = "deemed_adverse"
    PLAN_PAYS = "plan_pays"
    EXCEPTION_GRANTED = "exception_granted"
    LOWER_TIER_GRANTED = "lower_tier_granted"
    ASKED_BEFORE = "asked_before"
    EMERGENCY_SUPPLY = "emergency_supply"
    TRANSITION_SUPPLY = "transition_supply"
    BENEFIT_DECISION = "benefit_decision"
    OTHER_PAYER_KNOWN = "other_payer_known"
    SOME_DAYS_COVERED = "some_days_covered"
    NO_DAY_COVERED = "no_day_covered"
    BENEFIT_MOVED = "benefit_moved"
    BENEFIT_OF_SAME_PLAN = "benefit_of_same_plan"
    PAID_BY_PART_B = "paid_by_part_b"
    OTHER_PAYER = "other_payer"
    DAYS_APPROVED = "days_approved"
    DISCHARGE_DAY_SET = "discharge_day_set"
    TAKES_NO_MEDICINES = "takes_no_medicines"
    APPOINTMENTS_BOOKED = "appointments_booked"
    EQUIPMENT_LISTED = "equipment_listed"
    TEACHING_LISTED = "teaching_listed"
    GAPS_LISTED = "gaps_listed"
    PLAN_POLICY_USED = "plan_policy_used"
    REVIEWED_BEFORE = "reviewed_before"
    LESS_NOTICE_ALLOWED = "less_notice_allowed"


class NoticeElement(Model):
    """Something a notice must contain. `key` is also the data-el attribute that proves it on the page.

    `text` states the legal requirement, for the maintainers of the rulebook. `words` is the statement that the
    letter prints, with named blanks (`domain.letters.blanks`); an element without words is laid out by the template from
    the case.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1)
    words: str | None = Field(default=None, min_length=1)
    when: ElementCondition = ElementCondition.ALWAYS
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    @field_validator("words")
    @classmethod
    def _words_have_known_blanks(cls, words: str | None) -> str | None:
        if words is not None:
            blanks_of(words)
        return words


class RenderedLetter(Model):
    """A letter as it will be sent: the same content as HTML and as plain text, and the elements found in it."""

    notice: NoticeKind
    audience: Audience
    subject: str
    html: str
    text: str
    elements: tuple[str, ...]
    form: str | None = None
