"""Impact of a changed rulebook on open cases: the rules their clocks and criteria were computed by against the current ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain.calendars import Calendar, local_day, zone_of
from domain.clocks.engine import Clock
from domain.clocks.facts import Moment
from domain.clocks.rules import ClockRule
from domain.clocks.timing import end_after
from domain.vocabulary import Lob, Proceeding
from rulebook.guidelines import Criteria
from rulebook.law_changes import LawChange


class StoredCaseRules(NamedTuple):
    """The rules by which a stored case was evaluated. `guidelines` are (id, version) of those applied to its lines."""

    case_id: str
    lob: Lob
    state: str
    zone: str
    rulebook_version: str
    clocks: tuple[Clock, ...]
    guidelines: tuple[tuple[str, str], ...]


class CurrentRules(NamedTuple):
    """The current rules. `changed` names clock rules that are known to be new or changed since another folder, `elsewhere`
    lists known changes outside clocks and criteria."""

    version: str
    clocks: tuple[ClockRule, ...]
    criteria: Criteria
    calendar: Calendar
    changed: Collection[str] = ()
    elsewhere: tuple[LawChange, ...] = ()


def explain_impact(case: StoredCaseRules, now: CurrentRules) -> tuple[str, ...]:
    """Explain in words how the current rules would change the case; empty when no change is known.

    A change that cannot be seen from the store (a new rule, a changed start, who may decide) is found only through `changed`
    and `elsewhere`.
    """
    if case.rulebook_version == now.version and not now.changed and not now.elsewhere:
        return ()
    elsewhere = (change.says for change in now.elsewhere if change.is_about(case.lob, case.state))
    return (*_clock_changes(case, now), *_guideline_changes(case, now), *_newly_bound(case, now), *elsewhere)


def _clock_changes(case: StoredCaseRules, now: CurrentRules) -> Iterator[str]:
    rules = {(rule.rule_id, rule.variant): rule for rule in now.clocks}
    for clock in case.clocks:
        rule = rules.get((clock.rule_id, clock.variant))
        name = f"{clock.rule_id} {clock.variant}".strip()
        if rule is None:
            yield f"{name} is no longer a rule"
            continue
        seen = [f"{name}: {what}" for what in _clock_differences(rule, clock, case, now.calendar)]
        yield from seen or ([f"{name} has changed"] if clock.rule_id in now.changed else [])


def _clock_differences(rule: ClockRule, clock: Clock, case: StoredCaseRules, calendar: Calendar) -> Iterator[str]:
    """The differences between the rule and the computed clock, as far as the clock shows them."""
    due = _base_due(rule, clock, case.zone, calendar)
    if due is not None and due != clock.base_due:
        zone = zone_of(case.zone)
        was, would = (at.astimezone(zone).isoformat(" ", "minutes") for at in (clock.base_due, due))
        yield f"the time is now {rule.length}, which ends {would} instead of {was}"
    effects = tuple(None if one is None else one.effect.value for one in (clock.missed, rule.missed))
    if effects[0] != effects[1]:
        yield f"a miss is now {_effect_in_words(effects[1])} instead of {_effect_in_words(effects[0])}"
    if rule.confidence is not clock.confidence:
        yield f"it is now marked {rule.confidence.value} instead of {clock.confidence.value}"
    if rule.citation != clock.citation:
        yield f"it now cites {rule.citation} instead of {clock.citation}"


def _base_due(rule: ClockRule, clock: Clock, zone: str, calendar: Calendar) -> datetime | None:
    """The end by the current rule; None where another source set the time, or where time in between did not count."""
    if rule.length is None or clock.paused or ", set by " in clock.due[0].reason:
        return None
    here = zone_of(zone)
    return end_after(Moment(clock.starts_at, local_day(clock.starts_at, here)), rule.length, here, calendar).at


def _effect_in_words(effect: str | None) -> str:
    return "without a consequence of its own" if effect is None else effect.replace("_", " ")


def _guideline_changes(case: StoredCaseRules, now: CurrentRules) -> Iterator[str]:
    known = {(one.id, one.version) for one in now.criteria.guidelines}
    for guideline_id, version in dict.fromkeys(case.guidelines):
        if (guideline_id, version) in known:
            continue
        versions = [other for other_id, other in known if other_id == guideline_id]
        others = f"now {', '.join(sorted(versions))}" if versions else "no longer in the rulebook"
        yield f"guideline {guideline_id} {version}: {others}"


def _newly_bound(case: StoredCaseRules, now: CurrentRules) -> Iterator[str]:
    """Rules that are new or changed, have no clock in the case yet, and may bind cases of its line of business and State."""
    running = {clock.rule_id for clock in case.clocks}
    for rule_id in dict.fromkeys(rule.rule_id for rule in _applicable_rules(case, now.clocks)):
        if rule_id in now.changed and rule_id not in running:
            yield f"{rule_id} is new or changed and may bind it"


def _applicable_rules(case: StoredCaseRules, rules: Iterable[ClockRule]) -> Iterator[ClockRule]:
    for rule in rules:
        applies = rule.applies
        if Proceeding.AUTHORIZATION not in applies.proceeding:
            continue
        if (not applies.lob or case.lob in applies.lob) and (not applies.state or case.state in applies.state):
            yield rule
