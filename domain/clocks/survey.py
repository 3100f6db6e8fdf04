"""Every rule of the book held against one case: what binds, what nearly binds, and the rest by the reason why not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.clocks.binding import Binding, binding
from domain.clocks.conditions import About
from domain.clocks.events import ClockEvent
from domain.clocks.facts import ClockFacts
from domain.clocks.rules import ClockRule

# A rule of another line of business, step or State is far from the case however few of its conditions fail.
_FAR = frozenset({About.LINE_OF_BUSINESS, About.STEP, About.STATE})

_HEADINGS = {
    About.LINE_OF_BUSINESS: "Another line of business",
    About.STEP: "Another step than this case is in",
    About.STATE: "Another State",
    About.FUNDING: "Another way of funding",
    About.ACCREDITATION: "Accreditation that the plan does not state",
    About.CIRCUMSTANCE: "Circumstances that are not stated of the case, or free it",
    About.URGENCY: "Another urgency",
    About.REVIEW: "Another kind of review",
    About.SERVICE: "Another kind of service",
    About.REQUEST: "Another kind of request",
    About.COURSE: "Another time before the course of treatment ends",
    About.DATE: "Another date",
}


class Surveyed(NamedTuple):
    """A rule and what it is to the case."""

    rule: ClockRule
    verdict: Binding


class Section(NamedTuple):
    """Rules that stand together. `group` is ``binds``, ``nearly_binds`` or what the first failing condition is about."""

    group: str
    heading: str
    rules: tuple[Surveyed, ...]


def survey(rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent] = ()) -> tuple[Section, ...]:
    """Every rule in exactly one section: those that bind, those that one condition keeps away, the rest by reason.

    Inside a section the rules keep the order of the book. Sections without rules are left out.
    """
    rules = tuple(rules)
    found = tuple(map(Surveyed, rules, binding(rules, facts, events)))
    headings = {"binds": "Bind the case", "nearly_binds": "Nearly bind: one condition alone does not hold"}
    headings |= {about.value: words for about, words in _HEADINGS.items()}
    sorted_in = (
        (name, words, tuple(one for one in found if _group(one.verdict) == name)) for name, words in headings.items()
    )
    return tuple(Section(*section) for section in sorted_in if section[2])


def _group(verdict: Binding) -> str:
    if verdict.binds:
        return "binds"
    first = verdict.missed[0][0]
    return "nearly_binds" if len(verdict.missed) == 1 and first not in _FAR else first.value
