"""A clock rule as data: its scope, start, length, extension and tolling, notices, and the consequence of a miss."""

from __future__ import annotations

from datetime import date, time
from typing import Self

from pydantic import Field, field_validator, model_validator

from domain.calendars import zone_of
from domain.cited_value import Confidence
from domain.clocks.consequences import Consequence, Liability, LiableParty, MissNoticeRule
from domain.clocks.events import EventKind, ExtensionReason
from domain.clocks.terms import (
    ClockLength,
    ClockUnit,
    ContractTime,
    DayEnd,
    DueKind,
    Duration,
    DutyCondition,
    EffectiveBy,
    MissedClockEffect,
    Roll,
    StartChoice,
)
from domain.model import Model
from domain.vocabulary import Accreditor, Circumstance, Lob, Proceeding, ReviewKind, ServiceKind, Urgency

__all__ = [
    "RuleScope",
    "LiableParty",
    "ClockRule",
    "DutyCondition",
    "Confidence",
    "Consequence",
    "ContractTime",
    "DueKind",
    "MissedClockEffect",
    "EffectiveWindow",
    "EffectiveBy",
    "DayEnd",
    "Extension",
    "ClockLength",
    "Liability",
    "Prerequisite",
    "NoticeDuty",
    "Pause",
    "Roll",
    "Duration",
    "StaffedHours",
    "ClockStart",
    "StartPoint",
    "StartChoice",
    "MissNoticeRule",
    "Tolling",
    "ClockUnit",
]


class StaffedHours(Model):
    """Hours during which a clock may start; outside them it starts with the next staffed period (28 TAC 19.1718)."""

    zone: str
    weekdays: tuple[time, time]
    other_days: tuple[time, time]

    @field_validator("zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        zone_of(value)
        return value

    @field_validator("weekdays", "other_days")
    @classmethod
    def _opens_first(cls, value: tuple[time, time]) -> tuple[time, time]:
        if value[0] >= value[1]:
            raise ValueError("write the opening time and a later closing time")
        return value


class StartPoint(Model):
    """An event, possibly with a span after it, or the end of the time that the event's notice gives.

    `after` admits only what happened at or after the first of these events, each counted from the one before it; `last`
    takes the last happening, not the first.
    """

    event: EventKind
    plus: Duration | None = None
    end_of_time_given: Duration | None = Field(default=None, description="The least time that the notice has to give.")
    after: tuple[EventKind, ...] = ()
    last: bool = False
    unless_asked: bool = Field(
        default=False,
        description="It counts as long as no information was asked for before the clock, counted from here, would end.",
    )

    @field_validator("end_of_time_given")
    @classmethod
    def _hours_or_days(cls, value: Duration | None) -> Duration | None:
        if value is not None and value.unit not in (ClockUnit.HOURS, ClockUnit.CALENDAR_DAYS):
            raise ValueError("the time given for an answer is in hours or calendar_days")
        if value is not None and value.value < 1:
            raise ValueError("a time that is given for an answer is at least 1")
        return value


class ClockStart(Model):
    """The start of a clock: `take` says which of the points counts. It never lies before the event `not_before`, once that
    happened."""

    points: tuple[StartPoint, ...] = Field(min_length=1)
    take: StartChoice = StartChoice.EARLIEST
    not_before: EventKind | None = None
    staffed_hours: StaffedHours | None = None
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_event_needs_no_list(cls, data: object) -> object:
        if isinstance(data, dict) and "event" in data and "points" not in data:
            point = {key: value for key, value in data.items() if key in StartPoint.model_fields}
            rest = {key: value for key, value in data.items() if key not in StartPoint.model_fields}
            return {"points": (point,), **rest}
        return data


class Prerequisite(Model):
    """A prerequisite for a clock to run at all: `event` after `of`, and within `within` of it."""

    event: EventKind
    within: ClockLength
    of: EventKind


class Extension(Model):
    """The extension that a rule allows, once. `most` None means: up to the day that the notice names.

    The notice must go out before the base due instant. `reasons` lists the allowed ones (empty: any).
    """

    most: Duration | None
    reasons: tuple[ExtensionReason, ...] = ()
    not_for: tuple[ServiceKind, ...] = ()
    notice: str = ""
    cite: str | None = None

    @field_validator("most")
    @classmethod
    def _adds_time(cls, value: Duration | None) -> Duration | None:
        if value is not None and value.value < 1:
            raise ValueError("an extension adds time: write a value of at least 1")
        return value


class Tolling(Model):
    """The clock stops from the sending of an extension notice for this reason until the answer, or the end of the time
    given for it, which is at least `least_days_given` calendar days."""

    reason: ExtensionReason
    least_days_given: int = Field(ge=1)
    cite: str | None = None


class Pause(Model):
    """Days between two events that do not count."""

    since: EventKind
    until: EventKind


class NoticeDuty(Model):
    """A notice that is due beside the rule's own duty: at the same instant, or `length` after the event `after`.

    It falls away when `falls_away_with` happened by its due instant (written notice, where oral notice came first).
    """

    kind: DueKind
    to: str
    form: str
    after: EventKind | None = None
    length: ClockLength | None = None
    falls_away_with: EventKind | None = None
    with_effect: bool = Field(
        default=False, description="A missed notice has the effect of the rule's own missed duty."
    )
    cite: str | None = None

    @model_validator(mode="after")
    def _length_and_event_go_together(self) -> Self:
        if (self.after is None) != (self.length is None):
            raise ValueError("after and length go together: write both, or none for the instant of the rule's own duty")
        return self


class EffectiveWindow(Model):
    """The days, both included, on which receipt (or the start of the rating period) has to fall."""

    by: EffectiveBy = EffectiveBy.RECEIVED
    first_day: date | None = None
    last_day: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day is not None and self.last_day is not None and self.first_day > self.last_day:
            raise ValueError("first_day lies after last_day")
        return self

    def overlaps(self, other: EffectiveWindow) -> bool:
        """Whether some day lies in both windows; windows by different dates are not compared."""
        starts_in_time = self.first_day is None or other.last_day is None or self.first_day <= other.last_day
        ends_late = self.last_day is None or other.first_day is None or self.last_day >= other.first_day
        return self.by is other.by and starts_in_time and ends_late


class RuleScope(Model):
    """The scope of a rule: every condition given has to hold, and an unknown fact does not exempt from the rule.

    Three things bind only where they are stated, because a case that does not state them has none: `state`, `accredited_by`
    and `circumstances` (one of those listed is enough). `unless` exempts a case that states one of them.
    """

    proceeding: tuple[Proceeding, ...] = Field(default=(Proceeding.AUTHORIZATION,), min_length=1)
    lob: tuple[Lob, ...] = ()
    review_kind: tuple[ReviewKind, ...] = ()
    urgency: Urgency | None = None
    service_kind: tuple[ServiceKind, ...] = ()
    requires_prior_authorization: bool | None = None
    state: tuple[str, ...] = ()
    self_funded: bool | None = None
    electronic: bool | None = None
    accredited_by: Accreditor | None = None
    circumstances: tuple[Circumstance, ...] = ()
    unless: tuple[Circumstance, ...] = ()
    noncontract_records_needed: bool | None = None
    clean_noncontract_claim: bool | None = None
    least_hours_before_course_ends: int | None = None
    most_hours_before_course_ends: int | None = None


class ClockRule(Model):
    """One dated rule. Entries with the same `rule_id` are versions or variants of one duty, told apart by `variant`.

    A rule has exactly one of: `length` (it runs), `uses` (other rules run in its name), `in_words` (a duty that has no
    instant). `note` and `traps` are commentary for people.
    """

    rule_id: str = Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")
    variant: str = ""
    title: str
    applies: RuleScope
    effective: EffectiveWindow = EffectiveWindow()
    duty: DueKind
    to: str = ""
    condition: DutyCondition = DutyCondition.ALWAYS
    starts: ClockStart | None = None
    needs: Prerequisite | None = None
    length: ClockLength | None = None
    opens: Duration | None = Field(
        default=None, description="Days from the start on which the duty may be done at the earliest."
    )
    uses: tuple[str, ...] = ()
    in_words: str = ""
    calendar: str | None = Field(
        default=None,
        description="The calendar by which the law counts business days and holidays; the federal one unless named.",
    )
    contract_time: ContractTime = ContractTime.NO
    extension: Extension | None = None
    tolling: Tolling | None = None
    pause: Pause | None = None
    notices: tuple[NoticeDuty, ...] = ()
    replaces: tuple[str, ...] = ()
    missed: Consequence | None = None
    cites: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence
    unsettled: str = Field(
        default="",
        description="Why the law is not known to be in force: until that is settled, the rule binds no case.",
    )
    note: str = ""
    traps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_marked_unsure(self) -> Self:
        if self.unsettled and self.confidence is not Confidence.UNSURE:
            raise ValueError("a rule that is unsettled is marked unsure")
        return self

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if sum((self.length is not None, bool(self.uses), bool(self.in_words))) != 1:
            raise ValueError("write exactly one of length, uses and in_words")
        if self.length is not None and self.starts is None:
            raise ValueError("a rule with a length needs starts")
        if self.tolling is not None:
            self._check_tolling()
        if self.opens is not None and (self.length is None or self.opens.elapsed):
            raise ValueError("opens is for a rule with a length, and in days")
        return self

    def _check_tolling(self) -> None:
        days = ClockUnit.CALENDAR_DAYS
        if self.length is None or self.length.unit is not days:
            raise ValueError("only a clock of calendar days can be tolled")
        if self.extension is None or self.extension.most is None or self.extension.most.unit is not days:
            raise ValueError("tolling needs an extension of calendar days: a clock is tolled by an extension notice")

    @property
    def citation(self) -> str:
        return self.cites[0]
