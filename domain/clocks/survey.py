"""Survey of all clock rules for one case: rules that bind, rules that nearly bind, and the rest by reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.clocks.binding import Binding, evaluate_bindings
from domain.clocks.conditions import ConditionSubject
from domain.clocks.events import ClockEvent
from domain.clocks.facts import ClockFacts
from domain.clocks.rules import ClockRule

# A rule of another line of business, step or State is far from the case however few of its conditions fail.
_FAR = frozenset({ConditionSubject.LINE_OF_BUSINESS, ConditionSubject.STEP, ConditionSubject.STATE})

_HEADINGS = {
    ConditionSubject.LAW: "A law of which it is not settled whether it is in force",
    ConditionSubject.LINE_OF_BUSINESS: "Another line of business",
    ConditionSubject.STEP: "Another step than this case is in",
    ConditionSubject.STATE: "Another State",
    ConditionSubject.FUNDING: "Another way of funding",
    ConditionSubject.ACCREDITATION: "Accreditation that the plan does not state",
    ConditionSubject.CIRCUMSTANCE: "Circumstances that are not stated of the case, or free it",
    ConditionSubject.URGENCY: "Another urgency",
    ConditionSubject.REVIEW: "Another kind of review",
    ConditionSubject.SERVICE: "Another kind of service",
    ConditionSubject.REQUEST: "Another kind of request",
    ConditionSubject.COURSE: "Another time before the course of treatment ends",
    ConditionSubject.DATE: "Another date",
}


class SurveyedRule(NamedTuple):
    """A rule and its binding on the case."""

    rule: ClockRule
    verdict: Binding


class SurveySection(NamedTuple):
    """Rules listed together. `group` is ``binds``, ``nearly_binds`` or what the first failing condition is about."""

    group: str
    heading: str
    rules: tuple[SurveyedRule, ...]


def survey_rules(
    rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent] = ()
) -> tuple[SurveySection, ...]:
    """Sort every rule into exactly one section: binding, one condition short of binding, the rest by reason.

    Inside a section the rules are in the order of the rulebook. Sections without rules are left out.
    """
    rules = tuple(rules)
    found = tuple(map(SurveyedRule, rules, evaluate_bindings(rules, facts, events)))
    headings = {"binds": "Bind the case", "nearly_binds": "Nearly bind: one condition alone does not hold"}
    headings |= {about.value: words for about, words in _HEADINGS.items()}
    sorted_in = (
        (name, words, tuple(one for one in found if _section_of(one.verdict) == name))
        for name, words in headings.items()
    )
    return tuple(SurveySection(*section) for section in sorted_in if section[2])


def _section_of(verdict: Binding) -> str:
    if verdict.binds:
        return "binds"
    first = verdict.missed[0][0]
    return "nearly_binds" if len(verdict.missed) == 1 and first not in _FAR else first.value
