"""The words of clock rules: units and lengths of time, what is owed, when it is owed, and what a miss does."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from domain.model import Model


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


ELAPSED_UNITS = frozenset({Unit.MINUTES, Unit.HOURS})


class Ends(StrEnum):
    """At which instant of its last day a clock of days ends. Clocks of hours and minutes end to the second, elapsed."""

    END_OF_DAY = "end_of_day"
    CLOSE_OF_BUSINESS = "close_of_business"
    NOON = "noon"


class Roll(StrEnum):
    """What happens when the last day is no business day."""

    NONE = "none"
    NEXT_BUSINESS_DAY = "next_business_day"
    PREVIOUS_BUSINESS_DAY = "previous_business_day"


class DueKind(StrEnum):
    """What is owed at a due instant."""

    DECISION = "decision"
    ORAL_NOTICE = "oral_notice"
    WRITTEN_NOTICE = "written_notice"
    PROVIDER_NOTICE = "provider_notice"
    DEEMED_NOTICE = "deemed_notice"
    EXTENSION_NOTICE_LATEST = "extension_notice_latest"
    INFORMATION_REQUEST = "information_request"
    PROCEDURE_NOTICE = "procedure_notice"
    EXPEDITE_REFUSAL_NOTICE = "expedite_refusal_notice"
    GRIEVANCE_ANSWER = "grievance_answer"
    FILING = "filing"
    PAYMENT = "payment"
    CASE_FILE = "case_file"
    EFFECTUATION = "effectuation"
    SERVICE = "service"
    FORM_DELIVERY = "form_delivery"
    HEARING_REQUEST = "hearing_request"
    PRELIMINARY_REVIEW = "preliminary_review"
    END_OF_PROTECTION = "end_of_protection"


class Condition(StrEnum):
    """When a duty is owed at all."""

    ALWAYS = "always"
    IF_INFORMATION_IS_MISSING = "if_information_is_missing"
    IF_NOT_PROPERLY_FILED = "if_not_properly_filed"
    IF_ADVERSE = "if_adverse"
    IF_REVERSED = "if_reversed"


class Effect(StrEnum):
    """What the law makes of a missed clock. None of these is a clinical decision: nobody reviewed anything."""

    DEEMED_ADVERSE = "deemed_adverse"
    DEEMED_ADVERSE_FORWARD = "deemed_adverse_forward"
    DEEMED_AFFIRMED_FORWARD = "deemed_affirmed_forward"
    DEEMED_DENIED = "deemed_denied"
    DEEMED_EXHAUSTED = "deemed_exhausted"
    DEEMED_APPROVED = "deemed_approved"
    DEEMED_REVERSED = "deemed_reversed"
    PLAN_PAYS = "plan_pays"
    VIOLATION = "violation"


# Effects that the member has to be told of by a notice of their own. A deemed approval is told by the approval's letters.
TOLD_BY_NOTICE = frozenset(
    {
        Effect.DEEMED_ADVERSE,
        Effect.DEEMED_ADVERSE_FORWARD,
        Effect.DEEMED_AFFIRMED_FORWARD,
        Effect.DEEMED_DENIED,
        Effect.DEEMED_EXHAUSTED,
    }
)

# Effects by which the case file goes to an independent reviewer without anybody asking.
FORWARDED = frozenset({Effect.DEEMED_ADVERSE_FORWARD, Effect.DEEMED_AFFIRMED_FORWARD})


class Span(Model):
    """A length of time. Negative values count back from the start. `less_holidays` skips holidays but not weekends."""

    value: int
    unit: Unit
    less_holidays: bool = False

    @model_validator(mode="after")
    def _only_calendar_days_skip_holidays(self) -> Self:
        if self.less_holidays and self.unit is not Unit.CALENDAR_DAYS:
            raise ValueError("less_holidays is for calendar_days")
        return self

    @property
    def elapsed(self) -> bool:
        return self.unit in ELAPSED_UNITS

    def __str__(self) -> str:
        number = abs(self.value)
        unit = self.unit.value.replace("_", " ")
        words = f"{number} {unit.removesuffix('s') if number == 1 else unit}"
        return words + (" not counting holidays" if self.less_holidays else "")


class Length(Span):
    """How long a clock runs, and at which instant of its last day it ends. `first_day_counts`: the start is day 1."""

    ends: Ends = Ends.END_OF_DAY
    roll: Roll = Roll.NONE
    first_day_counts: bool = False

    @model_validator(mode="after")
    def _elapsed_time_has_no_days(self) -> Self:
        if self.elapsed and (self.roll is not Roll.NONE or self.ends is not Ends.END_OF_DAY or self.first_day_counts):
            raise ValueError(f"a length in {self.unit} ends to the second; ends, roll, first_day_counts are for days")
        return self


class Take(StrEnum):
    """Which of several starts counts: the earliest, the latest once all have happened, or the first in the list that has."""

    EARLIEST = "earliest"
    LATEST = "latest"
    PREFERRED = "preferred"


class EffectiveBy(StrEnum):
    RECEIVED = "received"
    RATING_PERIOD_START = "rating_period_start"


class ContractTime(StrEnum):
    """Whether a State or a contract may set another time: only a shorter one, or any (it then replaces the length)."""

    NO = "no"
    SHORTER = "shorter"
    SETS = "sets"
