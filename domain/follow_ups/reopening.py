"""Reopening of decisions by the rule of the line of business: who may ask, until when, and on which ground."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, model_validator

from domain.calendars import END_OF_DAY, add_months, local_day, utc_of_local_time
from domain.cited_value import CitedEntry
from domain.model import Model
from domain.requests.after_decision import AfterDecision, AfterDecisionFinding, AfterDecisionKind, ReopeningGround
from domain.vocabulary import AskedBy, Lob

GOOD_CAUSE = frozenset({ReopeningGround.NEW_EVIDENCE, ReopeningGround.EVIDENT_ERROR})
"""The grounds that are good cause (42 CFR 405.986(a))."""
NO_RULE = "no-reopening-rule"


class ReopeningUnit(StrEnum):
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class ReopeningTime(Model):
    """A time after a decision, to the end of its last local day; the day of the decision is day 0."""

    value: PositiveInt
    unit: ReopeningUnit

    def ends(self, decided_at: datetime, zone: ZoneInfo) -> datetime:
        """The end of the time (UTC)."""
        day = local_day(decided_at, zone)
        months = self.unit is ReopeningUnit.MONTHS
        last = add_months(day, self.value) if months else day + timedelta(days=self.value)
        return utc_of_local_time(last, END_OF_DAY, zone)


class ReopeningRule(CitedEntry):
    """A line's rule on looking again at what was decided, for decisions from `first_day` on.

    `within` is the time for any reason, `for_good_cause` the longer one for new and material evidence or an evident error
    (None: no such time). `clerical_errors_at_any_time`: an error of writing is set right without a limit. `who` may ask;
    `otherwise` is what becomes of a request that the rule does not reopen, in words for staff.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    within: ReopeningTime
    for_good_cause: ReopeningTime | None = None
    clerical_errors_at_any_time: bool = False
    who: tuple[AskedBy, ...] = Field(min_length=1)
    otherwise: str = Field(min_length=1)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self

    def binds(self, lob: Lob, day: date) -> bool:
        """Whether the rule binds decisions of this day."""
        return lob in self.lobs and self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def ends(self, ground: ReopeningGround | None, decided_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The end of the time (UTC) for this ground; None where it has none."""
        if ground is ReopeningGround.CLERICAL_ERROR and self.clerical_errors_at_any_time:
            return None
        if self.for_good_cause is not None and ground in GOOD_CAUSE:
            return self.for_good_cause.ends(decided_at, zone)
        return self.within.ends(decided_at, zone)


def apply_reopening_rule(
    rules: Iterable[ReopeningRule], lob: Lob, asked: AfterDecision, received_at: datetime, zone: ZoneInfo
) -> AfterDecisionFinding:
    """Apply the rule of the line to what is asked and received at `received_at` (UTC).

    What is no reopening is permitted here: it has rules of its own. Without a rule, or without a known day of the decision,
    people decide whether it is reopened; nothing is refused for it.
    """
    if asked.kind is not AfterDecisionKind.REOPENING:
        because = "a change of an authorization is asked for like the authorization itself"
        return AfterDecisionFinding(
            asked=asked, permitted=True, rule_id=asked.kind.value, citation="plan policy", because=because
        )
    day = None if asked.decided_at is None else local_day(asked.decided_at, zone)
    rule = None if day is None else next((one for one in rules if one.binds(lob, day)), None)
    if rule is None or asked.decided_at is None:
        because = "no rule of the line says whether this decision may be reopened"
        return AfterDecisionFinding(asked=asked, permitted=False, rule_id=NO_RULE, citation="", because=because)
    until = rule.ends(asked.ground, asked.decided_at, zone)
    found = AfterDecisionFinding(
        asked=asked, permitted=True, rule_id=rule.rule_id, citation=rule.source, because="", until=until
    )
    if asked.asked_by not in rule.who:
        who = ", ".join(one.value for one in rule.who)
        because = f"the {asked.asked_by.value} may not ask for it, only: {who}; {rule.otherwise}"
        return found.model_copy(update={"permitted": False, "because": because})
    if until is not None and received_at > until:
        because = f"the time for it ended on {local_day(until, zone).isoformat()}; {rule.otherwise}"
        return found.model_copy(update={"permitted": False, "because": because})
    ground = (asked.ground or ReopeningGround.OTHER).value.replace("_", " ")
    return found.model_copy(update={"because": f"{ground}, received in time"})


def describe_finding(found: AfterDecisionFinding) -> str:
    """The rule and its result in a sentence, for the journal."""
    asked = found.asked
    if asked.kind is not AfterDecisionKind.REOPENING:
        number = asked.authorization_number or asked.case_id
        return f"It is about authorization {number}: {asked.kind.value.replace('_', ' ')}."
    word = "It reopens" if found.permitted else "It asks to reopen"
    cite = f" ({found.citation})" if found.citation else ""
    return f"{word} {asked.case_id}: {found.because}{cite}."
