"""The authorization of the next setting: opened ahead of the target date, as a review of its own.

Nothing is decided here. The request goes the way of every request: approved by rule or by people, denied by a signature only.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from pydantic import AwareDatetime

from domain.calendars import utc_of_local_time
from domain.case_numbers import next_setting_number
from domain.cases import review_answers
from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import TaskKind
from domain.discharge.before_discharge import AUTHORIZATION, end_of_day, require_new_plan
from domain.discharge.case import DischargeCase
from domain.discharge.forms import StatedFact
from domain.discharge.parts import DischargeTarget, NextSettingReview
from domain.errors import ImpossibleState
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import EntryKind
from domain.model import Model
from domain.requests.request import (
    AuthorizationRequest,
    MemberReference,
    ProviderReference,
    ServiceLine,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, Channel, CodeSystem, ReviewKind, Role, ServiceKind, Urgency

_DAY = timedelta(days=1)


class NextSettingReviewInput(Model):
    """Input of the activity that stores this request as the only version of its case."""

    case_id: str
    request: AuthorizationRequest


class OpenedNextSettingReview(Model):
    """Result of storing the request: its version and its instant of receipt (UTC)."""

    case_id: str
    request_version: int
    received_at: AwareDatetime


def begins_at(plan: DischargeCase, target: DischargeTarget) -> datetime | None:
    """Start of the authorization (UTC): so many local days before the target date; None: none is needed."""
    policy = plan.rules().transitions
    needs = policy.by_setting.get(target.setting)
    if target.on is None or needs is None or not needs.authorization:
        return None
    return utc_of_local_time(target.on - policy.next_authorization_days_before.value * _DAY, time(0), plan.tz)


def is_due(plan: DischargeCase, now: datetime) -> bool:
    """Whether the authorization has to be opened now: its day has come, and none of this plan is approved or under review."""
    target, review = plan.target, plan.review()
    if target is None or plan.replan is not None or plan.picture.discharged_at is not None:
        return False
    begins = begins_at(plan, target)
    if begins is None or now < begins:
        return False
    stands = review is not None and review.is_granted is not False and review.setting is target.setting
    return not (stands and review is not None and review.provider_npi == (plan.chosen_npi or review.provider_npi))


def review_to_open(plan: DischargeCase, now: datetime) -> NextSettingReview | None:
    """The review to open now; None when none is due, or when details are missing, for which a task is opened."""
    waiting = next((review for review in plan.reviews if review.opened_at is None), None)
    if waiting is not None:
        return waiting
    target, asking = plan.target, _requesting_npi(plan)
    if not is_due(plan, now) or target is None or target.on is None:
        return None
    if plan.chosen_npi is None or target.days is None or asking is None:
        _open_details_task(plan, target, now)
        return None
    return add_review(plan, plan.chosen_npi, asking, target, plan.facts)


def add_review(
    plan: DischargeCase, provider_npi: str, asking: str, target: DischargeTarget, facts: tuple[StatedFact, ...]
) -> NextSettingReview:
    """Add a further review, not opened yet. Raises ImpossibleState when the target has no day or no quantity."""
    if target.on is None or target.days is None:
        raise ImpossibleState(f"{plan.case_id}: the target has no day or no quantity")
    number = len(plan.reviews) + 1
    review = NextSettingReview(
        round=number,
        case_id=next_setting_number(plan.case_id, number),
        setting=target.setting,
        provider_npi=provider_npi,
        start=target.on,
        days=target.days,
        facts=facts,
        requesting_npi=asking,
    )
    plan.reviews.append(review)
    return review


def _requesting_npi(plan: DischargeCase) -> str | None:
    return plan.picture.facility_npi or plan.picture.attending_npi


def _open_details_task(plan: DischargeCase, target: DischargeTarget, now: datetime) -> None:
    if target.on is None or plan.task_about(TaskKind.NEXT_AUTHORIZATION, AUTHORIZATION) is not None:
        return
    days = plan.rules().transitions.next_authorization_days_before.value
    plan.add_task(
        TaskKind.NEXT_AUTHORIZATION,
        Role.NURSE,
        "Say what the next setting's authorization still lacks: the provider, the days, the facts",
        now,
        end_of_day(target.on - days * _DAY, plan),
        about=AUTHORIZATION,
        professions=plan.member_context().nurse_professions,
    )


def build_request(plan: DischargeCase, review: NextSettingReview, now: datetime) -> AuthorizationRequest:
    """Build the request for the next setting: requested by the hospital, provided by the provider that the member chose."""
    picture = plan.picture
    return AuthorizationRequest(
        submission_id=f"umpire|{review.case_id}",
        received_at=now,
        channel=Channel.API,
        review_kind=ReviewKind.PROSPECTIVE,
        stay=StayReference(process_id=plan.case_id, purpose=StayPurpose.NEXT_SETTING, round=review.round),
        service_kind=ServiceKind.BEHAVIORAL if picture.behavioral else ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.EXPEDITED, asked_by=AskedBy.PLAN),
        member=MemberReference(member_id=picture.member_id),
        requesting_provider=ProviderReference(npi=review.requesting_npi, name=picture.facility),
        servicing_provider=ProviderReference(npi=review.provider_npi),
        ordering_practitioner=ProviderReference(npi=picture.attending_npi) if picture.attending_npi else None,
        diagnoses=picture.diagnoses,
        lines=(
            ServiceLine(
                line_id="1",
                code=review.setting.value,
                code_system=CodeSystem.OTHER,
                description=plan.rules().transitions.by_setting[review.setting].title,
                quantity=review.days,
                unit="day",
                start=review.start,
                end=review.start + (int(review.days) - 1) * _DAY if review.days >= 1 else review.start,
                level_of_care=review.setting.value,
                diagnoses=picture.diagnoses,
            ),
        ),
        facts=tuple(_to_fact(one, review, plan, now) for one in review.facts),
    )


def _to_fact(one: StatedFact, review: NextSettingReview, plan: DischargeCase, now: datetime) -> Fact:
    """Convert a stated fact: one read in a record is a document, any other an attestation; the criteria weigh them."""
    kind = SourceKind.ATTESTATION if one.read_in is None else SourceKind.DOCUMENT
    reference, by = one.read_in or f"{plan.case_id}/{review.round}", plan.stated_by.get(one.fact)
    return Fact(
        id=one.fact,
        value=one.value,
        unit=one.unit,
        effective=one.on or plan.day(now),
        source=FactSource(kind=kind, reference=reference, recorded_by=by),
    )


def mark_review_open(plan: DischargeCase, review: NextSettingReview, now: datetime) -> None:
    """Mark the review as open."""
    review.opened_at = now
    plan.finish(AUTHORIZATION, now)
    plan.cancel_tasks(now, "the authorization is under way", *plan.open_tasks(TaskKind.NEXT_AUTHORIZATION))
    plan.note(
        EntryKind.REVIEW_OPENED,
        now,
        f"Authorization of the next setting begun: {review.setting.value.replace('_', ' ')}, {review.case_id}.",
    )


def record_review_answer(plan: DischargeCase, message: ReviewAnswered) -> str:
    """Record the outcome of a review. One that leaves the member without the setting reopens the planning; a denial gives way
    to an approval by law."""
    review = next((one for one in plan.reviews if one.case_id == message.case_id), None)
    if review is None:
        return "No such review belongs to this plan."
    if review.status is not None and (review.is_granted or not review_answers.is_approved_by_law(message)):
        return "The result of the review is on the plan already."
    review.status = message.status
    came = message.status.value.replace("_", " ")
    plan.note(EntryKind.REVIEW_ANSWERED, message.at, f"{review.case_id} answered: {came}.", message.actor)
    if review is plan.review() and review.is_granted is False and plan.picture.discharged_at is None:
        plan.reopen(AUTHORIZATION)
        require_new_plan(plan, f"The next setting was answered: {came}. Plan how the member is cared for")
    return "Noted."
