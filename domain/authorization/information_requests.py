"""Information requests (RFI): one request to the provider for missing facts, with as much time as the clock allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import InformationRequest
from domain.authorization.views import line_rows
from domain.drug_limits.outcomes import ExceptionRequest, LimitOutcome
from domain.errors import ImpossibleState
from domain.journal import Actor, EntryKind
from domain.plain_language.phrases import count_phrase
from domain.three_valued import Tri
from domain.vocabulary import Urgency


def has_time_to_wait(case: AuthorizationCase, now: datetime) -> bool:
    """Whether the clock leaves time for an answer."""
    due = case.due()
    return due is not None and due[1].at > now


def request_information(
    case: AuthorizationCase, line_ids: tuple[str, ...], facts: tuple[str, ...], by: Actor, now: datetime
) -> None:
    """Request information: queue the letter and let the lines wait until a set time. Call only when `has_time_to_wait`.

    `facts` are ids of the fact dictionary, or a reviewer's own words; if empty, the facts that the criteria ask for next.
    """
    hours = _hours_given_by_law(case, now) if facts or case.information is None else None
    found = case.require_context()
    until = now + (timedelta(hours=hours) if hours is not None else _share_of_time_left(case, now))
    until = until if hours is not None else found.while_requester_is_open(until, now)
    asked = facts or _missing_facts(case, line_ids)
    before = None if facts else case.information
    case.ask(
        InformationRequest(
            asked_at=now,
            wait_until=until,
            line_ids=line_ids,
            facts=facts,
            hours_given=hours,
            round=1 if before is None else before.round + 1,
            asked=() if facts else tuple(dict.fromkeys((*(before.asked if before is not None else ()), *asked))),
        )
    )
    case.note(
        EntryKind.INFORMATION_REQUESTED,
        now,
        f"The provider is asked for {count_phrase(len(asked), 'missing fact')} and has until {case.local(until)}.",
        by,
        facts=list(asked),
        lines=line_rows(case),
    )


def may_rules_ask(case: AuthorizationCase, line_ids: tuple[str, ...]) -> bool:
    """Whether rules may ask the provider about these lines: once, and again when the answer opened another branch of the
    criteria, as often as the policy says. What was asked in vain is left to people."""
    before = case.information
    if before is None:
        return True
    if before.facts or before.answered_at is None or before.round >= case.require_context().policy.question_rounds:
        return False
    return not set(_missing_facts(case, line_ids)) <= set(before.asked)


def waits_for_provider(case: AuthorizationCase, line_id: str) -> bool:
    """Whether the provider can still answer a question about this line."""
    return case.information is not None and case.information.is_open and line_id in case.information.line_ids


def missing_information(case: AuthorizationCase) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that lack facts, and the facts that a reviewer requested last (empty: those missing in the criteria traces)."""
    asked = case.information
    if asked is not None and asked.facts:
        return asked.line_ids, asked.facts
    return tuple(line.line_id for line in case.unresolved_lines() if lacks_facts(line)), ()


def lacks_facts(line: LineAssessment) -> bool:
    """Whether the provider could supply facts that settle the criteria of the line, or a limit of its drug.

    Where the prescriber states that a limit would do harm, people weigh that statement: nothing more is asked about the limit.
    """
    of_criteria = line.criteria is not None and line.criteria.state == "unknown" and bool(line.criteria.facts_to_ask)
    return of_criteria or bool(limits_to_ask_about(line)) or asks_about_care_under_way(line)


def asks_about_care_under_way(line: LineAssessment) -> bool:
    """Whether the line is of a new member, and nobody said whether the care was under way."""
    return line.continuity is not None and line.continuity.state is Tri.UNKNOWN


def limits_to_ask_about(line: LineAssessment) -> tuple[LimitOutcome, ...]:
    """The limits that facts from the provider could still settle."""
    if line.exception is ExceptionRequest.SUPPORTED:
        return ()
    return tuple(limit for limit in line.limits if limit.state is not Tri.MET and limit.missing_facts)


def realign_deadline(case: AuthorizationCase) -> None:
    """Move the end of the wait when the decision deadline moves; a time set by law stays."""
    asked, due = case.information, case.due()
    if asked is not None and asked.is_open and asked.hours_given is None and due is not None:
        found, left = case.require_context(), due[1].at - asked.asked_at
        until = asked.asked_at + left * found.policy.information_wait_share
        asked.wait_until = found.while_requester_is_open(until, asked.asked_at)


def start_response_time(case: AuthorizationCase, at: datetime) -> int:
    """Start the response time when the request is mailed; a time set by law counts from now. Returns its whole hours."""
    asked = case.information
    if asked is None:
        return 0
    if asked.hours_given is not None:
        asked.wait_until = at + timedelta(hours=asked.hours_given)
        return asked.hours_given
    return max(int((asked.wait_until - at).total_seconds() // 3600), 0)


def _hours_given_by_law(case: AuthorizationCase, now: datetime) -> int | None:
    """The hours that the law allows for completing an urgent request, while the information request is still timely."""
    if case.urgency is Urgency.EXPEDITED:
        for given in case.require_context().policy.urgent_incomplete:
            if given.lob is case.lob and now <= case.received_at + timedelta(hours=given.ask_within_hours):
                return given.hours_given
    return None


def _share_of_time_left(case: AuthorizationCase, now: datetime) -> timedelta:
    due = case.due()
    if due is None:
        raise ImpossibleState("asked without a clock")
    return (due[1].at - now) * case.require_context().policy.information_wait_share


def _missing_facts(case: AuthorizationCase, line_ids: tuple[str, ...]) -> tuple[str, ...]:
    lines = [line for line in case.require_context().lines if line.line_id in line_ids]
    of_criteria = {fact for line in lines if line.criteria is not None for fact in line.criteria.facts_to_ask}
    of_limits = {fact for line in lines for limit in limits_to_ask_about(line) for fact in limit.missing_facts}
    under_way = {
        line.continuity.fact for line in lines if line.continuity is not None and asks_about_care_under_way(line)
    }
    return tuple(sorted(of_criteria | of_limits | under_way))
