"""The conditions under which a rule binds a case: each with what it is about, whether it holds, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.clocks.facts import ClockFacts, Timeline
from domain.clocks.rules import Applies, ClockRule, Effective, EffectiveBy
from domain.vocabulary import Accreditor


class About(StrEnum):
    """What a condition is about, in the order in which conditions are looked at: the most general first."""

    LINE_OF_BUSINESS = "line_of_business"
    STEP = "step"
    STATE = "state"
    FUNDING = "funding"
    ACCREDITATION = "accreditation"
    CIRCUMSTANCE = "circumstance"
    URGENCY = "urgency"
    REVIEW = "review"
    SERVICE = "service"
    REQUEST = "request"
    COURSE = "course"
    DATE = "date"


class Condition(NamedTuple):
    """One condition of a rule. `holds` None means that the fact is not known, which frees from no rule.

    `name` and `wanted` are what the rule demands; `told` is a phrase that says what the case has instead, with `{}` for
    `known`. Words are made when somebody asks for them, because most of the conditions of a rulebook are never read.
    """

    about: About
    holds: bool | None
    name: str
    wanted: object = ""
    known: object = ""
    told: str = "the case's is {}"

    @property
    def asks(self) -> str:
        """What the rule demands."""
        return f"{self.name} {_said(self.wanted)}".strip()

    def __str__(self) -> str:
        if self.holds is None:
            return f"{self.asks} is not known, and so does not free from the rule"
        return self.asks if self.holds else f"{self.asks}, and {self.told.format(_said(self.known))}"


def conditions(rule: ClockRule, timeline: Timeline, *, of_any_lob: bool = False) -> Iterator[Condition]:
    """Every condition that the rule states, in a fixed order; `of_any_lob` leaves out its lines of business."""
    applies, facts = rule.applies, timeline.facts
    if applies.lob and not of_any_lob:
        yield Condition(About.LINE_OF_BUSINESS, facts.lob in applies.lob, "line of business", applies.lob, facts.lob)
    if facts.proceeding not in applies.proceeding:
        told = "the case is in {}"
        yield Condition(About.STEP, False, "it is about", applies.proceeding, facts.proceeding, told)
    yield from _of_state(applies, facts)
    yield from _stated(applies, facts)
    if applies.urgency is not None:
        known = timeline.urgencies
        told = "this one is {}"
        yield Condition(About.URGENCY, applies.urgency in known, "request that is", applies.urgency, known, told)
    if applies.review_kind:
        yield _one_of(About.REVIEW, "kind of review", applies.review_kind, facts.review_kind)
    if applies.service_kind:
        yield _one_of(About.SERVICE, "kind of service", applies.service_kind, facts.service_kind)
    yield from _answered(applies, facts)
    yield from _course(applies, timeline)
    yield from _effective(rule, timeline)


def _one_of(about: About, name: str, wanted: tuple[StrEnum, ...], known: StrEnum | None) -> Condition:
    return Condition(about, None if known is None else known in wanted, name, wanted, known)


def _of_state(applies: Applies, facts: ClockFacts) -> Iterator[Condition]:
    """The State, and with `self_funded: false` that its rule reaches insured plans only (29 USC 1144)."""
    if applies.state:
        told = "the state of the case is not stated" if facts.state is None else "the case's is {}"
        yield Condition(About.STATE, facts.state in applies.state, "state", applies.state, facts.state, told)
    if applies.self_funded is not None:
        yield _yes_or_no(About.FUNDING, "self-funded:", applies.self_funded, facts.self_funded)


def _stated(applies: Applies, facts: ClockFacts) -> Iterator[Condition]:
    """What binds only where it is stated; a case that does not state it is told so."""
    if applies.accredited_by is not None:
        yield _accreditation(applies.accredited_by, facts.accreditations)
    stated = set(facts.circumstances)
    if applies.circumstances:
        holds = bool(stated & set(applies.circumstances))
        yield Condition(About.CIRCUMSTANCE, holds, "", applies.circumstances, told="it is not stated of the case")
    if freed := tuple(one for one in applies.unless if one in stated and one not in facts.stated_later):
        yield Condition(About.CIRCUMSTANCE, False, "not for", freed, told="it is stated of the case")


def _accreditation(by: Accreditor, stated: tuple[Accreditor, ...] | None) -> Condition:
    told = "the plan is not" if stated is not None else _UNSTATED
    return Condition(About.ACCREDITATION, by in (stated or ()), "plan accredited by", by.upper(), told=told)


_UNSTATED = "the plan does not state any: list it under accreditations in the plan file"


def _answered(applies: Applies, facts: ClockFacts) -> Iterator[Condition]:
    """Questions of yes or no about the request."""
    required, fact = applies.requires_prior_authorization, facts.requires_prior_authorization
    if required is not None:
        yield _yes_or_no(About.REQUEST, "prior authorization required:", required, fact)
    if applies.electronic is not None:
        yield _yes_or_no(About.REQUEST, "received electronically:", applies.electronic, facts.electronic)
    if applies.noncontract_records_needed is not None:
        needed, fact = applies.noncontract_records_needed, facts.noncontract_records_needed
        yield _yes_or_no(About.REQUEST, "records of a noncontract provider needed:", needed, fact)
    if applies.clean_noncontract_claim is not None:
        clean, fact = applies.clean_noncontract_claim, facts.clean_noncontract_claim
        yield _yes_or_no(About.REQUEST, "clean claim of a noncontract provider:", clean, fact)


def _yes_or_no(about: About, name: str, wanted: bool, known: bool | None) -> Condition:
    return Condition(about, None if known is None else known is wanted, name, wanted, known, "the case says {}")


def _course(applies: Applies, timeline: Timeline) -> Iterator[Condition]:
    least, most = applies.least_hours_before_course_ends, applies.most_hours_before_course_ends
    if least is None and most is None:
        return
    ends = timeline.facts.course_ends_at
    if timeline.facts.no_course:
        yield Condition(About.COURSE, False, "an approved course", "goes on", "", "nothing was approved before")
        return
    left = None if ends is None else ends - timeline.facts.received_at
    told = "it came {} h before"
    hours = "" if left is None else f"{left / timedelta(hours=1):g}"
    if least is not None:
        holds = None if left is None else left >= timedelta(hours=least)
        yield Condition(About.COURSE, holds, "at least", f"{least} h before the course ends", hours, told)
    if most is not None:
        holds = None if left is None else left <= timedelta(hours=most)
        yield Condition(About.COURSE, holds, "at most", f"{most} h before the course ends", hours, told)


def _effective(rule: ClockRule, timeline: Timeline) -> Iterator[Condition]:
    window = rule.effective
    if window.first_day is None and window.last_day is None:
        return
    by_receipt = window.by is EffectiveBy.RECEIVED
    day = timeline.received.day if by_receipt else timeline.facts.rating_period_start
    holds = None if day is None else (window.first_day or day) <= day <= (window.last_day or day)
    name, told = ("received", "it came on {}") if by_receipt else ("rating period starting", "it started on {}")
    yield Condition(About.DATE, holds, name, window, day, told)


def _said(value: object) -> str:
    """A fact or a demand as people say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Effective):
        since = "" if value.first_day is None else f"from {value.first_day}"
        until = "" if value.last_day is None else f"until {value.last_day}"
        return f"{since} {until}".strip()
    if isinstance(value, tuple | frozenset):
        return " or ".join(sorted(map(_said, value)) if isinstance(value, frozenset) else map(_said, value))
    return str(value).replace("_", " ")
