"""Which clocks bind a case, and which of them governs.

Every clock that binds is computed and stays visible; the earliest instant is the one to act on. A fact that is not
known frees from no rule: where it is open whether prior authorization is required, the shorter and the longer clock
both bind. Only a state, an accreditation and special circumstances have to be stated: a case that says nothing has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum

from domain.calendars import Calendar
from domain.clock_events import ClockEvent
from domain.clock_facts import ClockFacts, Timeline
from domain.clock_results import Clock, DueInstant
from domain.clock_rules import Applies, ClockRule, DueKind, EffectiveBy
from domain.clock_timing import spoken
from domain.clocks import compute_on
from domain.model import Model
from domain.vocabulary import Urgency


class Binding(Model):
    """Whether one rule binds the case, and why or why not, in words."""

    rule_id: str
    variant: str = ""
    binds: bool
    why: str


def binding(rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent] = ()) -> tuple[Binding, ...]:
    """A verdict for every rule, in their order. Events matter because a case may be upgraded or expediting refused."""
    return _binding(tuple(rules), Timeline(facts, events))


def compute_all(
    rules: Iterable[ClockRule], facts: ClockFacts, events: Iterable[ClockEvent], calendar: Calendar
) -> tuple[Clock, ...]:
    """The running clocks of every rule that binds, one per rule id, in the order of the rules.

    Of versions or variants that may both bind, the earliest counts. Raises CalendarError as `compute` does.
    """
    rules = _worth_asking(tuple(rules), facts)
    timeline = Timeline(facts, events)
    clocks: dict[str, Clock] = {}
    replaced_by: dict[str, str] = {}
    for rule, verdict in zip(rules, _binding(rules, timeline), strict=True):
        clock = _clock(rule, timeline, calendar) if verdict.binds else None
        if clock is None:
            continue
        clocks[rule.rule_id] = min(clocks.get(rule.rule_id, clock), clock, key=_order)
        if clock.set_aside is None:
            replaced_by.update(dict.fromkeys(rule.replaces, rule.rule_id))
    return tuple(_replaced(clock, replaced_by.get(clock.rule_id)) for clock in clocks.values())


def governing(clocks: Iterable[Clock], kind: DueKind) -> tuple[Clock, DueInstant] | None:
    """The earliest due instant of a kind and its clock; None when no clock that still governs owes such a thing."""
    found = [(clock, due) for clock in clocks if clock.set_aside is None for due in clock.due if due.kind is kind]
    return min(found, key=lambda pair: (pair[1].at, pair[0].rule_id), default=None)


def _worth_asking(rules: tuple[ClockRule, ...], facts: ClockFacts) -> tuple[ClockRule, ...]:
    """Without the rules of other lines of business, most of the rulebook, unless a rule uses them in its name."""
    used = {name for rule in rules for name in rule.uses}
    return tuple(
        rule for rule in rules if not rule.applies.lob or facts.lob in rule.applies.lob or rule.rule_id in used
    )


def _order(clock: Clock) -> tuple[bool, object]:
    return clock.set_aside is not None, clock.due[0].at


def _clock(rule: ClockRule, timeline: Timeline, calendar: Calendar) -> Clock | None:
    """The clock of a rule that binds. Every attempt to expedite counts until one was refused in time."""
    clock: Clock | None = None
    attempts = timeline.attempts if rule.applies.urgency is Urgency.EXPEDITED else ()
    for attempt in attempts:
        computed = compute_on(rule, timeline.on_attempt(attempt), calendar)
        if not isinstance(computed, Clock):
            continue
        clock = computed
        if attempt.refused_at is None or attempt.refused_at > clock.base_due:
            return clock
        refused = spoken(attempt.refused_at, timeline.zone)
        why = f"expediting was refused {refused}; the standard clock counts from receipt"
        clock = clock.model_copy(update={"set_aside": why})
    if attempts:
        return clock
    computed = compute_on(rule, timeline, calendar)
    return computed if isinstance(computed, Clock) else None


def _replaced(clock: Clock, by: str | None) -> Clock:
    if by is None or clock.set_aside is not None:
        return clock
    return clock.model_copy(update={"set_aside": f"{by} runs in its place"})


def _binding(rules: tuple[ClockRule, ...], timeline: Timeline) -> tuple[Binding, ...]:
    verdicts = [_verdict(rule, timeline) for rule in rules]
    users = {used: rule for rule, verdict in zip(rules, verdicts, strict=True) if verdict.binds for used in rule.uses}
    for place, rule in enumerate(rules):
        user = users.get(rule.rule_id)
        if user is not None and not verdicts[place].binds:
            again = _verdict(rule, timeline, of_any_lob=True)
            why = f"used by {user.rule_id}: {again.why}"
            verdicts[place] = again.model_copy(update={"why": why}) if again.binds else verdicts[place]
    return tuple(verdicts)


def _verdict(rule: ClockRule, timeline: Timeline, *, of_any_lob: bool = False) -> Binding:
    held: list[str] = []
    for holds, words in _conditions(rule, timeline, of_any_lob):
        if holds is False:
            return Binding(rule_id=rule.rule_id, variant=rule.variant, binds=False, why=f"does not bind: {words}")
        held.append(words if holds else f"{words} is not known, and so does not free from the rule")
    return Binding(rule_id=rule.rule_id, variant=rule.variant, binds=True, why="; ".join(held) or "binds every case")


def _conditions(rule: ClockRule, timeline: Timeline, of_any_lob: bool) -> Iterator[tuple[bool | None, str]]:
    """Each condition of the rule: whether it holds (None: not known) and what it says."""
    applies, facts = rule.applies, timeline.facts
    if applies.lob and not of_any_lob:
        yield facts.lob in applies.lob, f"line of business {' or '.join(applies.lob)}"
    if facts.proceeding not in applies.proceeding:
        yield False, f"it is about {_listed(applies.proceeding)}, and the case is in {_listed((facts.proceeding,))}"
    yield from _stated(applies, facts)
    if applies.urgency is not None:
        yield applies.urgency in timeline.urgencies, f"{applies.urgency} request"
    for name, wanted, known in (
        ("kind of review", applies.review_kind, facts.review_kind),
        ("kind of service", applies.service_kind, facts.service_kind),
    ):
        if wanted:
            yield None if known is None else known in wanted, f"{name} {' or '.join(wanted)}"
    for name, needed, fact in (
        ("prior authorization required", applies.requires_prior_authorization, facts.requires_prior_authorization),
        ("self-funded", applies.self_funded, facts.self_funded),
        ("received electronically", applies.electronic, facts.electronic),
        (
            "records of a noncontract provider needed",
            applies.noncontract_records_needed,
            facts.noncontract_records_needed,
        ),
        ("clean claim of a noncontract provider", applies.clean_noncontract_claim, facts.clean_noncontract_claim),
    ):
        if needed is not None:
            yield None if fact is None else fact is needed, f"{name}: {'yes' if needed else 'no'}"
    yield from _course_conditions(rule, timeline)
    yield from _effective(rule, timeline)


def _stated(applies: Applies, facts: ClockFacts) -> Iterator[tuple[bool, str]]:
    """What binds only where it is stated; a case that does not state it is told so."""
    if applies.state:
        told = "" if facts.state is not None else ", and the state of the case is not stated"
        yield facts.state in applies.state, f"state {' or '.join(applies.state)}{told}"
    if applies.accredited_by is not None:
        name = applies.accredited_by.upper()
        if facts.accreditations is None:
            yield (
                False,
                f"accredited by {name}, which the plan does not state: list it under accreditations in the plan file",
            )
        else:
            yield applies.accredited_by in facts.accreditations, f"plan accredited by {name}"
    stated = set(facts.circumstances)
    if applies.circumstances:
        told = "" if stated & set(applies.circumstances) else ", which is not stated"
        yield bool(stated & set(applies.circumstances)), f"{_listed(applies.circumstances)}{told}"
    if freed := [one for one in applies.unless if one in stated - set(facts.stated_later)]:
        yield False, f"not for {_listed(freed)}"


def _listed(names: Iterable[StrEnum]) -> str:
    return " or ".join(name.value.replace("_", " ") for name in names)


def _course_conditions(rule: ClockRule, timeline: Timeline) -> Iterator[tuple[bool | None, str]]:
    least, most = rule.applies.least_hours_before_course_ends, rule.applies.most_hours_before_course_ends
    ends = timeline.facts.course_ends_at
    left = None if ends is None else ends - timeline.facts.received_at
    if least is not None:
        yield None if left is None else left >= timedelta(hours=least), f"at least {least} h before the course ends"
    if most is not None:
        yield None if left is None else left <= timedelta(hours=most), f"at most {most} h before the course ends"


def _effective(rule: ClockRule, timeline: Timeline) -> Iterator[tuple[bool | None, str]]:
    window = rule.effective
    if window.first_day is None and window.last_day is None:
        return
    by_receipt = window.by is EffectiveBy.RECEIVED
    day = timeline.received.day if by_receipt else timeline.facts.rating_period_start
    name = "received" if by_receipt else "rating period starting"
    since = "" if window.first_day is None else f" from {window.first_day}"
    until = "" if window.last_day is None else f" until {window.last_day}"
    holds: bool | None = None
    if day is not None:
        holds = (window.first_day or day) <= day <= (window.last_day or day)
    yield holds, f"{name}{since}{until}"
