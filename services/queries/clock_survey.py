"""Every clock rule of the rulebook with the reason that it does or does not bind one request, and the state of its clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.authorization.orders import ReviewInput
from domain.calendars import Calendar
from domain.cases.oral_notices import notice_calls
from domain.cases.views import CaseView
from domain.clocks.engine import NotStarted, compute_clock
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts
from domain.clocks.rules import ClockRule
from domain.clocks.survey import SurveyedRule, SurveySection, survey_rules
from domain.journal import EntryKind, JournalEntry
from domain.model import Model
from services.request_versions import load_current_version
from store import cases, journal, requests

_EVENT_KINDS = {
    EntryKind.EXPEDITED: EventKind.UPGRADE_REQUESTED,
    EntryKind.EXPEDITE_REFUSED: EventKind.EXPEDITE_REFUSED,
    EntryKind.INFORMATION_RECEIVED: EventKind.INFORMATION_RECEIVED,
    EntryKind.DETERMINATION_MADE: EventKind.DECISION_MADE,
}
ClockInputs = Callable[[Session, ReviewInput], tuple[ClockFacts, tuple[ClockEvent, ...]]]
"""Looks up the facts and events of a case, as its own review does."""


@dataclass(frozen=True)
class ClockSurvey:
    """A request's clocks against every rule. `running` are its clocks in the store, by rule and variant."""

    case_id: str
    view: CaseView | None
    calendar: Calendar
    facts: ClockFacts
    events: tuple[ClockEvent, ...]
    running: Mapping[tuple[str, str], dict[str, Any]]
    sections: tuple[SurveySection, ...]

    @property
    def pinned_version(self) -> str | None:
        """The rulebook version of the case's last review; None before its first."""
        return None if self.view is None else self.view.rulebook_version

    @property
    def bound(self) -> int:
        """The number of rules that bind the case."""
        return sum(len(one.rules) for one in self.sections if one.group == "binds")

    def clock_state(self, one: SurveyedRule, describe: Callable[[datetime, str], str]) -> str:
        """State of an applicable rule: the due date of its duty, or the reason that its clock does not run. `describe` puts an
        instant in a zone into words."""
        clock = self.running.get((one.rule.rule_id, one.rule.variant))
        if clock is not None:
            if clock["set_aside"]:
                return f"set aside: {clock['set_aside']}"
            due = clock["due"][0]
            at = describe(datetime.fromisoformat(due["at"]), self.facts.zone)
            return f"{due['kind'].replace('_', ' ')} due {at}"
        if self.view is None:
            return "not computed yet: the case is being opened"
        computed = compute_clock(one.rule, self.facts, self.events, self.calendar)
        if isinstance(computed, NotStarted):
            return computed.why
        return "not computed at the last review: another version of it applies, or the facts have changed since"

    def why_not(self, one: SurveyedRule) -> str:
        """Every condition that fails. A clock that runs all the same comes from facts or rules before the last change."""
        why = "; ".join(words for _, words in one.verdict.missed)
        runs = (one.rule.rule_id, one.rule.variant) in self.running
        return f"{why}; its clock still runs from the last review, before this changed" if runs else why


def survey_clocks(
    s: Session,
    case_id: str,
    rules: tuple[ClockRule, ...],
    calendar: Calendar,
    inputs: ClockInputs,
    now: datetime,
) -> ClockSurvey:
    """Survey every rule for a request, by the facts on file now. Raises NotOnFile."""
    view = cases.get(s, case_id)
    stored = load_current_version(s, case_id) if view is None else requests.load(s, case_id, view.request_version)
    order = ReviewInput(
        case_id=case_id,
        request_version=stored.version,
        received_at=stored.request.received_at if view is None else view.received_at,
        events=_clock_events(journal.entries(s, case_id)),
        now=now,
    )
    facts, events = inputs(s, order)
    rows: Any = cases.clocks(s, case_id)
    return ClockSurvey(
        case_id=case_id,
        view=view,
        calendar=calendar,
        facts=facts,
        events=events,
        running={(one["rule_id"], one["variant"]): one for one in rows},
        sections=survey_rules(rules, facts, events),
    )


class FailedCondition(Model):
    """A condition of a rule that the case does not meet."""

    about: str
    why: str


class RuleDocument(Model):
    """A clock rule with whether it binds the case, and why. `clock` is the state of its clock, None where it does not bind."""

    rule_id: str
    variant: str
    title: str
    duty: str
    group: str
    binds: bool
    why: str
    fails: tuple[FailedCondition, ...]
    runs: bool
    clock: str | None
    citations: tuple[str, ...]
    confidence: str


class ClockSurveyDocument(Model):
    """Every clock rule looked at for one request, by the facts on file. `looked_at_with` is the rulebook of its last review."""

    case_id: str
    rulebook_version: str
    looked_at_with: str | None
    facts: ClockFacts
    rules: tuple[RuleDocument, ...]


def survey_document(here: ClockSurvey, rulebook_version: str) -> ClockSurveyDocument:
    """The survey for programs."""
    return ClockSurveyDocument(
        case_id=here.case_id,
        rulebook_version=rulebook_version,
        looked_at_with=here.pinned_version,
        facts=here.facts,
        rules=tuple(_rule_document(one, section, here) for section in here.sections for one in section.rules),
    )


def _rule_document(one: SurveyedRule, section: SurveySection, here: ClockSurvey) -> RuleDocument:
    rule, verdict = one.rule, one.verdict
    return RuleDocument(
        rule_id=rule.rule_id,
        variant=rule.variant,
        title=rule.title,
        duty=rule.duty.value,
        group=section.group,
        binds=bool(verdict.binds),
        why=verdict.why,
        fails=tuple(FailedCondition(about=about.value, why=words) for about, words in verdict.missed),
        runs=(rule.rule_id, rule.variant) in here.running,
        clock=here.clock_state(one, _exact_words) if verdict.binds else None,
        citations=tuple(rule.cites),
        confidence=rule.confidence.value,
    )


def _exact_words(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def describe_facts(facts: ClockFacts, describe: Callable[[datetime, str], str]) -> list[tuple[str, str]]:
    """The facts by which the rules were looked at, as names and values in words."""
    known = facts.model_dump(exclude={"received_at", "zone", "contract_times"})
    rows = [("received", describe(facts.received_at, facts.zone))]
    return rows + [(name.replace("_", " "), _value_text(value)) for name, value in known.items()]


def _clock_events(entries: tuple[JournalEntry, ...]) -> tuple[ClockEvent, ...]:
    """The journal's events that decide which rules apply: upgrades, refusals to expedite, answers, the decision and calls."""
    known = (ClockEvent(kind=_EVENT_KINDS[one.kind], at=one.at) for one in entries if one.kind in _EVENT_KINDS)
    return (*known, *(ClockEvent(kind=EventKind.ORAL_NOTICE_GIVEN, at=at) for at in notice_calls(entries)))


def _value_text(value: object) -> str:
    if value is None:
        return "not known or not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(one.value.replace("_", " ") for one in value) or "none"
    return str(value).replace("_", " ")
