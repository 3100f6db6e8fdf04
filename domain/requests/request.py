"""The authorization request as received: member, providers, service lines, dates and urgency."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.calendars import END_OF_DAY, utc_of_local_time
from domain.decisions.prudent_layperson import EmergencyLines
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.remarks import ReadingRemark
from domain.vocabulary import (
    AskedBy,
    CertificationType,
    Channel,
    Circumstance,
    CodeSystem,
    ReviewKind,
    ServiceKind,
    Urgency,
)


class RequestAction(StrEnum):
    """The action of a submission: opens a case, changes one, or withdraws it."""

    INITIAL = "initial"
    UPDATE = "update"
    CANCEL = "cancel"


class ServiceLine(Model):
    """One service line of a request. Quantities are in `unit`; dates are calendar days of service, both included.

    `revenue_code` is the hospital's (NUBC), beside the code of the service or instead of it.
    """

    line_id: str
    code: str
    code_system: CodeSystem
    modifiers: tuple[str, ...] = ()
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None
    place_of_service: str | None = None
    level_of_care: str | None = None
    service_group: str | None = None
    diagnoses: tuple[str, ...] = ()
    certification: CertificationType = CertificationType.INITIAL
    trace_number: str | None = None
    revenue_code: str | None = Field(default=None, exclude_if=lambda stated: stated is None)


class MemberReference(Model):
    """The member as named by the sender; the directory identifies them."""

    member_id: str
    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None


class ProviderReference(Model):
    """A practitioner or organization as the sender names it. `npi` is the ten-digit National Provider Identifier."""

    npi: str
    name: str | None = None
    phone: str | None = None
    fax: str | None = None
    address: tuple[str, ...] = ()


class UrgencyClaim(Model):
    """The urgency of a request, and who asked for it.

    `physician_statement` is true when a physician says that the standard time could seriously jeopardize life, health
    or maximum function (42 CFR 422.570(c)(2), 29 CFR 2560.503-1(m)(1)(iii)): then expediting is mandatory.
    None means not stated. `unread`: the request says how urgent it is in words that were not understood; it is expedited
    until a clinician has decided.
    """

    urgency: Urgency
    asked_by: AskedBy
    physician_statement: bool | None = None
    unread: bool = Field(default=False, exclude_if=lambda unread: not unread)


class DocumentReference(Model):
    """A document of the case, by content hash (sha256, hex). The bytes live in the store, never in a message."""

    document_id: str
    title: str
    content_type: str
    size_bytes: int
    received_at: AwareDatetime
    control_number: str | None = None


class StayPurpose(StrEnum):
    """The purpose for which a stay, a discharge plan or a retrospective review requests a review."""

    ADMISSION = "admission"
    CONTINUED_STAY = "continued_stay"
    LEVEL_OF_CARE = "level_of_care"
    SECOND_LOOK = "second_look"
    """Reconsideration of denied days after a peer-to-peer or a reopening: only a physician decides."""
    REDUCTION = "reduction"
    """Ending or reducing what was approved, announced in advance: only a physician's signature can."""
    NEXT_SETTING = "next_setting"
    POST_SERVICE = "post_service"

    @property
    def is_care_under_way(self) -> bool:
        """Whether the requested care is already under way."""
        return self not in (StayPurpose.NEXT_SETTING, StayPurpose.POST_SERVICE)


class StayReference(Model):
    """The case behind a request that Umpire itself made: which case, for which purpose, and the data that its clock uses.

    `course_ends_at` (UTC) is the end of the approved days that the request would continue. `asked_in_vain`: the facility was
    asked repeatedly for missing information, so that reviewers decide on what is there. `second_look_at` is the case whose
    denial is reconsidered; `peer_to_peer_held_at` is the time of the peer-to-peer call. `effective_on` is the day
    on which a reduction takes effect; it may be signed only `days_of_notice` days ahead (`notice_citation`).
    `emergency` marks the lines of a post-service review that are emergency care. `proposed_level` is a level of care below the
    hospital's order that was said instead: only a physician can sign it, in part.
    """

    process_id: str
    purpose: StayPurpose
    round: int = Field(ge=1)
    course_ends_at: AwareDatetime | None = None
    asked_in_vain: bool = False
    second_look_at: str | None = None
    peer_to_peer_held_at: AwareDatetime | None = None
    effective_on: date | None = None
    days_of_notice: int | None = None
    notice_citation: str = ""
    emergency: EmergencyLines | None = Field(default=None, exclude_if=lambda stated: stated is None)
    proposed_level: str | None = Field(default=None, exclude_if=lambda level: level is None)

    def decide_by(self, zone: ZoneInfo) -> datetime | None:
        """The instant (UTC) until which a reduction may be signed: the last day on which its notice is in time. It may have
        no decision clock of its own. None for every other purpose."""
        if self.effective_on is None or self.days_of_notice is None:
            return None
        return utc_of_local_time(self.effective_on - timedelta(days=self.days_of_notice + 1), END_OF_DAY, zone)

    @property
    def needs_physician(self) -> bool:
        """Whether only a physician may decide this, no rule and no nurse."""
        return self.purpose in (StayPurpose.SECOND_LOOK, StayPurpose.REDUCTION)


class AuthorizationRequest(Model):
    """A request that intake has read. Instants are UTC; `received_at` is arrival at the plan or its delegate."""

    submission_id: str = Field(description="The sender's transaction identifier, system and value joined by '|'.")
    action: RequestAction = RequestAction.INITIAL
    prior_submission_id: str | None = None
    prior_authorization_number: str | None = None
    trace_numbers: tuple[str, ...] = Field(
        default=(), description="The sender's own numbers for this request; an update names its prior request by one."
    )
    received_at: AwareDatetime
    channel: Channel
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    stay: StayReference | None = None
    service_kind: ServiceKind
    urgency: UrgencyClaim
    circumstances: tuple[Circumstance, ...] | None = Field(
        default=None,
        description="What the sender states to be special; None states nothing, and leaves an update as it was.",
    )
    clean_claim: bool | None = Field(
        default=None,
        description="Whether what is to be paid came as a clean claim (42 CFR 422.500(b)); None: not said.",
    )
    member: MemberReference
    plan_identifier: str | None = None
    requesting_provider: ProviderReference
    servicing_provider: ProviderReference | None = None
    ordering_practitioner: ProviderReference | None = None
    diagnoses: tuple[str, ...] = ()
    lines: tuple[ServiceLine, ...] = Field(min_length=1)
    documents: tuple[DocumentReference, ...] = ()
    facts: tuple[Fact, ...] = ()
    remarks: tuple[ReadingRemark, ...] = Field(
        default=(),
        description="What of the request was not understood or left out, for the people who work on it.",
        exclude_if=lambda remarks: not remarks,
    )

    renews: str | None = Field(
        default=None,
        description="The withdrawn case that this request takes up again, because its party took the withdrawal back.",
        exclude_if=lambda case_id: case_id is None,
    )

    covered_by: str | None = Field(
        default=None,
        description="The coverage to whose benefit the plan itself moved the request (Part D to Part B of one plan, or back).",
        exclude_if=lambda coverage_id: coverage_id is None,
    )

    def line(self, line_id: str) -> ServiceLine:
        """The line with this id. Raises KeyError when the request has none."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)
