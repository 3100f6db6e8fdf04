"""The clock engine: computes every due instant from a rule, the facts and the events, with its reason and citation.

Hours elapse in UTC; days end at 23:59:59 in the case's zone; an extension counts only if its notice went out before the
base due instant; only a rule that says so is tolled. Where a regulation can be read in two ways, `due` holds the
earlier instant, on which a case acts, and `other_readings` shows the other. All of it is a pure function of its
arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from pydantic import AwareDatetime

from domain.calendars import Calendar, local_day, utc_of_local_time
from domain.clocks.events import ClockEvent, EventKind, ExtensionReason
from domain.clocks.extension import ExtensionEffect, extension_effect
from domain.clocks.facts import ClockFacts, Moment, Timeline, whole_second
from domain.clocks.results import AlternateReading, Clock, DueInstant, NotStarted, TollingPeriod
from domain.clocks.rules import ClockLength, ClockRule, ContractTime, DueKind, NoticeDuty
from domain.clocks.timing import ClockRun, ResolvedStart, end_after, find_start, last_day, local_time_text

__all__ = [
    "Clock",
    "ClockEvent",
    "ClockFacts",
    "ClockRule",
    "DueInstant",
    "DueKind",
    "EventKind",
    "ExtensionReason",
    "NotStarted",
    "AlternateReading",
    "TollingPeriod",
    "compute_clock",
    "compute_on_timeline",
    "is_on_time",
]


def compute_clock(
    rule: ClockRule, facts: ClockFacts, events: Iterable[ClockEvent], calendar: Calendar
) -> Clock | NotStarted:
    """Compute the clock of one rule, whether or not the rule binds the case (see `domain.clocks.binding`).

    Raises CalendarError when the zone does not exist or a business day lies outside the calendar.
    """
    return compute_on_timeline(rule, Timeline(facts, events), calendar)


def compute_on_timeline(rule: ClockRule, timeline: Timeline, calendar: Calendar) -> Clock | NotStarted:
    """Compute the clock of one rule on a prepared timeline."""
    if rule.length is None:
        return NotStarted(rule_id=rule.rule_id, why=rule.in_words or f"runs as {', '.join(rule.uses)}")
    calendar = calendar.of_law(rule.calendar)
    started = find_start(rule, timeline, calendar)
    if isinstance(started, str):
        return NotStarted(rule_id=rule.rule_id, why=started)
    course, words = _clock_run(rule, rule.length, started.moment, timeline, calendar)
    taken = extension_effect(course)
    return Clock(
        rule_id=rule.rule_id,
        variant=rule.variant,
        title=rule.title,
        citation=rule.citation,
        confidence=rule.confidence,
        condition=rule.condition,
        starts_at=started.moment.at,
        base_due=course.base.at,
        opens_at=_opens_at(rule, started.moment, timeline, calendar),
        due=_due_instants(course, taken, words + taken.words),
        may_extend=taken.terms,
        extended=taken.valid is True,
        extension_valid=taken.valid,
        extension_problem=taken.problem,
        tolled=taken.tolled,
        time_given_ends=_time_given_ends(started, taken),
        other_readings=taken.readings,
        missed=rule.missed,
        paused=course.start != started.moment,
    )


def is_on_time(due: DueInstant | datetime, stamped_at: datetime) -> bool:
    """Whether something stamped at this instant was on time: the due second itself still counts."""
    at = due.at if isinstance(due, DueInstant) else due
    return whole_second(stamped_at) <= whole_second(at)


def _clock_run(
    rule: ClockRule, length: ClockLength, start: Moment, timeline: Timeline, calendar: Calendar
) -> tuple[ClockRun, str]:
    """The clock before any extension, under the time of a State or a contract where one applies; and its wording."""
    start = _start_after_pause(rule, start, timeline)
    due = end_after(start, length, timeline.zone, calendar)
    source = ""
    for contract in timeline.facts.contract_times if rule.contract_time is not ContractTime.NO else ():
        if contract.rule_id != rule.rule_id:
            continue
        other = end_after(start, contract.length, timeline.zone, calendar)
        if rule.contract_time is ContractTime.SETS or other.at < due.at:
            due, length, source = other, contract.length, f", set by {contract.source}"
    return ClockRun(rule, start, length, due, timeline, calendar), _length_in_words(length, start, timeline) + source


def _opens_at(rule: ClockRule, start: Moment, timeline: Timeline, calendar: Calendar) -> datetime | None:
    """The beginning of the first local day on which the duty may be done."""
    if rule.opens is None:
        return None
    return utc_of_local_time(last_day(start.day, rule.opens, calendar), time(0), timeline.zone)


def _length_in_words(length: ClockLength, start: Moment, timeline: Timeline) -> str:
    if length.elapsed:
        return f"{length} after {local_time_text(start.at, timeline.zone)}"
    side = "after" if length.value >= 0 else "before"
    return f"{length} {side} {start.day} (day 0), {length.ends.value.replace('_', ' ')} in {timeline.facts.zone}"


def _start_after_pause(rule: ClockRule, start: Moment, timeline: Timeline) -> Moment:
    """The start, moved by the days that do not count, or for a clock of hours by the time that elapsed. What lies before the
    start takes nothing, and until the pause has ended none of it is taken. There may be several pauses."""
    if rule.pause is None:
        return start
    took, days, ended_at = timedelta(), timedelta(), None
    untils = timeline.of(rule.pause.until, rule.rule_id)
    for since in timeline.of(rule.pause.since, rule.rule_id):
        if ended_at is not None and since.moment.at < ended_at:
            continue  # it stood already
        until = next((one.moment for one in untils if one.moment.at > since.moment.at), None)
        if until is None:
            break
        ended_at, began = until.at, max(since.moment, start)
        if until.at > began.at:
            took, days = took + (until.at - began.at), days + (until.day - began.day)
    if rule.length is not None and rule.length.elapsed:
        at = start.at + took
        return Moment(at, local_day(at, timeline.zone)) if took else start
    return Moment(start.at + days, start.day + days) if days else start


def _due_instants(course: ClockRun, taken: ExtensionEffect, reason: str) -> tuple[DueInstant, ...]:
    rule, at = course.rule, taken.due.at
    instants = [DueInstant(kind=rule.duty, at=at, to=rule.to, reason=reason, citation=rule.citation)]
    for notice in rule.notices:
        if (instant := _notice_due(notice, at, course)) is not None:
            instants.append(instant)
    if rule.extension is not None and taken.terms is not None:
        instants.append(
            DueInstant(
                kind=DueKind.EXTENSION_NOTICE_LATEST,
                at=taken.terms.latest,
                reason="an extension counts only if its notice is sent before the base due instant",
                citation=rule.extension.cite or rule.citation,
            )
        )
    return tuple(instants)


def _notice_due(notice: NoticeDuty, decision_at: datetime, course: ClockRun) -> DueInstant | None:
    rule, timeline = course.rule, course.timeline
    at, reason = decision_at, notice.form
    if notice.after is not None and notice.length is not None:
        since = timeline.of(notice.after, rule.rule_id)
        if not since:
            return None
        at = end_after(since[0].moment, notice.length, timeline.zone, course.calendar).at
        reason = f"{notice.form}: {_length_in_words(notice.length, since[0].moment, timeline)}"
    if notice.falls_away_with is not None:
        earlier = timeline.of(notice.falls_away_with, rule.rule_id)
        if earlier and earlier[0].moment.at <= at:
            return None
    cite = notice.cite or rule.citation
    return DueInstant(
        kind=notice.kind, at=at, to=notice.to, reason=reason, citation=cite, with_effect=notice.with_effect
    )


def _time_given_ends(started: ResolvedStart, taken: ExtensionEffect) -> AwareDatetime | None:
    return started.time_given_ends if taken.tolled is None else taken.tolled.time_given_ends
