"""The facts of a case that its clocks need, and the timeline of its events."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.calendars import local_day, utc_of_local_time, zone_of
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.rules import ClockLength
from domain.model import Model
from domain.vocabulary import Accreditor, Circumstance, Lob, Proceeding, ReviewKind, ServiceKind, Urgency


class ContractLength(Model):
    """A time that a State or a contract sets for one rule. `source` says where it is written."""

    rule_id: str
    length: ClockLength
    source: str


class ClockFacts(Model):
    """The facts by which rules bind a case. None means unknown, and an unknown fact exempts from no rule.

    `zone` is the case's one IANA zone; `received_at` is arrival at the plan or any delegate, by any channel, at any
    hour. `urgency` is as requested; later requests and refusals to expedite are events. `course_ends_at` is the end
    of an approved course of treatment that the request asks to extend; `no_course` says that nothing was approved
    before. `received_at` is the arrival of what opened the
    proceeding: the request, the appeal, the grievance, the request for external review. `stated_later` are those of the
    `circumstances` that were stated only in a change of the request: they bind rules and exempt from none, so that a change
    never moves a due instant later.
    """

    lob: Lob
    urgency: Urgency
    received_at: AwareDatetime
    zone: str
    service_kind: ServiceKind | None = None
    review_kind: ReviewKind | None = None
    requires_prior_authorization: bool | None = None
    state: str | None = None
    self_funded: bool | None = None
    electronic: bool | None = None
    proceeding: Proceeding = Proceeding.AUTHORIZATION
    accreditations: tuple[Accreditor, ...] | None = None
    circumstances: tuple[Circumstance, ...] = ()
    stated_later: tuple[Circumstance, ...] = ()
    noncontract_records_needed: bool | None = None
    clean_noncontract_claim: bool | None = None
    rating_period_start: date | None = None
    course_ends_at: AwareDatetime | None = None
    no_course: bool = False
    contract_times: tuple[ContractLength, ...] = ()


class Moment(NamedTuple):
    """An instant (UTC, whole seconds) and the local date from which days are counted."""

    at: datetime
    day: date


class TimelineEvent(NamedTuple):
    """An event in its place on the timeline."""

    moment: Moment
    event: ClockEvent


class ExpediteAttempt(NamedTuple):
    """A request to expedite: when it was received and, if it was refused, when."""

    start: Moment
    refused_at: datetime | None


def whole_second(instant: datetime) -> datetime:
    """The instant in UTC, truncated to the second: clocks count in whole seconds."""
    return instant.astimezone(UTC).replace(microsecond=0)


# Events that follow from the facts: the timeline event has the moment, so that none has to be built for every clock.
_DERIVED = {
    kind: ClockEvent(kind=kind, at=datetime(1970, 1, 1, tzinfo=UTC))
    for kind in (
        EventKind.REQUEST_RECEIVED,
        EventKind.EXPEDITED_REQUEST_RECEIVED,
        EventKind.APPEAL_RECEIVED,
        EventKind.GRIEVANCE_RECEIVED,
        EventKind.EXTERNAL_REVIEW_REQUESTED,
    )
}

# The event that opened a proceeding is received with the case, unless an event says otherwise.
_OPENED_BY = {
    Proceeding.APPEAL: EventKind.APPEAL_RECEIVED,
    Proceeding.GRIEVANCE: EventKind.GRIEVANCE_RECEIVED,
    Proceeding.EXTERNAL_REVIEW: EventKind.EXTERNAL_REVIEW_REQUESTED,
}


class Timeline:
    """The facts and the events in order, prepared once for any number of clocks."""

    def __init__(self, facts: ClockFacts, events: Iterable[ClockEvent]) -> None:
        self.facts = facts
        self.zone: ZoneInfo = zone_of(facts.zone)
        received = whole_second(facts.received_at)
        self.received = Moment(received, local_day(received, self.zone))
        self._by_kind: dict[EventKind, list[TimelineEvent]] = {}
        for event in events:
            if event.kind is not EventKind.REQUEST_RECEIVED:
                self._by_kind.setdefault(event.kind, []).append(TimelineEvent(self._moment(event), event))
        for happenings in self._by_kind.values():
            happenings.sort(key=lambda happening: happening.event.at)
        self._add(EventKind.REQUEST_RECEIVED, self.received)
        opened_by = _OPENED_BY.get(facts.proceeding)
        if opened_by is not None and opened_by not in self._by_kind:
            self._add(opened_by, self.received)
        self.attempts = self._attempts_to_expedite()
        if self.attempts:
            self._add(EventKind.EXPEDITED_REQUEST_RECEIVED, self.attempts[-1].start)

    def of(self, kind: EventKind, rule_id: str) -> list[TimelineEvent]:
        """The events of a kind that concern a rule, in the order of their stamps."""
        found = self._by_kind.get(kind)
        if not found:
            return []
        return [one for one in found if not one.event.rules or rule_id in one.event.rules]

    def for_expedite_attempt(self, attempt: ExpediteAttempt) -> Timeline:
        """The same timeline for the expedited clock of this attempt."""
        other = copy(self)
        other._by_kind = dict(self._by_kind)
        other._add(EventKind.EXPEDITED_REQUEST_RECEIVED, attempt.start)
        return other

    @cached_property
    def urgencies(self) -> frozenset[Urgency]:
        """The urgencies under which the case is handled: both, once it was expedited later or expediting was refused."""
        expedited = {Urgency.EXPEDITED} if self.attempts else set()
        refused = any(attempt.refused_at is not None for attempt in self.attempts)
        standard = {Urgency.STANDARD} if refused or self.facts.urgency is Urgency.STANDARD else set()
        return frozenset(expedited | standard)

    def _add(self, kind: EventKind, moment: Moment) -> None:
        self._by_kind[kind] = [TimelineEvent(moment, _DERIVED[kind])]

    def _moment(self, event: ClockEvent) -> Moment:
        if event.on is not None:
            return Moment(utc_of_local_time(event.on, time(0), self.zone), event.on)
        at = whole_second(event.at)
        return Moment(at, local_day(at, self.zone))

    def _attempts_to_expedite(self) -> tuple[ExpediteAttempt, ...]:
        """The attempts to expedite. A second request while the first one stands changes nothing: the earlier start counts."""
        upgrades = self._by_kind.get(EventKind.UPGRADE_REQUESTED, [])
        refusals = self._by_kind.get(EventKind.EXPEDITE_REFUSED, [])
        attempts = [ExpediteAttempt(self.received, None)] if self.facts.urgency is Urgency.EXPEDITED else []
        if not upgrades and not refusals:
            return tuple(attempts)
        for moment, event in sorted(upgrades + refusals, key=lambda happening: happening.event.at):
            stands = bool(attempts) and attempts[-1].refused_at is None
            if event.kind is EventKind.UPGRADE_REQUESTED and not stands:
                attempts.append(ExpediteAttempt(moment, None))
            elif event.kind is EventKind.EXPEDITE_REFUSED and stands:
                attempts[-1] = attempts[-1]._replace(refused_at=moment.at)
        return tuple(attempts)
