"""Asking the provider for what is missing: one question, and as much time as the clock allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import Case
from domain.authorization.parts import InformationRequest, Route
from domain.authorization.views import line_rows
from domain.drug_limits.outcomes import ExceptionWish, LimitOutcome
from domain.journal import Actor, EntryKind
from domain.plain_language.phrases import counted
from domain.three_valued import Tri
from domain.vocabulary import NoticeKind, Urgency


def can_wait(case: Case, now: datetime) -> bool:
    """Whether the clock leaves any time for an answer."""
    due = case.due()
    return due is not None and due[1].at > now


def ask(case: Case, line_ids: tuple[str, ...], facts: tuple[str, ...], by: Actor, now: datetime) -> None:
    """Put the question: the letter is owed, the lines wait, and the wait has its end. Call only when `can_wait`.

    `facts` are ids of the fact dictionary, or a reviewer's own words; empty takes what the criteria traces miss.
    """
    hours = _given_by_law(case, now)
    until = now + (timedelta(hours=hours) if hours is not None else _share(case, now))
    case.information = InformationRequest(
        asked_at=now, wait_until=until, line_ids=line_ids, facts=facts, hours_given=hours
    )
    for line_id in line_ids:
        case.routes[line_id] = Route.ASKED
    case.owe(NoticeKind.INFORMATION_REQUEST)
    asked = facts or _missing(case, line_ids)
    case.note(
        EntryKind.INFORMATION_REQUESTED,
        now,
        f"The provider is asked for {counted(len(asked), 'missing fact')} and has until {case.local(until)}.",
        by,
        facts=list(asked),
        lines=line_rows(case),
    )


def what_is_missing(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that lack facts, and the facts that a reviewer asked for last (none: those that the criteria traces miss)."""
    asked = case.information
    if asked is not None and asked.facts:
        return asked.line_ids, asked.facts
    return tuple(line.line_id for line in case.unresolved() if lacks_facts(line)), ()


def lacks_facts(line: LineAssessment) -> bool:
    """Whether the provider could settle the criteria of the line, or a limit of the drug that it asks for.

    Where the prescriber states that a limit would do harm, people weigh that statement: nothing more is asked about the limit.
    """
    of_criteria = line.criteria is not None and line.criteria.state == "unknown" and bool(line.criteria.missing_facts)
    return of_criteria or bool(limits_to_ask(line))


def limits_to_ask(line: LineAssessment) -> tuple[LimitOutcome, ...]:
    """The limits about which the provider could still say something that counts."""
    if line.exception is ExceptionWish.SUPPORTED:
        return ()
    return tuple(limit for limit in line.limits if limit.state is not Tri.MET and limit.missing_facts)


def follow_the_clock(case: Case) -> None:
    """When the decision moves, the wait moves with it; a time given by law stays."""
    asked, due = case.information, case.due()
    if asked is not None and asked.is_open and asked.hours_given is None and due is not None:
        asked.wait_until = (
            asked.asked_at + (due[1].at - asked.asked_at) * case.looked_at().policy.information_wait_share
        )


def letter_left(case: Case, at: datetime) -> int:
    """The question is out: a time given by law counts from now. Returns the whole hours that the provider has."""
    asked = case.information
    if asked is None:
        return 0
    if asked.hours_given is not None:
        asked.wait_until = at + timedelta(hours=asked.hours_given)
        return asked.hours_given
    return max(int((asked.wait_until - at).total_seconds() // 3600), 0)


def _given_by_law(case: Case, now: datetime) -> int | None:
    """The hours that the law gives for completing an urgent request, while the question is still in time for it."""
    if case.urgency is Urgency.EXPEDITED:
        for given in case.looked_at().policy.urgent_incomplete:
            if given.lob is case.lob and now <= case.received_at + timedelta(hours=given.ask_within_hours):
                return given.hours_given
    return None


def _share(case: Case, now: datetime) -> timedelta:
    due = case.due()
    if due is None:
        raise LookupError("asked without a clock")
    return (due[1].at - now) * case.looked_at().policy.information_wait_share


def _missing(case: Case, line_ids: tuple[str, ...]) -> tuple[str, ...]:
    lines = [line for line in case.looked_at().lines if line.line_id in line_ids]
    of_criteria = {fact for line in lines if line.criteria is not None for fact in line.criteria.missing_facts}
    of_limits = {fact for line in lines for limit in limits_to_ask(line) for fact in limit.missing_facts}
    return tuple(sorted(of_criteria | of_limits))
