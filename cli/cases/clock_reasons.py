"""`umpire clocks CASE`: every clock of the rulebook, and why it binds this case or does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from activities.lookups.clock_inputs import facts_on_file
from cli.terminal import output
from cli.terminal.context import known_request, office
from cli.terminal.errors import told
from cli.terminal.options import CaseNumber, Json
from domain.authorization.orders import LookOrder
from domain.cases.views import CaseView
from domain.clocks.engine import NotStarted, compute
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts
from domain.clocks.survey import Section, Surveyed, survey
from domain.journal import EntryKind, JournalEntry
from rulebook.rulebook import Rulebook, load_rulebook
from services.request_versions import current
from store import cases, journal, requests

_SAYS = {
    EntryKind.EXPEDITED: EventKind.UPGRADE_REQUESTED,
    EntryKind.EXPEDITE_REFUSED: EventKind.EXPEDITE_REFUSED,
    EntryKind.INFORMATION_RECEIVED: EventKind.INFORMATION_RECEIVED,
}


@dataclass(frozen=True)
class Surroundings:
    """A case and the rulebook in use. `running` are the case's clocks as the store shows them, by rule and variant."""

    case_id: str
    view: CaseView | None
    book: Rulebook
    facts: ClockFacts
    events: tuple[ClockEvent, ...]
    running: dict[tuple[str, str], dict[str, Any]]

    @property
    def pinned(self) -> str | None:
        """The version by which the case was last looked at; None before its first look."""
        return None if self.view is None else self.view.rulebook_version


def clocks(context: typer.Context, case: CaseNumber, as_json: Json = False) -> None:
    """Every clock of the rulebook, and why it binds this case or does not: first what binds, then what nearly does.

    The facts are those on file now, and the rules those of the rulebook in use.
    """
    with told():
        book = load_rulebook()
        here = office(context)
        with here.reading() as s:
            found = _surroundings(s, known_request(s, case), book, here.clock())
        sections = survey(book.clocks, found.facts, found.events)
        if as_json:
            output.as_json(_data(found, sections))
        else:
            _render(found, sections)


def _surroundings(s: Session, case_id: str, book: Rulebook, now: datetime) -> Surroundings:
    view = cases.get(s, case_id)
    stored = current(s, case_id) if view is None else requests.load(s, case_id, view.request_version)
    order = LookOrder(
        case_id=case_id,
        request_version=stored.version,
        received_at=stored.request.received_at if view is None else view.received_at,
        events=_events(journal.entries(s, case_id)),
        now=now,
    )
    facts, events = facts_on_file(s, book, order)
    rows: Any = cases.clocks(s, case_id)
    return Surroundings(
        case_id=case_id,
        view=view,
        book=book,
        facts=facts,
        events=events,
        running={(one["rule_id"], one["variant"]): one for one in rows},
    )


def _events(entries: tuple[JournalEntry, ...]) -> tuple[ClockEvent, ...]:
    """What the journal tells of the events by which rules bind: upgrades, refusals to expedite, and answers."""
    return tuple(ClockEvent(kind=_SAYS[one.kind], at=one.at) for one in entries if one.kind in _SAYS)


def _state(one: Surveyed, here: Surroundings) -> str:
    """What became of a rule that binds: when its duty is due, or why its clock does not run."""
    clock = here.running.get((one.rule.rule_id, one.rule.variant))
    if clock is not None:
        if clock["set_aside"]:
            return f"set aside: {clock['set_aside']}"
        due = clock["due"][0]
        return f"{output.words(due['kind'])} due {output.instant(datetime.fromisoformat(due['at']), here.facts.zone)}"
    if here.view is None:
        return "not computed yet: the case is being opened"
    computed = compute(one.rule, here.facts, here.events, here.book.calendar)
    if isinstance(computed, NotStarted):
        return computed.why
    return "not computed at the last look: another version of it counts, or the facts have changed since"


# -- for people ------------------------------------------------------------------------------------------------------------


def _render(here: Surroundings, sections: tuple[Section, ...]) -> None:
    bound = sum(len(one.rules) for one in sections if one.group == "binds")
    output.say(
        f"Case {here.case_id}: {bound} of {len(here.book.clocks)} clock rules bind it, by rulebook {here.book.version}."
    )
    if here.pinned not in (None, here.book.version):
        output.say(f"The case was last looked at with rulebook {here.pinned}; its clocks below are by that one.")
    output.heading("By these facts")
    output.table(("", ""), _facts(here.facts), show_header=False)
    for section in sections:
        output.heading(f"{section.heading} ({len(section.rules)})")
        if section.group == "binds":
            bind = [(*_name(one), _state(one, here), one.verdict.why, *_law(one)) for one in section.rules]
            output.table(("Rule", "What", "Clock", "Why", "Citation", "Confidence"), bind)
        else:
            rows = [(*_name(one), _why_not(one, here), *_law(one)) for one in section.rules]
            output.table(("Rule", "What", "Why not", "Citation", "Confidence"), rows)


def _name(one: Surveyed) -> tuple[str, str]:
    return f"{one.rule.rule_id} {one.rule.variant}".strip(), one.rule.title


def _law(one: Surveyed) -> tuple[str, str]:
    return one.rule.citation, one.rule.confidence.value


def _why_not(one: Surveyed, here: Surroundings) -> str:
    """Every condition that fails. A clock that runs all the same is by facts or rules that have changed since the last look."""
    why = "; ".join(words for _, words in one.verdict.missed)
    runs = (one.rule.rule_id, one.rule.variant) in here.running
    return f"{why}; its clock runs from the last look, before this changed" if runs else why


def _facts(facts: ClockFacts) -> list[tuple[str, str]]:
    known = facts.model_dump(exclude={"received_at", "zone", "contract_times"})
    rows = [("received", output.instant(facts.received_at, facts.zone))]
    return rows + [(output.words(name), _said(value)) for name, value in known.items()]


def _said(value: object) -> str:
    if value is None:
        return "not known or not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(output.words(one.value) for one in value) or "none"
    return output.words(str(value))


# -- for programs ----------------------------------------------------------------------------------------------------------


def _data(here: Surroundings, sections: tuple[Section, ...]) -> dict[str, Any]:
    return {
        "case_id": here.case_id,
        "rulebook_version": here.book.version,
        "looked_at_with": here.pinned,
        "facts": here.facts,
        "rules": [_entry(one, section, here) for section in sections for one in section.rules],
    }


def _entry(one: Surveyed, section: Section, here: Surroundings) -> dict[str, Any]:
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
        "clock": _state(one, here) if verdict.binds else None,
        "citations": list(rule.cites),
        "confidence": rule.confidence.value,
    }
