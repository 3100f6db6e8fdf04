"""`umpire clocks CASE`: every clock of the rulebook, with the reason that it does or does not apply to this case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from activities.lookups.clock_inputs import clock_inputs
from cli.terminal import output
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import CaseNumber, Json
from domain.authorization.orders import ReviewInput
from domain.cases.oral_notices import notice_calls
from domain.cases.views import CaseView
from domain.clocks.engine import NotStarted, compute_clock
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts
from domain.clocks.survey import SurveyedRule, SurveySection, survey_rules
from domain.journal import EntryKind, JournalEntry
from rulebook.rulebook import Rulebook, load_rulebook
from services.request_versions import load_current_version
from store import cases, journal, requests

_EVENT_KINDS = {
    EntryKind.EXPEDITED: EventKind.UPGRADE_REQUESTED,
    EntryKind.EXPEDITE_REFUSED: EventKind.EXPEDITE_REFUSED,
    EntryKind.INFORMATION_RECEIVED: EventKind.INFORMATION_RECEIVED,
    EntryKind.DETERMINATION_MADE: EventKind.DECISION_MADE,
}


@dataclass(frozen=True)
class CaseClocks:
    """A case's clocks and the rulebook in use. `running` are the case's clocks in the store, by rule and variant."""

    case_id: str
    view: CaseView | None
    book: Rulebook
    facts: ClockFacts
    events: tuple[ClockEvent, ...]
    running: dict[tuple[str, str], dict[str, Any]]

    @property
    def pinned_version(self) -> str | None:
        """The rulebook version of the case's last review; None before its first."""
        return None if self.view is None else self.view.rulebook_version


def clocks(context: typer.Context, case: CaseNumber, as_json: Json = False) -> None:
    """List every clock of the rulebook and why it does or does not apply: applicable clocks first, then near matches.

    Uses the facts on file now and the rulebook in use.
    """
    with handle_errors():
        book = load_rulebook()
        here = cli_context(context)
        with here.read_store() as s:
            found = _load_case_clocks(s, resolve_request_number(s, case), book, here.clock())
        sections = survey_rules(book.clocks, found.facts, found.events)
        if as_json:
            output.print_json(_case_clocks_json(found, sections))
        else:
            _print_sections(found, sections)


def _load_case_clocks(s: Session, case_id: str, book: Rulebook, now: datetime) -> CaseClocks:
    view = cases.get(s, case_id)
    stored = load_current_version(s, case_id) if view is None else requests.load(s, case_id, view.request_version)
    order = ReviewInput(
        case_id=case_id,
        request_version=stored.version,
        received_at=stored.request.received_at if view is None else view.received_at,
        events=_clock_events(journal.entries(s, case_id)),
        now=now,
    )
    facts, events = clock_inputs(s, book, order)
    rows: Any = cases.clocks(s, case_id)
    return CaseClocks(
        case_id=case_id,
        view=view,
        book=book,
        facts=facts,
        events=events,
        running={(one["rule_id"], one["variant"]): one for one in rows},
    )


def _clock_events(entries: tuple[JournalEntry, ...]) -> tuple[ClockEvent, ...]:
    """The journal's events that decide which rules apply: upgrades, refusals to expedite, answers, the decision and calls."""
    known = (ClockEvent(kind=_EVENT_KINDS[one.kind], at=one.at) for one in entries if one.kind in _EVENT_KINDS)
    return (*known, *(ClockEvent(kind=EventKind.ORAL_NOTICE_GIVEN, at=at) for at in notice_calls(entries)))


def _clock_state(one: SurveyedRule, here: CaseClocks) -> str:
    """State of an applicable rule: the due date of its duty, or the reason that its clock does not run."""
    clock = here.running.get((one.rule.rule_id, one.rule.variant))
    if clock is not None:
        if clock["set_aside"]:
            return f"set aside: {clock['set_aside']}"
        due = clock["due"][0]
        at = output.format_instant(datetime.fromisoformat(due["at"]), here.facts.zone)
        return f"{output.spell_out(due['kind'])} due {at}"
    if here.view is None:
        return "not computed yet: the case is being opened"
    computed = compute_clock(one.rule, here.facts, here.events, here.book.calendar)
    if isinstance(computed, NotStarted):
        return computed.why
    return "not computed at the last review: another version of it applies, or the facts have changed since"


# -- for people ------------------------------------------------------------------------------------------------------------


def _print_sections(here: CaseClocks, sections: tuple[SurveySection, ...]) -> None:
    bound = sum(len(one.rules) for one in sections if one.group == "binds")
    output.print_lines(
        f"Case {here.case_id}: {bound} of {len(here.book.clocks)} clock rules bind it, by rulebook {here.book.version}."
    )
    if here.pinned_version not in (None, here.book.version):
        output.print_lines(
            f"The case was last reviewed with rulebook {here.pinned_version}; its clocks below are by that version."
        )
    output.print_heading("Facts")
    output.print_table(("", ""), _fact_rows(here.facts), show_header=False)
    for section in sections:
        output.print_heading(f"{section.heading} ({len(section.rules)})")
        if section.group == "binds":
            bind = [
                (*_rule_name(one), _clock_state(one, here), one.verdict.why, *_rule_source(one))
                for one in section.rules
            ]
            output.print_table(("Rule", "What", "Clock", "Why", "Citation", "Confidence"), bind)
        else:
            rows = [(*_rule_name(one), _failed_conditions(one, here), *_rule_source(one)) for one in section.rules]
            output.print_table(("Rule", "What", "Why not", "Citation", "Confidence"), rows)


def _rule_name(one: SurveyedRule) -> tuple[str, str]:
    return f"{one.rule.rule_id} {one.rule.variant}".strip(), one.rule.title


def _rule_source(one: SurveyedRule) -> tuple[str, str]:
    return one.rule.citation, one.rule.confidence.value


def _failed_conditions(one: SurveyedRule, here: CaseClocks) -> str:
    """Every condition that fails. A clock that runs all the same comes from facts or rules before the last change."""
    why = "; ".join(words for _, words in one.verdict.missed)
    runs = (one.rule.rule_id, one.rule.variant) in here.running
    return f"{why}; its clock still runs from the last review, before this changed" if runs else why


def _fact_rows(facts: ClockFacts) -> list[tuple[str, str]]:
    known = facts.model_dump(exclude={"received_at", "zone", "contract_times"})
    rows = [("received", output.format_instant(facts.received_at, facts.zone))]
    return rows + [(output.spell_out(name), _value_text(value)) for name, value in known.items()]


def _value_text(value: object) -> str:
    if value is None:
        return "not known or not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(output.spell_out(one.value) for one in value) or "none"
    return output.spell_out(str(value))


# -- for programs ----------------------------------------------------------------------------------------------------------


def _case_clocks_json(here: CaseClocks, sections: tuple[SurveySection, ...]) -> dict[str, Any]:
    return {
        "case_id": here.case_id,
        "rulebook_version": here.book.version,
        "looked_at_with": here.pinned_version,
        "facts": here.facts,
        "rules": [_rule_json(one, section, here) for section in sections for one in section.rules],
    }


def _rule_json(one: SurveyedRule, section: SurveySection, here: CaseClocks) -> dict[str, Any]:
    rule, verdict = one.rule, one.verdict
    return {
        "rule_id": rule.rule_id,
        "variant": rule.variant,
        "title": rule.title,
        "duty": rule.duty.value,
        "group": section.group,
        "binds": verdict.binds,
        "why": verdict.why,
        "fails": [{"about": about.value, "why": words} for about, words in verdict.missed],
        "runs": (rule.rule_id, rule.variant) in here.running,
        "clock": _clock_state(one, here) if verdict.binds else None,
        "citations": list(rule.cites),
        "confidence": rule.confidence.value,
    }
