"""Facts for letters on a request: one kind for each notice, with every fact that the notice cannot do without."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.clocks.consequences import Liability
from domain.decisions.benefits import SignedBenefitDecision
from domain.decisions.signed import SignedDecision
from domain.model import Model
from domain.vocabulary import LineOutcome, NoticeKind, Urgency


class LetterLineFacts(Model):
    line_id: str
    outcome: LineOutcome | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    approved_level: str | None = Field(default=None, exclude_if=lambda level: level is None)


class LimitQuestion(Model):
    """The question of a letter about one drug limit of a line: `facts` are ids of the fact dictionary, or words."""

    line_id: str
    title: str
    facts: tuple[str, ...]
    any_one_of: bool


class RequestDetails(Model):
    """The part that every letter on a request has. `liability` states who pays for what because of a missed clock, from the
    instant `liable_since`; `on_appeal`, that the request is an appeal of an earlier decision."""

    request_version: int
    urgency: Urgency
    lines: tuple[LetterLineFacts, ...]
    decision_due: AwareDatetime | None = None
    decision_due_citation: str | None = None
    liability: Liability | None = None
    liable_since: AwareDatetime | None = None
    on_appeal: bool = Field(default=False, exclude_if=lambda appeal: not appeal)


class MissingInformation(Model):
    """The facts to ask for: by the criteria traces and limits that miss them, or as a reviewer named them."""

    asked_verdicts: tuple[str, ...] = ()
    asked_facts: tuple[str, ...] = ()
    asked_lines: tuple[str, ...] = ()
    asked_limits: tuple[LimitQuestion, ...] = ()


class RequestFacts(Model):
    """The base of the facts on a request. `deadline_zone` is the IANA zone of the people for whom a deadline of the letter is;
    None: that of the case."""

    request: RequestDetails
    deadline_zone: str | None = Field(default=None, exclude_if=lambda zone: zone is None)


class AcknowledgmentFacts(RequestFacts):
    """`follows`: it asks to change an authorization, or to reopen a denial."""

    kind: Literal[NoticeKind.ACKNOWLEDGMENT] = NoticeKind.ACKNOWLEDGMENT
    follows: Literal["change", "reopening"] | None = Field(default=None, exclude_if=lambda follows: follows is None)


class InformationRequestFacts(RequestFacts):
    """`asked_before`: another request for information went out before, whose place this one takes."""

    kind: Literal[NoticeKind.INFORMATION_REQUEST] = NoticeKind.INFORMATION_REQUEST
    missing: MissingInformation
    respond_by: AwareDatetime
    asked_before: bool = Field(default=False, exclude_if=lambda asked: not asked)


class ExtensionFacts(RequestFacts):
    """`missing` and `respond_by` are for an extension that waits for information."""

    kind: Literal[NoticeKind.EXTENSION] = NoticeKind.EXTENSION
    extension_reason: str
    new_due: AwareDatetime
    missing: MissingInformation = MissingInformation()
    respond_by: AwareDatetime | None = None


class ApprovalFacts(RequestFacts):
    """`approved_by_rule` cites the rules by which software approved. `answered_late` states that the approval comes after its
    due instant `missed_due`; `approved_by_law`, that only the missed clock approved it. `exception_until` is the last day on
    which a granted exception holds without another request; `lower_tier`, that a lower cost-sharing tier was granted.
    `follows`: it changes an authorization, or reopens a denial."""

    kind: Literal[NoticeKind.APPROVAL] = NoticeKind.APPROVAL
    authorization_number: str
    approved_by_rule: str | None = None
    missed_due: AwareDatetime | None = None
    missed_citation: str | None = None
    answered_late: bool = False
    approved_by_law: bool = False
    exception_until: date | None = None
    lower_tier: bool = False
    follows: Literal["change", "reopening"] | None = Field(default=None, exclude_if=lambda follows: follows is None)


class AdverseFacts(RequestFacts):
    """`authorization_number` is that of what was approved. `effective_on` is the day from which the decision ends or reduces
    care that the member has now; None where it does not. `paid_by` is who pays for a drug instead, where that is the ground."""

    kind: Literal[NoticeKind.ADVERSE_DETERMINATION] = NoticeKind.ADVERSE_DETERMINATION
    signed: SignedDecision | SignedBenefitDecision
    decided_at: AwareDatetime
    authorization_number: str | None = None
    peer_to_peer_until: AwareDatetime | None = None
    effective_on: date | None = None
    paid_by: str | None = Field(default=None, exclude_if=lambda payer: payer is None)


class PeerToPeerOfferFacts(RequestFacts):
    kind: Literal[NoticeKind.PEER_TO_PEER_OFFER] = NoticeKind.PEER_TO_PEER_OFFER
    peer_to_peer_until: AwareDatetime


class NotRequiredFacts(RequestFacts):
    kind: Literal[NoticeKind.NOT_REQUIRED] = NoticeKind.NOT_REQUIRED
    not_required_because: str


class WithdrawnFacts(RequestFacts):
    kind: Literal[NoticeKind.WITHDRAWN] = NoticeKind.WITHDRAWN
    withdrawn_by: str


class ChangeNoticeFacts(RequestFacts):
    """`what_changed` are the sentences on a change of a request or an authorization, in words for the member."""

    kind: Literal[NoticeKind.CHANGE_NOTICE] = NoticeKind.CHANGE_NOTICE
    what_changed: str


class DismissalFacts(RequestFacts):
    """`dismissal_reason` is the rule's sentence about the reason, `dismissal_explanation` what staff say of this request."""

    kind: Literal[NoticeKind.DISMISSAL] = NoticeKind.DISMISSAL
    dismissal_reason: str
    dismissal_explanation: str
    dismissal_citation: str
    integrated: bool = False


class NotCoveredFacts(RequestFacts):
    """`covered_until` is the last covered day, where some day of the request is covered; `other_payer` who covers the others,
    as far as is known."""

    kind: Literal[NoticeKind.NOT_COVERED] = NoticeKind.NOT_COVERED
    covered_until: date | None = None
    other_payer: str | None = None


class MisdirectedFacts(RequestFacts):
    kind: Literal[NoticeKind.MISDIRECTED] = NoticeKind.MISDIRECTED
    forwarded_to: str
    forwarded_address: str
    forwarded_by: str
    forwarded_at: AwareDatetime


class ImproperFilingFacts(RequestFacts):
    """`filing_missing` is what the request lacks, in one sentence part; `how_to_file` says how to file it."""

    kind: Literal[NoticeKind.IMPROPER_FILING] = NoticeKind.IMPROPER_FILING
    filing_missing: str
    how_to_file: str
    told_at: AwareDatetime | None = None


class TemporarySupplyFacts(RequestFacts):
    """`supply_time` is the time that the temporary supply lasts, in words ("30 days"); `emergency` tells an emergency supply
    from a transition fill."""

    kind: Literal[NoticeKind.TEMPORARY_SUPPLY] = NoticeKind.TEMPORARY_SUPPLY
    supply_time: str
    supply_citation: str
    emergency: bool = False


class OtherBenefitFacts(RequestFacts):
    """`paid_by` is who pays for the drug ("Medicare Part B"), by `benefit_citation`. `same_plan`: this plan covers both
    benefits; `moved`: and the whole request goes on under the other one."""

    kind: Literal[NoticeKind.OTHER_BENEFIT] = NoticeKind.OTHER_BENEFIT
    paid_by: str
    benefit_citation: str
    same_plan: bool
    moved: bool


class ExpediteRefusalFacts(RequestFacts):
    kind: Literal[NoticeKind.EXPEDITE_NOT_GRANTED] = NoticeKind.EXPEDITE_NOT_GRANTED
    expedite_refusal_reason: str


class MissedDeadlineFacts(RequestFacts):
    """`decided_since` states that the request whose clock was missed has been decided since."""

    kind: Literal[NoticeKind.MISSED_DEADLINE] = NoticeKind.MISSED_DEADLINE
    consequence: str
    consequence_words: str | None = None
    missed_due: AwareDatetime
    missed_citation: str | None = None
    decided_since: bool = False


AnyRequestFacts = (
    AcknowledgmentFacts
    | InformationRequestFacts
    | ExtensionFacts
    | ApprovalFacts
    | AdverseFacts
    | PeerToPeerOfferFacts
    | NotRequiredFacts
    | WithdrawnFacts
    | ExpediteRefusalFacts
    | MissedDeadlineFacts
    | TemporarySupplyFacts
    | ChangeNoticeFacts
    | DismissalFacts
    | NotCoveredFacts
    | MisdirectedFacts
    | ImproperFilingFacts
    | OtherBenefitFacts
)
