"""The clocks that bind a case, and the clock that governs it.

Every clock that binds is computed and stays visible; the earliest instant is the one to act on. An unknown
fact exempts from no rule: while it is unknown whether prior authorization is required, the shorter and the longer clock
both bind. Only a state, an accreditation and special circumstances have to be stated: a case that states none has none.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendars import Calendar
from domain.clocks.conditions import ConditionSubject, rule_conditions
from domain.clocks.emitted_events import named_events
from domain.clocks.engine import compute_on_timeline
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts, Timeline
from domain.clocks.results import Clock, DueInstant
from domain.clocks.rules import ClockRule, DueKind, RuleScope
from domain.clocks.timing import local_time_text
from domain.model import Model
from domain.vocabulary import Urgency


class Binding(Model):
    """Whether one rule binds the case, and why or why not, in words.

    `missed` are all the conditions that do not hold, the most general first; `why` names only the first of them.
    """

    rule_id: str
    variant: str = ""
    binds: bool
    why: str
    missed: tuple[tuple[ConditionSubject, str], ...] = ()


def evaluate_bindings(
    rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent] = ()
) -> tuple[Binding, ...]:
    """Evaluate every rule, in order. Events matter because a case may be expedited later or expediting denied."""
    rules, timeline = tuple(rules), Timeline(facts, events)
    return tuple(
        _explain_binding(rule, by, timeline)
        for rule, by in zip(rules, _find_binding_rules(rules, timeline), strict=True)
    )


def compute_clocks(
    rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent], calendar: Calendar
) -> tuple[Clock, ...]:
    """The running clocks of every rule that binds, one per rule id, in the order of the rules.

    Of versions or variants that may both bind, the earliest counts. Raises CalendarError as `compute` does.
    """
    rules = _rules_in_reach(tuple(rules), facts)
    timeline = Timeline(facts, events)
    clocks: dict[str, Clock] = {}
    replaced_by: dict[str, str] = {}
    for rule, binds in zip(rules, _find_binding_rules(rules, timeline), strict=True):
        clock = _clock_of_rule(rule, timeline, calendar) if binds else None
        if clock is None:
            continue
        clocks[rule.rule_id] = min(clocks.get(rule.rule_id, clock), clock, key=_sort_key)
        if clock.set_aside is None:
            replaced_by.update(dict.fromkeys(rule.replaces, rule.rule_id))
    return tuple(_mark_replaced(clock, replaced_by.get(clock.rule_id)) for clock in clocks.values())


def awaited_events(rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent]) -> frozenset[EventKind]:
    """The events for which clocks that bind the case still wait, or which one of their notices counts from."""
    rules, timeline = _rules_in_reach(tuple(rules), facts), Timeline(facts, events)
    bound = (rule for rule, binds in zip(rules, _find_binding_rules(rules, timeline), strict=True) if binds)
    named = {(rule.rule_id, event) for rule in bound for event in named_events(rule)}
    return frozenset(event for rule_id, event in named if not timeline.of(event, rule_id))


def governing_clock(clocks: Iterable[Clock], kind: DueKind) -> tuple[Clock, DueInstant] | None:
    """The earliest due instant of a kind and its clock; None when no clock that still governs has one."""
    found = [(clock, due) for clock in clocks if clock.set_aside is None for due in clock.due if due.kind is kind]
    return min(found, key=lambda pair: (pair[1].at, pair[0].rule_id), default=None)


def _rules_in_reach(rules: tuple[ClockRule, ...], facts: ClockFacts) -> tuple[ClockRule, ...]:
    """The rules for the case's proceeding and State, of its line of business or used by another rule. No other can bind it, and
    most of a rulebook is for other cases: it is skipped before its conditions are looked at one by one."""
    used = {name for rule in rules for name in rule.uses}
    return tuple(rule for rule in rules if _is_in_reach(rule.applies, facts, is_used=rule.rule_id in used))


def _is_in_reach(applies: RuleScope, facts: ClockFacts, *, is_used: bool) -> bool:
    lob, state, reviews, services = applies.lob, applies.state, applies.review_kind, applies.service_kind
    if lob and not is_used and facts.lob not in lob:
        return False
    if facts.proceeding not in applies.proceeding or (state and facts.state not in state):
        return False
    if reviews and facts.review_kind is not None and facts.review_kind not in reviews:
        return False
    return not services or facts.service_kind is None or facts.service_kind in services


def _sort_key(clock: Clock) -> tuple[bool, object]:
    return clock.set_aside is not None, clock.due[0].at


def _clock_of_rule(rule: ClockRule, timeline: Timeline, calendar: Calendar) -> Clock | None:
    """The clock of a rule that binds. Every request to expedite counts until one was denied in time."""
    clock: Clock | None = None
    attempts = timeline.attempts if rule.applies.urgency is Urgency.EXPEDITED else ()
    for attempt in attempts:
        computed = compute_on_timeline(rule, timeline.for_expedite_attempt(attempt), calendar)
        if not isinstance(computed, Clock):
            continue
        clock = computed
        if attempt.refused_at is None or attempt.refused_at > clock.base_due:
            return clock
        refused = local_time_text(attempt.refused_at, timeline.zone)
        why = f"expediting was refused {refused}; the standard clock counts from receipt"
        clock = clock.model_copy(update={"set_aside": why})
    if attempts:
        return clock
    computed = compute_on_timeline(rule, timeline, calendar)
    return computed if isinstance(computed, Clock) else None


def _mark_replaced(clock: Clock, by: str | None) -> Clock:
    if by is None or clock.set_aside is not None:
        return clock
    return clock.model_copy(update={"set_aside": f"{by} runs in its place"})


def _find_binding_rules(rules: tuple[ClockRule, ...], timeline: Timeline) -> list[ClockRule | bool]:
    """For every rule, whether it binds: by its own conditions, or by those of the rule that uses it."""
    bind: list[ClockRule | bool] = [_binds(rule, timeline) for rule in rules]
    users = {used: rule for rule, binds in zip(rules, bind, strict=True) if binds for used in rule.uses}
    for place, rule in enumerate(rules) if users else ():
        if not bind[place] and rule.rule_id in users and _binds(rule, timeline, of_any_lob=True):
            bind[place] = users[rule.rule_id]
    return bind


def _binds(rule: ClockRule, timeline: Timeline, *, of_any_lob: bool = False) -> bool:
    return all(one.holds is not False for one in rule_conditions(rule, timeline, of_any_lob=of_any_lob))


def _explain_binding(rule: ClockRule, by: ClockRule | bool, timeline: Timeline) -> Binding:
    used = isinstance(by, ClockRule)
    found = tuple(rule_conditions(rule, timeline, of_any_lob=used))
    missed = tuple(one for one in found if one.holds is False)
    why = f"does not bind: {missed[0]}" if missed else "; ".join(map(str, found)) or "binds every case"
    return Binding(
        rule_id=rule.rule_id,
        variant=rule.variant,
        binds=by is not False,
        why=f"used by {by.rule_id}: {why}" if isinstance(by, ClockRule) else why,
        missed=tuple((one.about, str(one)) for one in missed),
    )
