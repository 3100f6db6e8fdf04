"""Extensions and tolling: the effect of an extension notice on a clock, and the defects that leave it without effect."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from domain.clocks.events import EventKind
from domain.clocks.facts import TimelineEvent
from domain.clocks.results import AlternateReading, ExtensionTerms, TollingPeriod
from domain.clocks.rules import ClockUnit, Extension, Tolling
from domain.clocks.timing import ClockEnd, ClockRun, end_of_day, extended_end, local_time_text

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class ExtensionEffect(NamedTuple):
    """The due instant with everything that moved it. `valid` is None when no extension notice was sent."""

    due: ClockEnd
    terms: ExtensionTerms | None = None
    valid: bool | None = None
    problem: str | None = None
    words: str = ""
    tolled: TollingPeriod | None = None
    readings: tuple[AlternateReading, ...] = ()


def extension_effect(course: ClockRun) -> ExtensionEffect:
    """The effect of the extension notices sent since the clock started. At most one counts, and it never shortens."""
    allowed = course.rule.extension
    if allowed is not None and course.timeline.facts.service_kind in allowed.not_for:
        allowed = None
    terms = None if allowed is None else _terms(allowed, course)
    notices = course.timeline.of(EventKind.EXTENSION_NOTICE_SENT, course.rule.rule_id)
    sent = [one for one in notices if one.moment.at >= course.start.at]
    if not sent:
        return ExtensionEffect(course.base, terms=terms)
    if allowed is None or terms is None:
        return ExtensionEffect(
            course.base, valid=False, problem="this rule allows no extension; the base due instant stays"
        )
    notice, problem = _first_valid_notice(sent, allowed, terms, course)
    if notice is None:
        return ExtensionEffect(course.base, terms=terms, valid=False, problem=problem)
    taken = _extended_by_notice(notice, allowed, course)._replace(problem=problem)
    tolling = course.rule.tolling
    if (
        tolling is None
        or notice.event.reason is not tolling.reason
        or course.length.unit is not ClockUnit.CALENDAR_DAYS
    ):
        return taken
    return _tolled_by_notice(notice, tolling, allowed, taken, course)


def _terms(allowed: Extension, course: ClockRun) -> ExtensionTerms:
    tolling = course.rule.tolling
    return ExtensionTerms(
        latest=course.base.at - _SECOND,
        reasons=allowed.reasons,
        stops_for=None if tolling is None else tolling.reason,
        least_days_given=None if tolling is None else tolling.least_days_given,
    )


def _first_valid_notice(
    sent: list[TimelineEvent], allowed: Extension, terms: ExtensionTerms, course: ClockRun
) -> tuple[TimelineEvent | None, str | None]:
    """The notice that extends the clock, and what is wrong with the last of the others."""
    notice: TimelineEvent | None = None
    problem: str | None = None
    for one in sent:
        wrong = (
            "a clock is extended once; a second notice changes nothing"
            if notice
            else _notice_defect(one, allowed, terms, course)
        )
        problem, notice = (wrong, notice) if wrong else (problem, one)
    return notice, problem


def _notice_defect(sent: TimelineEvent, allowed: Extension, terms: ExtensionTerms, course: ClockRun) -> str | None:
    """The defect because of which this notice extends nothing, or None."""
    zone = course.timeline.zone
    if sent.moment.at > terms.latest:
        due = local_time_text(course.base.at, zone)
        return (
            f"the notice went out {local_time_text(sent.moment.at, zone)}, not before {due}; the base due instant stays"
        )
    if (wrong := terms.reason_problem(sent.event.reason)) is not None:
        return wrong
    if allowed.most is None and sent.event.decision_by is None:
        return "the notice does not name the day by which the decision is expected"
    return None


def _extended_by_notice(notice: TimelineEvent, allowed: Extension, course: ClockRun) -> ExtensionEffect:
    """The base extended by the most that the rule allows, or to the earlier day that the notice promises."""
    zone, base = course.timeline.zone, course.base
    sent = local_time_text(notice.moment.at, zone)
    due, words = base, ""
    if allowed.most is not None:
        due = extended_end(base, course.length, allowed.most, zone, course.calendar)
        words = f", extended by {allowed.most} (notice sent {sent})"
    if (promised := notice.event.decision_by) is not None:
        named = ClockEnd(end_of_day(promised, zone), promised)
        if allowed.most is None or named.at < due.at:
            due = max(base, named)
            words = f", extended to {due.day} as the notice of {sent} promises"
    return ExtensionEffect(due, valid=True, words=words)


def _tolled_by_notice(
    notice: TimelineEvent, tolling: Tolling, allowed: Extension, taken: ExtensionEffect, course: ClockRun
) -> ExtensionEffect:
    """The clock stopped from the notice until the answer, read in two ways.

    The wording leaves base and extension less the days used. The careful reading gives only the extension, counted from
    the answer, and never less than the base period: it is the earlier one, and the case acts on it.
    """
    given = notice.event.days_given
    if given is None or given < tolling.least_days_given:
        told = "no time for the answer" if given is None else f"{given} days for the answer"
        least = f"at least {tolling.least_days_given} calendar days are needed to stop the clock"
        return taken._replace(problem=f"the notice gives {told}; {least}, so it keeps running")
    zone, base = course.timeline.zone, course.base
    more = allowed.most.value if allowed.most is not None else 0
    last_day_given = notice.moment.day + given * _DAY
    answer = _answer_day(notice, course)
    answered = answer is not None and answer <= last_day_given
    resumed = answer if answer is not None and answered else last_day_given
    used = (notice.moment.day - course.start.day).days
    left = (base.day - course.start.day).days + more - used
    careful_day = resumed + more * _DAY
    stop = f"stopped from {notice.moment.day} until the answer{'' if answered else ', at the latest'} on {resumed}"
    reading = AlternateReading(
        kind=course.rule.duty,
        at=end_of_day(resumed + left * _DAY, zone),
        reason=f"{stop}; {used} days used, the remaining {left} run from there (the wording of the rule)",
        citation=tolling.cite or course.rule.citation,
    )
    tolled = TollingPeriod(
        stopped_at=notice.moment.at,
        days_used=used,
        days_left=left,
        time_given_ends=end_of_day(last_day_given, zone),
        resumed_on=resumed,
        answered=answered,
    )
    words = f"{taken.words}, {stop}; decide within {more} calendar days of the answer (the careful reading)"
    due = max(base, ClockEnd(end_of_day(careful_day, zone), careful_day))
    return taken._replace(due=due, words=words, tolled=tolled, readings=(reading,))


def _answer_day(notice: TimelineEvent, course: ClockRun) -> date | None:
    """The local day of the first answer after the notice."""
    answers = course.timeline.of(EventKind.INFORMATION_RECEIVED, course.rule.rule_id)
    return next((one.moment.day for one in answers if one.moment.at >= notice.moment.at), None)
