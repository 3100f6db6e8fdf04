"""The authorization of the next setting: begun in time before the target date, as a review of its own.

Nothing is decided here. The request goes the way of every request: approved by rule or by people, denied by a signature only.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from pydantic import AwareDatetime

from domain.calendars import at_local
from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import TaskKind
from domain.discharge.before_discharge import AUTHORIZATION, end_of, replan
from domain.discharge.case import DischargePlan
from domain.discharge.forms import StatedFact
from domain.discharge.parts import NextSettingReview, Target
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


class OpenReview(Model):
    """Store this request as the only version of its case, and start the case."""

    case_id: str
    request: AuthorizationRequest


class OpenedReview(Model):
    """The version under which the request is stored, and its instant of receipt (UTC)."""

    case_id: str
    request_version: int
    received_at: AwareDatetime


def begins_at(plan: DischargePlan, target: Target) -> datetime | None:
    """When the authorization is begun (UTC): with the local day so many days before the target date; None: none is needed."""
    policy = plan.rules().transitions
    needs = policy.by_setting.get(target.setting)
    if target.on is None or needs is None or not needs.authorization:
        return None
    return at_local(target.on - policy.next_authorization_days_before.value * _DAY, time(0), plan.tz)


def is_due(plan: DischargePlan, now: datetime) -> bool:
    """Whether the authorization has to be begun now: its day has come, and none of this plan stands or is being reviewed."""
    target, review = plan.target, plan.review()
    if target is None or plan.replan is not None or plan.picture.discharged_at is not None:
        return False
    begins = begins_at(plan, target)
    if begins is None or now < begins:
        return False
    stands = review is not None and review.is_granted is not False and review.setting is target.setting
    return not (stands and review is not None and review.provider_npi == (plan.chosen_npi or review.provider_npi))


def next_review(plan: DischargePlan, now: datetime) -> NextSettingReview | None:
    """The review to be opened now; None when none is due, or when something is missing, which then is somebody's task."""
    waiting = next((review for review in plan.reviews if review.opened_at is None), None)
    if waiting is not None:
        return waiting
    target, asking = plan.target, _requesting(plan)
    if not is_due(plan, now) or target is None or target.on is None:
        return None
    if plan.chosen_npi is None or target.days is None or asking is None:
        _ask_for_the_rest(plan, target, now)
        return None
    return put(plan, plan.chosen_npi, asking, target, plan.facts)


def put(
    plan: DischargePlan, provider_npi: str, asking: str, target: Target, facts: tuple[StatedFact, ...]
) -> NextSettingReview:
    """Keep a further round, not opened yet. Raises LookupError when the target has no day or no quantity."""
    if target.on is None or target.days is None:
        raise LookupError(f"{plan.case_id}: the target has no day or no quantity")
    number = len(plan.reviews) + 1
    review = NextSettingReview(
        round=number,
        case_id=f"PA-{plan.tail}-NEXT{number}",
        setting=target.setting,
        provider_npi=provider_npi,
        start=target.on,
        days=target.days,
        facts=facts,
        requesting_npi=asking,
    )
    plan.reviews.append(review)
    return review


def _requesting(plan: DischargePlan) -> str | None:
    return plan.picture.facility_npi or plan.picture.attending_npi


def _ask_for_the_rest(plan: DischargePlan, target: Target, now: datetime) -> None:
    if target.on is None or plan.task_about(TaskKind.NEXT_AUTHORIZATION, AUTHORIZATION) is not None:
        return
    days = plan.rules().transitions.next_authorization_days_before.value
    plan.new_task(
        TaskKind.NEXT_AUTHORIZATION,
        Role.NURSE,
        "Say what the next setting's authorization still lacks: the provider, the days, the facts",
        now,
        end_of(target.on - days * _DAY, plan),
        about=AUTHORIZATION,
        professions=plan.looked_up().nurse_professions,
    )


def request_of(plan: DischargePlan, review: NextSettingReview, now: datetime) -> AuthorizationRequest:
    """The request for the next setting, asked for by the hospital, to be given by the provider that the member chose."""
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
        facts=tuple(_as_fact(one, review, plan, now) for one in review.facts),
    )


def _as_fact(one: StatedFact, review: NextSettingReview, plan: DischargePlan, now: datetime) -> Fact:
    """What a planner read in a record counts as a document, anything else as a statement; the criteria say what is enough."""
    kind = SourceKind.ATTESTATION if one.read_in is None else SourceKind.DOCUMENT
    reference, by = one.read_in or f"{plan.case_id}/{review.round}", plan.stated_by.get(one.fact)
    return Fact(
        id=one.fact,
        value=one.value,
        unit=one.unit,
        effective=one.on or plan.day(now),
        source=FactSource(kind=kind, reference=reference, recorded_by=by),
    )


def opened(plan: DischargePlan, review: NextSettingReview, now: datetime) -> None:
    """The review is on its way."""
    review.opened_at = now
    plan.finish(AUTHORIZATION, now)
    plan.cancel_tasks(now, "the authorization is under way", *plan.open_tasks(TaskKind.NEXT_AUTHORIZATION))
    plan.note(
        EntryKind.REVIEW_OPENED,
        now,
        f"Authorization of the next setting begun: {review.setting.value.replace('_', ' ')}, {review.case_id}.",
    )


def answered(plan: DischargePlan, message: ReviewAnswered) -> str:
    """What the review came to. An answer that leaves the member without the setting has somebody plan anew."""
    review = next((one for one in plan.reviews if one.case_id == message.case_id), None)
    if review is None:
        return "No such review belongs to this plan."
    review.status = message.status
    came = message.status.value.replace("_", " ")
    plan.note(EntryKind.REVIEW_ANSWERED, message.at, f"{review.case_id} answered: {came}.", message.actor)
    if review is plan.review() and review.is_granted is False and plan.picture.discharged_at is None:
        plan.done.pop(AUTHORIZATION, None)
        replan(plan, f"The next setting was answered: {came}. Plan how the member is cared for")
    return "Noted."
