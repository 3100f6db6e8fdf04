"""Extensions and tolling: what an extension notice does to a clock, and why it may do nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from domain.clocks.events import EventKind
from domain.clocks.facts import Happening
from domain.clocks.results import ExtensionTerms, Reading, Tolled
from domain.clocks.rules import Extension, Tolling, Unit
from domain.clocks.timing import Course, Due, end_of, extended, spoken

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Taken(NamedTuple):
    """The due instant with everything that moved it. `valid` is None when no extension notice was sent."""

    due: Due
    terms: ExtensionTerms | None = None
    valid: bool | None = None
    problem: str | None = None
    words: str = ""
    tolled: Tolled | None = None
    readings: tuple[Reading, ...] = ()


def extension_of(course: Course) -> Taken:
    """The effect of the extension notices sent since the clock started. At most one counts, and it never shortens."""
    allowed = course.rule.extension
    if allowed is not None and course.timeline.facts.service_kind in allowed.not_for:
        allowed = None
    terms = None if allowed is None else _terms(allowed, course)
    notices = course.timeline.of(EventKind.EXTENSION_NOTICE_SENT, course.rule.rule_id)
    sent = [one for one in notices if one.moment.at >= course.start.at]
    if not sent:
        return Taken(course.base, terms=terms)
    if allowed is None or terms is None:
        return Taken(course.base, valid=False, problem="this rule allows no extension; the base due instant stays")
    notice, problem = _first_that_counts(sent, allowed, terms, course)
    if notice is None:
        return Taken(course.base, terms=terms, valid=False, problem=problem)
    taken = _moved(notice, allowed, course)._replace(problem=problem)
    tolling = course.rule.tolling
    if tolling is None or notice.event.reason is not tolling.reason or course.length.unit is not Unit.CALENDAR_DAYS:
        return taken
    return _tolled(notice, tolling, allowed, taken, course)


def _terms(allowed: Extension, course: Course) -> ExtensionTerms:
    tolling = course.rule.tolling
    return ExtensionTerms(
        latest=course.base.at - _SECOND,
        reasons=allowed.reasons,
        stops_for=None if tolling is None else tolling.reason,
        least_days_given=None if tolling is None else tolling.least_days_given,
    )


def _first_that_counts(
    sent: list[Happening], allowed: Extension, terms: ExtensionTerms, course: Course
) -> tuple[Happening | None, str | None]:
    """The notice that extends the clock, and what is wrong with the last of the others."""
    notice: Happening | None = None
    problem: str | None = None
    for one in sent:
        wrong = (
            "a clock is extended once; a second notice changes nothing"
            if notice
            else _wrong(one, allowed, terms, course)
        )
        problem, notice = (wrong, notice) if wrong else (problem, one)
    return notice, problem


def _wrong(sent: Happening, allowed: Extension, terms: ExtensionTerms, course: Course) -> str | None:
    """Why this notice extends nothing, or None."""
    zone = course.timeline.zone
    if sent.moment.at > terms.latest:
        due = spoken(course.base.at, zone)
        return f"the notice went out {spoken(sent.moment.at, zone)}, not before {due}; the base due instant stays"
    if (wrong := terms.wrong_reason(sent.event.reason)) is not None:
        return wrong
    if allowed.most is None and sent.event.decision_by is None:
        return "the notice does not name the day by which the decision is expected"
    return None


def _moved(notice: Happening, allowed: Extension, course: Course) -> Taken:
    """The base extended by the most that the rule allows, or to the earlier day that the notice promises."""
    zone, base = course.timeline.zone, course.base
    sent = spoken(notice.moment.at, zone)
    due, words = base, ""
    if allowed.most is not None:
        due = extended(base, course.length, allowed.most, zone, course.calendar)
        words = f", extended by {allowed.most} (notice sent {sent})"
    if (promised := notice.event.decision_by) is not None:
        named = Due(end_of(promised, zone), promised)
        if allowed.most is None or named.at < due.at:
            due = max(base, named)
            words = f", extended to {due.day} as the notice of {sent} promises"
    return Taken(due, valid=True, words=words)


def _tolled(notice: Happening, tolling: Tolling, allowed: Extension, taken: Taken, course: Course) -> Taken:
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
    answer = _answer(notice, course)
    answered = answer is not None and answer <= last_day_given
    resumed = answer if answer is not None and answered else last_day_given
    used = (notice.moment.day - course.start.day).days
    left = (base.day - course.start.day).days + more - used
    careful_day = resumed + more * _DAY
    stop = f"stopped from {notice.moment.day} until the answer{'' if answered else ', at the latest'} on {resumed}"
    reading = Reading(
        kind=course.rule.duty,
        at=end_of(resumed + left * _DAY, zone),
        reason=f"{stop}; {used} days used, the remaining {left} run from there (the wording of the rule)",
        citation=tolling.cite or course.rule.citation,
    )
    tolled = Tolled(
        stopped_at=notice.moment.at,
        days_used=used,
        days_left=left,
        time_given_ends=end_of(last_day_given, zone),
        resumed_on=resumed,
        answered=answered,
    )
    words = f"{taken.words}, {stop}; decide within {more} calendar days of the answer (the careful reading)"
    due = max(base, Due(end_of(careful_day, zone), careful_day))
    return taken._replace(due=due, words=words, tolled=tolled, readings=(reading,))


def _answer(notice: Happening, course: Course) -> date | None:
    """The local day of the first answer after the notice."""
    answers = course.timeline.of(EventKind.INFORMATION_RECEIVED, course.rule.rule_id)
    return next((one.moment.day for one in answers if one.moment.at >= notice.moment.at), None)
