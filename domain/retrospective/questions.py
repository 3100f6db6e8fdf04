"""Questions of a post-service review, made from findings. The types admit only care that was not authorized."""

from __future__ import annotations

from collections.abc import Iterable

from domain.decisions.prudent_layperson import EmergencyLines
from domain.model import Model
from domain.requests.request import (
    AuthorizationRequest,
    RequestAction,
    ServiceLine,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import Differs, Finding, NotAuthorized, Portion
from domain.vocabulary import AskedBy, ReviewKind, Urgency


class ReviewQuestion(Model):
    """A portion of a billed line whose medical necessity has not been reviewed. A question is not an answer."""

    line_id: str
    portion: Portion
    why: str


def question_of(finding: Differs | NotAuthorized) -> ReviewQuestion | None:
    """The question that a finding leaves; None while a person still has to compare, or when nothing exceeds the authorization.

    `Authorized`, `NotNeeded` and `EmergencyCare` are no arguments of this function, and there is no other one.
    """
    if finding.doubtful:
        return None
    if isinstance(finding, NotAuthorized):
        return ReviewQuestion(line_id=finding.line_id, portion=finding.portion, why=finding.because)
    if finding.beyond is None:
        return None
    what = ", ".join(f"{one.kind.value.replace('_', ' ')}: {one.billed}" for one in finding.differences)
    return ReviewQuestion(
        line_id=finding.line_id, portion=finding.beyond, why=f"beyond {finding.authorization}; {what}"
    )


def review_questions(findings: Iterable[Finding]) -> tuple[ReviewQuestion, ...]:
    """Every question of the findings, in their order."""
    open_ones = (question_of(one) for one in findings if isinstance(one, Differs | NotAuthorized))
    return tuple(question for question in open_ones if question is not None)


def post_service_request(claim: Claim, asked: tuple[ReviewQuestion, ...], process_id: str) -> AuthorizationRequest:
    """These questions as a request for review: retrospective, received when the claim was, with the claim's days of service,
    which select coverage, authorization requirement and criteria."""
    return AuthorizationRequest(
        submission_id=f"claim|{claim.billing_provider.npi}|{claim.claim_number}",
        action=RequestAction.INITIAL,
        received_at=claim.received_at,
        channel=claim.channel,
        review_kind=ReviewKind.RETROSPECTIVE,
        stay=StayReference(
            process_id=process_id,
            purpose=StayPurpose.POST_SERVICE,
            round=1,
            emergency=EmergencyLines(line_ids=claim.emergency_lines, presentation=claim.presentation),
        ),
        clean_claim=claim.clean,
        service_kind=claim.service_kind,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=claim.member,
        requesting_provider=claim.billing_provider,
        servicing_provider=claim.servicing_provider,
        diagnoses=tuple(dict.fromkeys(one.code for one in claim.diagnoses)),
        lines=tuple(_line(claim, question) for question in asked),
        documents=claim.documents,
        facts=claim.facts,
    )


def _line(claim: Claim, question: ReviewQuestion) -> ServiceLine:
    line, portion = claim.line(question.line_id), question.portion
    return service_line(claim, question.line_id).model_copy(
        update={"quantity": portion.units, "unit": line.unit, "start": portion.start, "end": portion.end}
    )


def service_line(claim: Claim, line_id: str) -> ServiceLine:
    """A billed line in the form of a requested service line."""
    line = claim.line(line_id)
    return ServiceLine(
        line_id=line.line_id,
        code=line.code,
        code_system=line.code_system,
        modifiers=line.modifiers,
        description=line.description,
        quantity=line.units,
        unit=line.unit,
        start=line.start,
        end=line.end,
        place_of_service=line.place_of_service,
        level_of_care=line.level_of_care.value if line.level_of_care is not None else None,
        service_group=line.service_group,
        diagnoses=line.diagnoses,
    )
