"""Letter orders of an authorization: the facts that each notice needs, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.authorization import missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.authorization.information_requests import limits_to_ask_about, missing_information
from domain.authorization.letter_events import DECISION_NOTICES
from domain.authorization.parts import Route
from domain.cases import letter_tracking
from domain.decisions.decision_makers import ByRule
from domain.decisions.determination import AdverseDetermination
from domain.letters.orders import LetterLineFacts, LetterOrder, LimitQuestion
from domain.vocabulary import LineOutcome, NoticeKind


def build_orders(case: AuthorizationCase, notice: NoticeKind, now: datetime) -> tuple[LetterOrder, ...]:
    """Build the orders for one notice: one order, or for adverse determinations one for each signer's decision.

    `now` (UTC) gives the letter its date in the case's zone.
    """
    first = _base_order(case, notice, now)
    if notice is not NoticeKind.ADVERSE_DETERMINATION:
        return (first.model_copy(update=_notice_facts(case, notice, now)),)
    made = case.effective_determinations()
    return tuple(
        first.model_copy(
            update={
                "round": 1 + case.adverse.index(each),
                "signed": each.signed,
                "lines": tuple(_line_facts(case, line_id) for line_id in _line_ids_of(case, made, place)),
            }
        )
        for place, each in enumerate(made)
    )


def _base_order(case: AuthorizationCase, notice: NoticeKind, now: datetime) -> LetterOrder:
    """The order with the facts that every letter states."""
    found, due = case.require_context(), case.decision_deadline()
    return LetterOrder(
        case_id=case.case_id,
        request_version=case.request_version,
        notice=notice,
        round=letter_tracking.next_letter_sequence(case, notice),
        plan_id=found.plan_id,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        urgency=case.urgency,
        now=now,
        lines=tuple(
            _line_facts(case, line_id) if notice in DECISION_NOTICES else LetterLineFacts(line_id=line_id)
            for line_id in _line_ids(case, notice)
        ),
        effective_on=case.stay.effective_on if case.stay is not None else None,
        decision_due=due[0] if due else None,
        decision_due_citation=due[1] if due else None,
        decided_at=case.decided_at if notice in DECISION_NOTICES else None,
        authorization_number=case.authorization_number,
        **_liability_facts(case),
    )


def _notice_facts(case: AuthorizationCase, notice: NoticeKind, now: datetime) -> dict[str, Any]:
    """The facts that only this notice states."""
    match notice:
        case NoticeKind.APPROVAL:
            return {"approved_by_rule": _rule_citations(case)} | _late_decision_facts(case)
        case NoticeKind.INFORMATION_REQUEST:
            return _information_facts(case)
        case NoticeKind.EXTENSION:
            return _extension_facts(case, now)
        case NoticeKind.PEER_TO_PEER_OFFER:
            return {"peer_to_peer_until": case.peer_to_peer.until if case.peer_to_peer else None}
        case NoticeKind.NOT_REQUIRED:
            return {"not_required_because": _not_required_reason(case)}
        case NoticeKind.WITHDRAWN:
            return {"withdrawn_by": case.withdrawal}
        case NoticeKind.EXPEDITE_NOT_GRANTED:
            return {"expedite_refusal_reason": case.expediting.refusal}
        case NoticeKind.MISSED_DEADLINE:
            return _missed_deadline_facts(case)
    return {}


def _line_ids(case: AuthorizationCase, notice: NoticeKind) -> tuple[str, ...]:
    """The lines that a notice is about: those that need no authorization have a letter of their own."""
    lines = [line.line_id for line in case.require_context().lines]
    if notice is NoticeKind.NOT_REQUIRED:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is Route.NOT_REQUIRED)
    if notice in DECISION_NOTICES:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is not Route.NOT_REQUIRED)
    return tuple(lines)


def _line_ids_of(
    case: AuthorizationCase, determinations: tuple[AdverseDetermination, ...], place: int
) -> tuple[str, ...]:
    """The lines of one determination; the first letter also lists everything approved otherwise."""
    decided = {line.line_id: at for at, made in enumerate(determinations) for line in made.lines}
    lines = _line_ids(case, NoticeKind.ADVERSE_DETERMINATION)
    return tuple(line_id for line_id in lines if decided.get(line_id, 0) == place)


def _line_facts(case: AuthorizationCase, line_id: str) -> LetterLineFacts:
    """The line with its decision."""
    signed, approval = case.signed_answer(line_id), case.approvals.get(line_id)
    answer = signed[1] if signed is not None else approval
    if answer is None:
        return LetterLineFacts(line_id=line_id)
    return LetterLineFacts(
        line_id=line_id,
        outcome=signed[1].outcome if signed is not None else LineOutcome.APPROVED,
        approved_quantity=answer.approved_quantity,
        approved_start=answer.approved_start,
        approved_end=answer.approved_end,
    )


def _rule_citations(case: AuthorizationCase) -> str | None:
    """The citations of the criteria and of the limits by which software approved."""
    by_rule = {line_id for line_id, approval in case.approvals.items() if isinstance(approval.by, ByRule)}
    lines = [line for line in case.require_context().lines if line.line_id in by_rule]
    criteria = {line.criteria.citation for line in lines if line.criteria is not None}
    limits = {limit.citation for line in lines for limit in line.limits}
    return "; ".join((*sorted(criteria), *sorted(limits - criteria))) or None


def _information_facts(case: AuthorizationCase) -> dict[str, Any]:
    asked = case.information
    if asked is None:
        return {}
    return _missing_facts(case, asked.line_ids, asked.facts) | {"respond_by": asked.wait_until}


def _extension_facts(case: AuthorizationCase, now: datetime) -> dict[str, Any]:
    """The reason and the new due instant; if information is missing, the missing facts and the time to send them."""
    taken, until = case.extending.taken, case.extending.until
    if taken is None:
        return {}
    stated = {"extension_reason": taken.justification, "new_due": until}
    if taken.reason != "missing_information":
        return stated
    given = timedelta(days=taken.days_given) if taken.days_given is not None else None
    if given is None and until is not None:
        given = (until - now) * case.require_context().policy.information_wait_share
    lines, facts = missing_information(case)
    return stated | _missing_facts(case, lines, facts) | {"respond_by": now + given if given is not None else None}


def _missing_facts(case: AuthorizationCase, line_ids: tuple[str, ...], facts: tuple[str, ...]) -> dict[str, Any]:
    """The facts to request: those named by a reviewer, else those missing in the criteria traces of these lines."""
    criteria = [line.criteria for line in case.require_context().lines if line.line_id in line_ids]
    verdicts = tuple(found.verdict_id for found in criteria if found is not None and found.state == "unknown")
    return {
        "asked_verdicts": () if facts else verdicts,
        "asked_facts": facts,
        "asked_lines": line_ids,
        "asked_limits": () if facts else _limit_questions(case, line_ids),
    }


def _limit_questions(case: AuthorizationCase, line_ids: tuple[str, ...]) -> tuple[LimitQuestion, ...]:
    return tuple(
        LimitQuestion(line_id=line.line_id, title=limit.title, facts=limit.missing_facts, any_one_of=limit.any_one_of)
        for line in case.require_context().lines
        if line.line_id in line_ids
        for limit in limits_to_ask_about(line)
    )


def _not_required_reason(case: AuthorizationCase) -> str:
    lines = [line.requirement for line in case.require_context().lines if line.requirement.required is False]
    return "; ".join(sorted({f"{need.because} ({need.citation})" for need in lines}))


def _missed_deadline_facts(case: AuthorizationCase) -> dict[str, Any]:
    missed = case.miss_notices.current
    if missed is None:
        return {}
    return {
        "consequence": missed.effect,
        "consequence_words": missed.words,
        "missed_due": missed.due_at,
        "missed_citation": missed.citation,
        "decided_since": case.concluded is not None,
    }


def _late_decision_facts(case: AuthorizationCase) -> dict[str, Any]:
    """The statement of an approval about a missed deadline: approved by law, or decided late."""
    approving = missed_clock_effects.deemed_approval(case)
    missed, by_law = approving or missed_clock_effects.first_missed_decision(case), approving is not None
    if missed is None:
        return {}
    return {
        "missed_due": missed.due_at,
        "missed_citation": missed.citation,
        "answered_late": not by_law,
        "approved_by_law": by_law,
    }


def _liability_facts(case: AuthorizationCase) -> dict[str, Any]:
    missed = missed_clock_effects.first_miss_with_liability(case)
    return {} if missed is None else {"liability": missed.liability, "liable_since": missed.due_at}
