"""Letter orders of an authorization: the facts that each notice needs, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from pydantic import ValidationError

from domain.authorization import missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.letter_facts import closing_facts
from domain.authorization.information_requests import (
    limit_questions,
    missing_information,
)
from domain.authorization.letter_events import DECISION_NOTICES
from domain.authorization.parts import Route
from domain.cases import letter_tracking
from domain.decisions.decision_makers import ByRule
from domain.decisions.determination import AnySignedDecision, LineDecision
from domain.drug_limits.outcomes import LimitKind
from domain.letters.orders import BlockedLetter, LetterFacts, LetterOrder, NoticeFactMissing
from domain.letters.request_facts import (
    AcknowledgmentFacts,
    AdverseFacts,
    ApprovalFacts,
    ChangeNoticeFacts,
    ExpediteRefusalFacts,
    ExtensionFacts,
    InformationRequestFacts,
    LetterLineFacts,
    MissedDeadlineFacts,
    MissingInformation,
    NotRequiredFacts,
    OtherBenefitFacts,
    PeerToPeerOfferFacts,
    RequestDetails,
    TemporarySupplyFacts,
    WithdrawnFacts,
)
from domain.pharmacy.temporary_supplies import SupplyKind
from domain.plain_language.phrases import count_phrase
from domain.requests.after_decision import AfterDecisionKind
from domain.requests.request import StayPurpose
from domain.vocabulary import LineOutcome, NoticeKind

T = TypeVar("T")


def plan_letters(
    case: AuthorizationCase, notices: tuple[NoticeKind, ...], now: datetime
) -> tuple[tuple[LetterOrder, ...], tuple[BlockedLetter, ...]]:
    """The orders for these notices, and those that cannot be ordered because the case lacks a fact."""
    orders: list[LetterOrder] = []
    blocked: list[BlockedLetter] = []
    for notice in notices:
        try:
            orders += build_orders(case, notice, now)
        except (NoticeFactMissing, ValidationError):
            blocked.append(blocked_order(notice))
    return tuple(orders), tuple(blocked)


def blocked_order(notice: NoticeKind) -> BlockedLetter:
    """A letter that cannot be ordered because the case lacks a fact."""
    why = f"the case lacks a fact that the {notice.value.replace('_', ' ')} letter has to tell"
    return BlockedLetter(notice=notice, missing=(), why=why)


def build_orders(case: AuthorizationCase, notice: NoticeKind, now: datetime) -> tuple[LetterOrder, ...]:
    """Build the orders for one notice: one order, or for adverse determinations one for each signer's decision.

    `now` (UTC) gives the letter its date in the case's zone. Raises NoticeFactMissing for a notice whose facts the case lacks.
    """
    if notice is not NoticeKind.ADVERSE_DETERMINATION:
        return (
            _order(case, notice, letter_tracking.next_letter_sequence(case, notice), now, _facts(case, notice, now)),
        )
    made = case.effective_determinations()
    answers = tuple(each.signed for each in made)
    return tuple(
        _order(case, notice, 1 + case.adverse.index(each), now, _adverse_facts(case, answers, place))
        for place, each in enumerate(made)
    )


def build_draft_order(case: AuthorizationCase, drafted: AnySignedDecision, now: datetime) -> LetterOrder:
    """The order of the letter on an adverse decision that the case does not hold, as if it were the last one accepted."""
    answers = (*(made.signed for made in case.effective_determinations()), drafted)
    facts = _adverse_facts(case, answers, len(answers) - 1, drafted)
    return _order(case, NoticeKind.ADVERSE_DETERMINATION, len(case.adverse) + 1, now, facts)


def _order(case: AuthorizationCase, notice: NoticeKind, number: int, now: datetime, facts: LetterFacts) -> LetterOrder:
    found = case.require_context()
    return LetterOrder(
        case_id=case.case_id,
        notice=notice,
        round=number,
        plan_id=found.plan_id,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        now=now,
        facts=facts.model_copy(update={"deadline_zone": found.deadline_zone(notice)}),
    )


def _facts(case: AuthorizationCase, notice: NoticeKind, now: datetime) -> LetterFacts:
    """The facts of a notice on the whole request."""
    request = _details(case, _line_ids(case, notice), decided=notice in DECISION_NOTICES)
    match notice:
        case NoticeKind.ACKNOWLEDGMENT:
            return AcknowledgmentFacts(request=request, follows=_follows(case))
        case NoticeKind.APPROVAL:
            return _approval_facts(case, request)
        case NoticeKind.INFORMATION_REQUEST:
            asked = _known(case.information)
            missing = _missing_facts(case, asked.line_ids, asked.facts)
            told = {"asked_before": case.last_letter_sequence(notice) > 0, "respond_by": asked.wait_until}
            return InformationRequestFacts.model_validate({"request": request, "missing": missing, **told})
        case NoticeKind.EXTENSION:
            return _extension_facts(case, request, now)
        case NoticeKind.PEER_TO_PEER_OFFER:
            return PeerToPeerOfferFacts(request=request, peer_to_peer_until=_known(case.peer_to_peer).until)
        case NoticeKind.NOT_REQUIRED:
            return NotRequiredFacts(request=request, not_required_because=_not_required_reason(case))
        case NoticeKind.WITHDRAWN:
            return WithdrawnFacts(request=request, withdrawn_by=_known(case.withdrawal))
        case NoticeKind.DISMISSAL | NoticeKind.NOT_COVERED | NoticeKind.MISDIRECTED | NoticeKind.IMPROPER_FILING:
            return closing_facts(case, request, notice)
        case NoticeKind.EXPEDITE_NOT_GRANTED:
            return ExpediteRefusalFacts(request=request, expedite_refusal_reason=_known(case.expediting.refusal))
        case NoticeKind.TEMPORARY_SUPPLY:
            return _supply_facts(case, request)
        case NoticeKind.CHANGE_NOTICE if case.to_tell:
            return ChangeNoticeFacts(request=request, what_changed=" ".join(case.to_tell))
        case NoticeKind.OTHER_BENEFIT:
            return _other_benefit_facts(case, request)
        case NoticeKind.MISSED_DEADLINE:
            return _missed_deadline_facts(case, request)
    raise NoticeFactMissing(f"{notice} is no letter on a request")


def _known(fact: T | None) -> T:
    """A fact that stands before its notice is queued."""
    if fact is None:
        raise NoticeFactMissing("the case lacks a fact of this notice")
    return fact


def _details(
    case: AuthorizationCase, line_ids: tuple[str, ...], *, decided: bool, own: Mapping[str, LineDecision] | None = None
) -> RequestDetails:
    """The part of the facts that every letter has; `decided` adds to each line its decision: of `own`, else the case's."""
    due, missed = case.decision_deadline(), missed_clock_effects.first_miss_with_liability(case)
    answers = own or {}
    return RequestDetails(
        request_version=case.request_version,
        urgency=case.urgency,
        lines=tuple(
            _line_facts(case, each, answers.get(each)) if decided else LetterLineFacts(line_id=each)
            for each in line_ids
        ),
        decision_due=due[0] if due else None,
        decision_due_citation=due[1] if due else None,
        liability=missed.liability if missed is not None else None,
        liable_since=missed.due_at if missed is not None else None,
        on_appeal=case.stay is not None and case.stay.purpose is StayPurpose.APPEAL,
    )


def _adverse_facts(
    case: AuthorizationCase,
    answers: tuple[AnySignedDecision, ...],
    place: int,
    drafted: AnySignedDecision | None = None,
) -> AdverseFacts:
    """The facts of one signer's decision. `answers` are all that stand, in their order, and `drafted` the last of them where
    the case does not hold it."""
    own = {} if drafted is None else {line.line_id: line for line in drafted.lines if line.is_adverse}
    request = _details(case, _line_ids_of(case, answers, place), decided=True, own=own)
    signed_at = (case.decided_at, drafted.signed_at if drafted is not None else None)
    parts = bool(case.approvals) or any(line.outcome is LineOutcome.APPROVED_IN_PART for line in own.values())
    return AdverseFacts(
        request=request,
        signed=answers[place],
        decided_at=_known(max((at for at in signed_at if at is not None), default=None)),
        authorization_number=case.number_of_approval if own and parts else case.authorization_number,
        effective_on=case.stay.effective_on if case.stay is not None else None,
        paid_by=_payer_instead(case, answers[place]),
    )


def _payer_instead(case: AuthorizationCase, answer: AnySignedDecision) -> str | None:
    """The payer of a drug instead of the plan, where the decision rests on that."""
    found = case.require_context()
    of_lines = ((line, found.line(line.line_id).other_benefit) for line in answer.lines if line.is_adverse)
    return next((other.paid_by for line, other in of_lines if other is not None and other.is_ground_of(line)), None)


def _line_ids(case: AuthorizationCase, notice: NoticeKind) -> tuple[str, ...]:
    """The lines that a notice is about: those that need no authorization have a letter of their own."""
    lines = [line.line_id for line in case.require_context().lines]
    if notice is NoticeKind.NOT_REQUIRED:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is Route.NOT_REQUIRED)
    if notice is NoticeKind.OTHER_BENEFIT:
        return _known(case.benefit_notice).line_ids
    if notice is NoticeKind.TEMPORARY_SUPPLY:
        return tuple(line_id for line_id in lines if line_id in case.supplying.supplies)
    if notice in DECISION_NOTICES:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is not Route.NOT_REQUIRED)
    return tuple(lines)


def _line_ids_of(case: AuthorizationCase, answers: tuple[AnySignedDecision, ...], place: int) -> tuple[str, ...]:
    """The lines of one signed decision; the first letter also lists everything approved otherwise."""
    decided = {line.line_id: at for at, signed in enumerate(answers) for line in signed.lines}
    lines = _line_ids(case, NoticeKind.ADVERSE_DETERMINATION)
    return tuple(line_id for line_id in lines if decided.get(line_id, 0) == place)


def _line_facts(case: AuthorizationCase, line_id: str, drafted: LineDecision | None = None) -> LetterLineFacts:
    """The line with its decision; `drafted` is an adverse one that the case does not hold."""
    signed, approval = case.signed_answer(line_id), case.approvals.get(line_id)
    answer = drafted if drafted is not None or signed is None else signed[1]
    if answer is not None:
        return _decided_line(case, answer)
    if approval is None:
        return LetterLineFacts(line_id=line_id)
    return LetterLineFacts(
        line_id=line_id,
        outcome=LineOutcome.APPROVED,
        approved_quantity=approval.approved_quantity,
        approved_start=approval.approved_start,
        approved_end=approval.approved_end,
    )


def _decided_line(case: AuthorizationCase, answer: LineDecision) -> LetterLineFacts:
    """The line with the adverse decision on it."""
    asked = case.require_context().line(answer.line_id)
    in_part = answer.outcome is LineOutcome.APPROVED_IN_PART  # with units alone, the days are those that were asked
    return LetterLineFacts(
        line_id=answer.line_id,
        outcome=answer.outcome,
        approved_quantity=answer.approved_quantity,
        approved_start=answer.approved_start or (asked.start if in_part else None),
        approved_end=answer.approved_end or (asked.end if in_part else None),
        approved_level=answer.approved_level,
    )


def _rule_citations(case: AuthorizationCase) -> str | None:
    """The citations of the criteria and of the limits by which software approved."""
    by_rule = {line_id: one.by.rule for line_id, one in case.approvals.items() if isinstance(one.by, ByRule)}
    found = [line for line in case.require_context().lines if line.line_id in by_rule]
    kept = [one for line in found if (one := line.continuity) is not None and one.rule_id == by_rule[line.line_id]]
    under_way = {one.rule_id for one in kept}
    lines = [line for line in found if by_rule[line.line_id] not in under_way]
    free = {f"{one.question} ({one.citation})" for one in kept} | {
        line.requirement.citation for line in lines if line.requirement.required is False
    }
    criteria = free | {
        line.criteria.citation for line in lines if line.criteria is not None and line.requirement.required is not False
    }
    limits = {limit.citation for line in lines for limit in line.limits}
    return "; ".join((*sorted(criteria), *sorted(limits - criteria))) or None


def _extension_facts(case: AuthorizationCase, request: RequestDetails, now: datetime) -> ExtensionFacts:
    """The reason and the new due instant; if information is missing, the missing facts and the time to send them."""
    taken, until = _known(case.extending.taken), _known(case.extending.until)
    stated = ExtensionFacts(request=request, extension_reason=taken.justification, new_due=until)
    if taken.reason != "missing_information":
        return stated
    found = case.require_context()
    by = found.while_requester_is_open(now + (until - now) * found.policy.information_wait_share, now)
    by = by if taken.days_given is None else now + timedelta(days=taken.days_given)  # days of the law are never fewer
    return stated.model_copy(update={"missing": _missing_facts(case, *missing_information(case)), "respond_by": by})


def _missing_facts(case: AuthorizationCase, line_ids: tuple[str, ...], facts: tuple[str, ...]) -> MissingInformation:
    """The facts to request: those named by a reviewer, else those missing in the criteria traces of these lines."""
    if facts:
        return MissingInformation(asked_facts=facts, asked_lines=line_ids)
    criteria = [line.criteria for line in case.require_context().lines if line.line_id in line_ids]
    return MissingInformation(
        asked_verdicts=tuple(one.verdict_id for one in criteria if one is not None and one.state == "unknown"),
        asked_lines=line_ids,
        asked_limits=limit_questions(case, line_ids),
    )


def _not_required_reason(case: AuthorizationCase) -> str:
    lines = [line.requirement for line in case.require_context().lines if line.requirement.required is False]
    return "; ".join(sorted({f"{need.because} ({need.citation})" for need in lines}))


def _supply_facts(case: AuthorizationCase, request: RequestDetails) -> TemporarySupplyFacts:
    """The supplies of a case come by one rule: the request has one line of business and one kind of service."""
    granted = _known(next((case.supplying.supplies[line.line_id] for line in request.lines), None))
    return TemporarySupplyFacts(
        request=request,
        supply_time=count_phrase(granted.days, "day"),
        supply_citation=granted.citation,
        emergency=granted.kind is SupplyKind.EMERGENCY,
    )


def _other_benefit_facts(case: AuthorizationCase, request: RequestDetails) -> OtherBenefitFacts:
    told = _known(case.benefit_notice)
    same = told.model_dump(include={"paid_by", "same_plan", "moved"})
    return OtherBenefitFacts(request=request, benefit_citation=told.citation, **same)


def _missed_deadline_facts(case: AuthorizationCase, request: RequestDetails) -> MissedDeadlineFacts:
    missed = _known(case.miss_notices.current)
    return MissedDeadlineFacts(
        request=request,
        consequence=_known(missed.effect),
        consequence_words=missed.words,
        missed_due=missed.due_at,
        missed_citation=missed.citation,
        decided_since=case.concluded is not None,
    )


def _approval_facts(case: AuthorizationCase, request: RequestDetails) -> ApprovalFacts:
    """The approval with its statement about a missed deadline: approved by law, or decided late."""
    approving = missed_clock_effects.deemed_approval(case)
    missed, by_law = approving or missed_clock_effects.first_missed_decision(case), approving is not None
    return ApprovalFacts(
        request=request,
        authorization_number=_known(case.authorization_number),
        approved_by_rule=_rule_citations(case),
        missed_due=missed.due_at if missed is not None else None,
        missed_citation=missed.citation if missed is not None else None,
        answered_late=missed is not None and not by_law,
        approved_by_law=by_law,
        follows=_follows(case),
        exception_until=_exception_until(case),
        lower_tier=any(
            limit.kind is LimitKind.TIER
            for line in case.require_context().lines
            if line.line_id in case.approvals
            for limit in line.limits
        ),
    )


def _follows(case: AuthorizationCase) -> Literal["change", "reopening"] | None:
    """Whether the request changes an authorization, or reopens a denial."""
    kind = case.after.asked.kind if case.after is not None else None
    if kind is AfterDecisionKind.REOPENING:
        return "reopening"
    return "change" if kind is not None and kind.keeps_units else None


def _exception_until(case: AuthorizationCase) -> date | None:
    """The earliest day on which one of the granted exceptions ends."""
    days = [line.exception_until for line in case.require_context().lines if line.line_id in case.approvals]
    return min((day for day in days if day is not None), default=None)
