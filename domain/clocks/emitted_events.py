"""The events that processes record for clocks, and those that wait for a process to come.

A rule that starts with an event which nobody records never runs, however right its text is. Every event that a rule names has
to stand in one of the two lists; those that wait are listed by name wherever the rulebook is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from domain.clocks.events import EventKind
from domain.clocks.rules import ClockRule

EMITTED_BY: Mapping[EventKind, str] = {
    EventKind.REQUEST_RECEIVED: "the receipt of a case",
    EventKind.EXPEDITED_REQUEST_RECEIVED: "the receipt of a case, or a later request to expedite",
    EventKind.UPGRADE_REQUESTED: "a request to expedite",
    EventKind.EXPEDITE_REFUSED: "the decision not to expedite",
    EventKind.EXPEDITE_REFUSAL_NOTICE_SENT: "the mailing of a letter",
    EventKind.INFORMATION_REQUESTED: "the mailing of a letter",
    EventKind.INFORMATION_RECEIVED: "records that arrive",
    EventKind.EXTENSION_NOTICE_SENT: "the mailing of a letter",
    EventKind.DECISION_MADE: "the determination, and the settling of a claim",
    EventKind.NOTICE_SENT: "the mailing of the decision to the member",
    EventKind.ORAL_NOTICE_GIVEN: "the call that tells the member the decision",
    EventKind.TIME_EXPIRED: "a missed clock",
    EventKind.REQUEST_DISMISSED: "the dismissal of a request",
    EventKind.DISMISSAL_NOTICE_SENT: "the mailing of the notice of dismissal to the member",
    EventKind.DISMISSAL_VACATED: "the vacating of a dismissal",
    EventKind.EXPEDITED_GRIEVANCE_RECEIVED: "a grievance about an extension or a refusal to expedite",
    EventKind.CASE_FILE_SENT: "the forwarding of a case file",
    EventKind.TEMPORARY_SUPPLY_GRANTED: "a temporary supply that the law grants",
    EventKind.OTHER_BENEFIT_FOUND: "the finding that another benefit pays for a drug",
    EventKind.PRESCRIBER_STATEMENT_RECEIVED: "the documents of a request",
    EventKind.EFFECTIVE_DATE_OF_ACTION: "the review that ends or reduces care",
    EventKind.ENROLLMENT_EFFECTIVE: "the coverage of a new member",
    EventKind.CLAIM_RECEIVED: "the receipt of a claim",
    EventKind.INPATIENT_ADMISSION: "the course of a stay",
    EventKind.OBSERVATION_BEGAN: "the course of a stay",
    EventKind.COVERAGE_END: "the course of a stay",
    EventKind.DISCHARGE: "the course of a stay",
    EventKind.QIO_NOTIFIED: "the review by a QIO",
    EventKind.QIO_HAS_INFORMATION: "the review by a QIO",
    EventKind.QIO_DECIDED: "the review by a QIO",
    EventKind.FORM_DELIVERED: "the delivery of a form",
    EventKind.NOTICE_DATED: "the notice of the denial that is appealed",
    EventKind.APPEAL_RECEIVED: "the receipt of an appeal, or of the proof of standing",
    EventKind.APPEAL_AFFIRMED: "the decision of an appeal",
    EventKind.EFFECTUATED: "the carrying out of what an appeal granted",
}
"""The recorder of each event."""

RECORDED_WHEN_AWAITED = frozenset({EventKind.DECISION_MADE, EventKind.NOTICE_SENT, EventKind.ORAL_NOTICE_GIVEN})
"""Events that a case records only where one of its clocks waits for them: all others need no further computation."""

_APPEALS = "appeals, hearings and external reviews"
_COMPLETE = "the finding that a submission is complete; the receipt, or the answer to a question, counts meanwhile"
WAITING_FOR: Mapping[EventKind, str] = {
    EventKind.APPEAL_REQUESTED: _APPEALS,
    EventKind.HEARING_REQUESTED: _APPEALS,
    EventKind.CASE_FILE_RECEIVED: _APPEALS,
    EventKind.REVERSAL_NOTICE_RECEIVED: _APPEALS,
    EventKind.EXTERNAL_REVIEW_REQUESTED: _APPEALS,
    EventKind.PRELIMINARY_REVIEW_COMPLETED: _APPEALS,
    EventKind.REVIEWER_ASSIGNED: _APPEALS,
    EventKind.REVIEWER_RECEIVED_REQUEST: _APPEALS,
    EventKind.NOTICE_RECEIVED: _APPEALS,
    EventKind.EXTENSION_DECIDED: _APPEALS,
    EventKind.GRIEVANCE_RECEIVED: "grievances",
    EventKind.NECESSARY_INFORMATION_RECEIVED: _COMPLETE,
    EventKind.COMPLETE_SUBMISSION: _COMPLETE,
}
"""Events that no process records yet, and what each waits for."""


class WaitingEvent(NamedTuple):
    """An event that waits for a process, with the rules that name it."""

    event: EventKind
    waits_for: str
    rules: tuple[str, ...]


def named_events(rule: ClockRule) -> Iterator[EventKind]:
    """Every event that a rule names to start, pause or owe something."""
    for point in rule.starts.points if rule.starts is not None else ():
        yield point.event
        yield from point.after
    if rule.starts is not None and rule.starts.not_before is not None:
        yield rule.starts.not_before
    if rule.needs is not None:
        yield from (rule.needs.event, rule.needs.of)
    if rule.pause is not None:
        yield from (rule.pause.since, rule.pause.until)
    for notice in rule.notices:
        yield from (event for event in (notice.after, notice.falls_away_with) if event is not None)


def unknown_events(rules: Iterable[ClockRule]) -> tuple[tuple[str, EventKind], ...]:
    """(rule, event) for every event that stands in neither list: the rule would never run, and nobody would know."""
    found = {(rule.rule_id, event) for rule in rules for event in named_events(rule)}
    return tuple(sorted(pair for pair in found if pair[1] not in EMITTED_BY and pair[1] not in WAITING_FOR))


def waiting_events(rules: Iterable[ClockRule]) -> tuple[WaitingEvent, ...]:
    """The events that wait for a process, with the rules that name them."""
    rules = tuple(rules)
    return tuple(
        WaitingEvent(event, waits_for, names)
        for event, waits_for in WAITING_FOR.items()
        if (names := tuple(dict.fromkeys(rule.rule_id for rule in rules if event in named_events(rule))))
    )
