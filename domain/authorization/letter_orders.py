"""From a case to the letters it owes: the facts that each notice needs, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.authorization import missed_clock_effects as consequences
from domain.authorization.case import Case
from domain.authorization.information_requests import limits_to_ask, what_is_missing
from domain.authorization.letter_events import DECISIONS
from domain.authorization.parts import Route
from domain.cases import letter_tracking as mail
from domain.decisions.determination import AdverseDetermination
from domain.letters.orders import AskedAboutLimit, LetterLineFacts, LetterOrder
from domain.vocabulary import LineOutcome, NoticeKind


def orders(case: Case, notice: NoticeKind, now: datetime) -> tuple[LetterOrder, ...]:
    """The orders for one notice: one, but for adverse determinations, where each signer's decision is told in its own.

    `now` (UTC) gives the letter its date in the case's zone.
    """
    first = _order(case, notice, now)
    if notice is not NoticeKind.ADVERSE_DETERMINATION:
        return (first.model_copy(update=_facts(case, notice, now)),)
    made = case.standing_determinations()
    return tuple(
        first.model_copy(
            update={
                "round": 1 + case.adverse.index(each),
                "signed": each.signed,
                "lines": tuple(_line(case, line_id) for line_id in _lines_of(case, made, place)),
            }
        )
        for place, each in enumerate(made)
    )


def _order(case: Case, notice: NoticeKind, now: datetime) -> LetterOrder:
    """What every letter tells."""
    found, due = case.looked_at(), case.decide_by()
    return LetterOrder(
        case_id=case.case_id,
        request_version=case.request_version,
        notice=notice,
        round=mail.next_round(case, notice),
        plan_id=found.plan_id,
        lob=found.lob,
        state=found.state,
        zone=found.zone,
        urgency=case.urgency,
        now=now,
        lines=tuple(
            _line(case, line_id) if notice in DECISIONS else LetterLineFacts(line_id=line_id)
            for line_id in _lines(case, notice)
        ),
        effective_on=case.stay.effective_on if case.stay is not None else None,
        decision_due=due[0] if due else None,
        decision_due_citation=due[1] if due else None,
        decided_at=case.decided_at if notice in DECISIONS else None,
        authorization_number=case.authorization_number,
        **_liability(case),
    )


def _facts(case: Case, notice: NoticeKind, now: datetime) -> dict[str, Any]:
    """What only this notice tells."""
    match notice:
        case NoticeKind.APPROVAL:
            return {"approved_by_rule": _by_rule(case)} | _late(case)
        case NoticeKind.INFORMATION_REQUEST:
            return _asked(case)
        case NoticeKind.EXTENSION:
            return _extension(case, now)
        case NoticeKind.PEER_TO_PEER_OFFER:
            return {"peer_to_peer_until": case.peer_to_peer.until if case.peer_to_peer else None}
        case NoticeKind.NOT_REQUIRED:
            return {"not_required_because": _not_required(case)}
        case NoticeKind.WITHDRAWN:
            return {"withdrawn_by": case.withdrawal}
        case NoticeKind.EXPEDITE_NOT_GRANTED:
            return {"expedite_refusal_reason": case.expedite_refusal}
        case NoticeKind.MISSED_DEADLINE:
            return _missed(case)
    return {}


def _lines(case: Case, notice: NoticeKind) -> tuple[str, ...]:
    """The lines that a notice is about: those without need for authorization have a letter of their own."""
    lines = [line.line_id for line in case.looked_at().lines]
    if notice is NoticeKind.NOT_REQUIRED:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is Route.NOT_REQUIRED)
    if notice in DECISIONS:
        return tuple(line_id for line_id in lines if case.routes.get(line_id) is not Route.NOT_REQUIRED)
    return tuple(lines)


def _lines_of(case: Case, told: tuple[AdverseDetermination, ...], place: int) -> tuple[str, ...]:
    """The lines of one determination; the first letter also tells of everything that was approved otherwise."""
    decided = {line.line_id: at for at, made in enumerate(told) for line in made.lines}
    lines = _lines(case, NoticeKind.ADVERSE_DETERMINATION)
    return tuple(line_id for line_id in lines if decided.get(line_id, 0) == place)


def _line(case: Case, line_id: str) -> LetterLineFacts:
    """The line with its answer."""
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


def _by_rule(case: Case) -> str | None:
    """The citations of the criteria, and of the limits kept, by which software approved."""
    by_rule = {line_id for line_id, approval in case.approvals.items() if approval.by.startswith("rule:")}
    lines = [line for line in case.looked_at().lines if line.line_id in by_rule]
    criteria = {line.criteria.citation for line in lines if line.criteria is not None}
    limits = {limit.citation for line in lines for limit in line.limits}
    return "; ".join((*sorted(criteria), *sorted(limits - criteria))) or None


def _asked(case: Case) -> dict[str, Any]:
    asked = case.information
    if asked is None:
        return {}
    return _missing(case, asked.line_ids, asked.facts) | {"respond_by": asked.wait_until}


def _extension(case: Case, now: datetime) -> dict[str, Any]:
    """Why, until when, and what is missing when that is why: then with the time to send it."""
    taken, until = case.extension, case.extended_due
    if taken is None:
        return {}
    told = {"extension_reason": taken.justification, "new_due": until}
    if taken.reason != "missing_information":
        return told
    given = timedelta(days=taken.days_given) if taken.days_given is not None else None
    if given is None and until is not None:
        given = (until - now) * case.looked_at().policy.information_wait_share
    lines, facts = what_is_missing(case)
    return told | _missing(case, lines, facts) | {"respond_by": now + given if given is not None else None}


def _missing(case: Case, line_ids: tuple[str, ...], facts: tuple[str, ...]) -> dict[str, Any]:
    """What to ask for: a reviewer's facts, else what the criteria traces of these lines still miss."""
    criteria = [line.criteria for line in case.looked_at().lines if line.line_id in line_ids]
    verdicts = tuple(found.verdict_id for found in criteria if found is not None and found.state == "unknown")
    return {
        "asked_verdicts": () if facts else verdicts,
        "asked_facts": facts,
        "asked_lines": line_ids,
        "asked_limits": () if facts else _limits(case, line_ids),
    }


def _limits(case: Case, line_ids: tuple[str, ...]) -> tuple[AskedAboutLimit, ...]:
    return tuple(
        AskedAboutLimit(line_id=line.line_id, title=limit.title, facts=limit.missing_facts, any_one_of=limit.any_one_of)
        for line in case.looked_at().lines
        if line.line_id in line_ids
        for limit in limits_to_ask(line)
    )


def _not_required(case: Case) -> str:
    lines = [line.requirement for line in case.looked_at().lines if line.requirement.required is False]
    return "; ".join(sorted({f"{need.because} ({need.citation})" for need in lines}))


def _missed(case: Case) -> dict[str, Any]:
    missed = case.consequence
    if missed is None:
        return {}
    return {
        "consequence": missed.effect,
        "consequence_words": missed.words,
        "missed_due": missed.due_at,
        "missed_citation": missed.citation,
        "decided_since": case.concluded is not None,
    }


def _late(case: Case) -> dict[str, Any]:
    """What an approval says of a time that had passed: that it counts by law, or that the answer is late."""
    approving = consequences.approving(case)
    missed, by_law = approving or consequences.late_since(case), approving is not None
    if missed is None:
        return {}
    return {
        "missed_due": missed.due_at,
        "missed_citation": missed.citation,
        "answered_late": not by_law,
        "approved_by_law": by_law,
    }


def _liability(case: Case) -> dict[str, Any]:
    missed = consequences.liable(case)
    return {} if missed is None else {"liability": missed.liability, "liable_since": missed.due_at}
