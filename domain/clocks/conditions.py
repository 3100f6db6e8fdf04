"""The conditions under which a rule binds a case: each with its subject, whether it holds, and its wording."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.clocks.facts import ClockFacts, Timeline
from domain.clocks.rules import ClockRule, EffectiveBy, EffectiveWindow, RuleScope
from domain.vocabulary import Accreditor


class ConditionSubject(StrEnum):
    """Subjects of conditions, in the order of evaluation: the most general first."""

    LAW = "law"
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


class RuleCondition(NamedTuple):
    """One condition of a rule. `holds` None means that the fact is not known, which exempts from no rule.

    `name` and `wanted` are what the rule demands; `told` is a phrase for what the case has instead, with `{}` for
    `known`. The wording is built on demand, because most conditions of a rulebook are never displayed.
    """

    about: ConditionSubject
    holds: bool | None
    name: str
    wanted: object = ""
    known: object = ""
    told: str = "the case's is {}"

    @property
    def requirement_text(self) -> str:
        """The requirement of the rule, in words."""
        return f"{self.name} {_in_words(self.wanted)}".strip()

    def __str__(self) -> str:
        if self.holds is None:
            return f"{self.requirement_text} is not known, and so does not free from the rule"
        return (
            self.requirement_text
            if self.holds
            else f"{self.requirement_text}, and {self.told.format(_in_words(self.known))}"
        )


def rule_conditions(rule: ClockRule, timeline: Timeline, *, of_any_lob: bool = False) -> Iterator[RuleCondition]:
    """Every condition that the rule states, in a fixed order; `of_any_lob` leaves out its lines of business."""
    applies, facts = rule.applies, timeline.facts
    if rule.unsettled:
        yield RuleCondition(
            ConditionSubject.LAW, False, "a law in force", told=f"that is not settled: {rule.unsettled}"
        )
    if applies.lob and not of_any_lob:
        yield RuleCondition(
            ConditionSubject.LINE_OF_BUSINESS, facts.lob in applies.lob, "line of business", applies.lob, facts.lob
        )
    if facts.proceeding not in applies.proceeding:
        told = "the case is in {}"
        yield RuleCondition(ConditionSubject.STEP, False, "it is about", applies.proceeding, facts.proceeding, told)
    yield from _state_conditions(applies, facts)
    yield from _stated_conditions(applies, facts)
    if applies.urgency is not None:
        known = timeline.urgencies
        told = "this one is {}"
        yield RuleCondition(
            ConditionSubject.URGENCY, applies.urgency in known, "request that is", applies.urgency, known, told
        )
    if applies.review_kind:
        yield _one_of_condition(ConditionSubject.REVIEW, "kind of review", applies.review_kind, facts.review_kind)
    if applies.service_kind:
        yield _one_of_condition(ConditionSubject.SERVICE, "kind of service", applies.service_kind, facts.service_kind)
    yield from _yes_no_conditions(applies, facts)
    yield from _course_conditions(applies, timeline)
    yield from _date_conditions(rule, timeline)


def _one_of_condition(
    about: ConditionSubject, name: str, wanted: tuple[StrEnum, ...], known: StrEnum | None
) -> RuleCondition:
    return RuleCondition(about, None if known is None else known in wanted, name, wanted, known)


def _state_conditions(applies: RuleScope, facts: ClockFacts) -> Iterator[RuleCondition]:
    """The State, and with `self_funded: false` that its rule reaches insured plans only (29 USC 1144)."""
    if applies.state:
        told = "the state of the case is not stated" if facts.state is None else "the case's is {}"
        yield RuleCondition(
            ConditionSubject.STATE, facts.state in applies.state, "state", applies.state, facts.state, told
        )
    if applies.self_funded is not None:
        yield _yes_no_condition(ConditionSubject.FUNDING, "self-funded:", applies.self_funded, facts.self_funded)


def _stated_conditions(applies: RuleScope, facts: ClockFacts) -> Iterator[RuleCondition]:
    """Conditions that bind only where they are stated; their wording says when a case does not state them."""
    if applies.accredited_by is not None:
        yield _accreditation_condition(applies.accredited_by, facts.accreditations)
    stated = set(facts.circumstances)
    if applies.circumstances:
        holds = bool(stated & set(applies.circumstances))
        yield RuleCondition(
            ConditionSubject.CIRCUMSTANCE, holds, "", applies.circumstances, told="it is not stated of the case"
        )
    if freed := tuple(one for one in applies.unless if one in stated and one not in facts.stated_later):
        yield RuleCondition(ConditionSubject.CIRCUMSTANCE, False, "not for", freed, told="it is stated of the case")


def _accreditation_condition(by: Accreditor, stated: tuple[Accreditor, ...] | None) -> RuleCondition:
    told = "the plan is not" if stated is not None else _UNSTATED
    return RuleCondition(
        ConditionSubject.ACCREDITATION, by in (stated or ()), "plan accredited by", by.upper(), told=told
    )


_UNSTATED = "the plan does not state any: list it under accreditations in the plan file"


def _yes_no_conditions(applies: RuleScope, facts: ClockFacts) -> Iterator[RuleCondition]:
    """Yes-or-no conditions about the request."""
    required, fact = applies.requires_prior_authorization, facts.requires_prior_authorization
    if required is not None:
        yield _yes_no_condition(ConditionSubject.REQUEST, "prior authorization required:", required, fact)
    if applies.electronic is not None:
        yield _yes_no_condition(
            ConditionSubject.REQUEST, "received electronically:", applies.electronic, facts.electronic
        )
    if applies.noncontract_records_needed is not None:
        needed, fact = applies.noncontract_records_needed, facts.noncontract_records_needed
        yield _yes_no_condition(ConditionSubject.REQUEST, "records of a noncontract provider needed:", needed, fact)
    if applies.clean_noncontract_claim is not None:
        clean, fact = applies.clean_noncontract_claim, facts.clean_noncontract_claim
        yield _yes_no_condition(ConditionSubject.REQUEST, "clean claim of a noncontract provider:", clean, fact)


def _yes_no_condition(about: ConditionSubject, name: str, wanted: bool, known: bool | None) -> RuleCondition:
    return RuleCondition(about, None if known is None else known is wanted, name, wanted, known, "the case says {}")


def _course_conditions(applies: RuleScope, timeline: Timeline) -> Iterator[RuleCondition]:
    least, most = applies.least_hours_before_course_ends, applies.most_hours_before_course_ends
    if least is None and most is None:
        return
    ends = timeline.facts.course_ends_at
    if timeline.facts.no_course:
        yield RuleCondition(
            ConditionSubject.COURSE, False, "an approved course", "goes on", "", "nothing was approved before"
        )
        return
    left = None if ends is None else ends - timeline.facts.received_at
    told = "it came {} h before"
    hours = "" if left is None else f"{left / timedelta(hours=1):g}"
    if least is not None:
        holds = None if left is None else left >= timedelta(hours=least)
        yield RuleCondition(
            ConditionSubject.COURSE, holds, "at least", f"{least} h before the course ends", hours, told
        )
    if most is not None:
        holds = None if left is None else left <= timedelta(hours=most)
        yield RuleCondition(ConditionSubject.COURSE, holds, "at most", f"{most} h before the course ends", hours, told)


def _date_conditions(rule: ClockRule, timeline: Timeline) -> Iterator[RuleCondition]:
    window = rule.effective
    if window.first_day is None and window.last_day is None:
        return
    by_receipt = window.by is EffectiveBy.RECEIVED
    day = timeline.received.day if by_receipt else timeline.facts.rating_period_start
    holds = None if day is None else (window.first_day or day) <= day <= (window.last_day or day)
    name, told = ("received", "it came on {}") if by_receipt else ("rating period starting", "it started on {}")
    yield RuleCondition(ConditionSubject.DATE, holds, name, window, day, told)


def _in_words(value: object) -> str:
    """A fact or a requirement in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, EffectiveWindow):
        since = "" if value.first_day is None else f"from {value.first_day}"
        until = "" if value.last_day is None else f"until {value.last_day}"
        return f"{since} {until}".strip()
    if isinstance(value, tuple | frozenset):
        return " or ".join(sorted(map(_in_words, value)) if isinstance(value, frozenset) else map(_in_words, value))
    return str(value).replace("_", " ")
