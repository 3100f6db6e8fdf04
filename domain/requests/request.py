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
from domain.requests.after_decision import AfterDecision
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

    line_id: str = Field(
        description="The line's own number within the request, such as 1. An update names its lines by it."
    )
    code: str = Field(description="The code of the service, in the code system beside it.")
    code_system: CodeSystem = Field(description="The code system of the code.")
    modifiers: tuple[str, ...] = Field(
        default=(), description="Modifiers of the code, two characters each, such as NU or RR."
    )
    description: str | None = Field(default=None, description="The service in words, as a letter may print it.")
    quantity: Decimal | None = Field(
        default=None,
        description=(
            "How much is asked for, in the unit beside it: a number above zero, and no more than ten years of care."
        ),
    )
    unit: str | None = Field(
        default=None,
        description="One singular word that the quantity counts: unit, visit, hour, day, week, month, session, pen.",
    )
    start: date | None = Field(default=None, description="The first day of service, a calendar day such as 2027-01-12.")
    end: date | None = Field(
        default=None, description="The last day of service, included; a calendar day on or after the first."
    )
    place_of_service: str | None = Field(
        default=None,
        description="The place of service, two digits (CMS place of service codes): 12 home, 21 inpatient hospital.",
    )
    level_of_care: str | None = Field(
        default=None,
        description=(
            "The level of care of a stay: inpatient, observation, inpatient_ward, stepdown, icu, ltch, irf, snf, "
            "psych_ip, residential; for a service without a stay it is left out."
        ),
    )
    service_group: str | None = Field(
        default=None,
        description="The sender's word for the kind of service. It is kept, and decides nothing: the code does.",
    )
    diagnoses: tuple[str, ...] = Field(
        default=(),
        description=(
            "The diagnoses of this line, ICD-10-CM codes such as J44.9. They also stand in the list of the request."
        ),
    )
    certification: CertificationType = Field(default=CertificationType.INITIAL, description="Why the line is sent.")
    trace_number: str | None = Field(default=None, description="The sender's own number of this line.")
    revenue_code: str | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="The hospital's revenue code (NUBC), four digits, beside the code of the service or instead of it.",
    )


class MemberReference(Model):
    """The member as named by the sender; the directory identifies them."""

    member_id: str = Field(description="The member's id as printed on the plan's card.")
    family_name: str | None = Field(
        default=None, description="The family name. When it is given, it has to be the one in the plan's directory."
    )
    given_name: str | None = Field(default=None, description="The given name.")
    birth_date: date | None = Field(
        default=None, description="The date of birth. When it is given, it has to be the one in the plan's directory."
    )


class ProviderReference(Model):
    """A practitioner or organization as the sender names it. `npi` is the ten-digit National Provider Identifier."""

    npi: str = Field(description="The National Provider Identifier: ten digits, the last a check digit.")
    name: str | None = Field(
        default=None, description="The name of the practitioner or organization, as letters print it."
    )
    phone: str | None = Field(default=None, description="The telephone number for questions on this request.")
    fax: str | None = Field(default=None, description="The fax number to which letters may go.")
    address: tuple[str, ...] = Field(
        default=(), description="The postal address in lines: street, then city, state and ZIP code."
    )


class UrgencyClaim(Model):
    """The urgency of a request, and who asked for it.

    `physician_statement` is true when a physician says that the standard time could seriously jeopardize life, health
    or maximum function (42 CFR 422.570(c)(2), 29 CFR 2560.503-1(m)(1)(iii)): then expediting is mandatory.
    None means not stated. `unread`: the request says how urgent it is in words that were not understood; it is expedited
    until a clinician has decided.
    """

    urgency: Urgency = Field(
        description=(
            "How urgent the request is. An expedited one without a physician's statement is decided by a clinician."
        )
    )
    asked_by: AskedBy = Field(description="Who asks, and so whose word the urgency is.")
    physician_statement: bool | None = Field(
        default=None,
        description=(
            "Whether a physician says that the standard time could seriously jeopardize life, health or maximum "
            "function: then the plan must expedite. Left out: not stated."
        ),
    )
    unread: bool = Field(
        default=False,
        exclude_if=lambda unread: not unread,
        description=(
            "Set by the plan when the urgency was stated in words that it did not understand; senders leave it out."
        ),
    )


class HandEntry(Model):
    """The people of a request that staff entered by hand, from a call, a fax or a letter."""

    taken_by: str = Field(description="The reviewer id of the one who took the call or the paper and entered it.")
    caller_name: str = Field(min_length=1, max_length=200, description="The name of the one who called or sent it.")
    caller_phone: str | None = Field(default=None, max_length=60, description="The number to call back.")


class DocumentReference(Model):
    """A document of the case, by content hash (sha256, hex). The bytes live in the store, never in a message."""

    document_id: str
    title: str
    content_type: str
    size_bytes: int
    received_at: AwareDatetime
    control_number: str | None = None


class StayPurpose(StrEnum):
    """The purpose for which a stay, a discharge plan, a retrospective review or an appeal requests a review."""

    ADMISSION = "admission"
    CONTINUED_STAY = "continued_stay"
    LEVEL_OF_CARE = "level_of_care"
    SECOND_LOOK = "second_look"
    """Reconsideration of denied days after a peer-to-peer or a reopening: only a physician decides."""
    REDUCTION = "reduction"
    """Ending or reducing what was approved, announced in advance: only a physician's signature can."""
    NEXT_SETTING = "next_setting"
    POST_SERVICE = "post_service"
    APPEAL = "appeal"
    """Reconsideration of a denial on appeal: only a physician decides who took no part before."""

    @property
    def is_care_under_way(self) -> bool:
        """Whether the requested care is already under way."""
        return self not in (StayPurpose.NEXT_SETTING, StayPurpose.POST_SERVICE, StayPurpose.APPEAL)


class StayReference(Model):
    """The case behind a request that Umpire itself made: which case, for which purpose, and the data that its clock uses.

    `course_ends_at` (UTC) is the end of the approved days that the request would continue. `asked_in_vain`: the facility was
    asked repeatedly for missing information, so that reviewers decide on what is there. `second_look_at` is the case whose
    denial is reconsidered; `peer_to_peer_held_at` is the time of the peer-to-peer call. `effective_on` is the day
    on which a reduction takes effect; it may be signed only `days_of_notice` days ahead (`notice_citation`).
    `emergency` marks the lines of a post-service review that are emergency care. `proposed_level` is a level of care below the
    hospital's order that was said instead: only a physician can sign it, in part. `appealed` is the case whose
    determination an appeal is about.
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
    appealed: str | None = Field(default=None, exclude_if=lambda case_id: case_id is None)

    def decide_by(self, zone: ZoneInfo) -> datetime | None:
        """The instant (UTC) until which a reduction may be signed: the last day on which its notice is in time. It may have
        no decision clock of its own. None for every other purpose."""
        if self.effective_on is None or self.days_of_notice is None:
            return None
        return utc_of_local_time(self.effective_on - timedelta(days=self.days_of_notice + 1), END_OF_DAY, zone)

    @property
    def needs_physician(self) -> bool:
        """Whether only a physician may decide this, no rule and no nurse."""
        return self.purpose in (StayPurpose.SECOND_LOOK, StayPurpose.REDUCTION, StayPurpose.APPEAL)


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

    by_hand: HandEntry | None = Field(
        default=None,
        description="Who called and who entered it, when staff entered the request by hand.",
        exclude_if=lambda entry: entry is None,
    )

    renews: str | None = Field(
        default=None,
        description="The withdrawn case that this request takes up again, because its party took the withdrawal back.",
        exclude_if=lambda case_id: case_id is None,
    )

    after: AfterDecision | None = Field(
        default=None,
        description="The decided case that this request follows: a reopening, or a change of its authorization.",
        exclude_if=lambda asked: asked is None,
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
