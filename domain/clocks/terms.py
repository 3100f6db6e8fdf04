"""Terms of clock rules: units and lengths of time, duties and their conditions, and effects of a miss."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from domain.model import Model


class ClockUnit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


ELAPSED_UNITS = frozenset({ClockUnit.MINUTES, ClockUnit.HOURS})


class DayEnd(StrEnum):
    """The time on its last day at which a clock of days ends. Clocks of hours and minutes end to the second, elapsed."""

    END_OF_DAY = "end_of_day"
    CLOSE_OF_BUSINESS = "close_of_business"
    NOON = "noon"


class Roll(StrEnum):
    """Adjustment when the last day is not a business day."""

    NONE = "none"
    NEXT_BUSINESS_DAY = "next_business_day"
    PREVIOUS_BUSINESS_DAY = "previous_business_day"


class DueKind(StrEnum):
    """Kinds of duty at a due instant."""

    DECISION = "decision"
    ORAL_NOTICE = "oral_notice"
    """Notice of the decision to the member, orally or in writing: a call is the way while the letter is not out."""
    MEMBER_CALL = "member_call"
    """Notice of the decision to the member by telephone, whatever is written beside it."""
    PROVIDER_CALL = "provider_call"
    """Notice of the decision to the provider by telephone or another telecommunication device."""
    EXPEDITE_REFUSAL_CALL = "expedite_refusal_call"
    WRITTEN_NOTICE = "written_notice"
    PROVIDER_NOTICE = "provider_notice"
    DEEMED_NOTICE = "deemed_notice"
    EXTENSION_NOTICE_LATEST = "extension_notice_latest"
    INFORMATION_REQUEST = "information_request"
    PROCEDURE_NOTICE = "procedure_notice"
    EXPEDITE_REFUSAL_NOTICE = "expedite_refusal_notice"
    SUPPLY_NOTICE = "supply_notice"
    OTHER_BENEFIT_NOTICE = "other_benefit_notice"
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


class DutyCondition(StrEnum):
    """The condition under which a duty exists."""

    ALWAYS = "always"
    IF_INFORMATION_IS_MISSING = "if_information_is_missing"
    IF_NOT_PROPERLY_FILED = "if_not_properly_filed"
    IF_ADVERSE = "if_adverse"
    IF_REVERSED = "if_reversed"


class MissedClockEffect(StrEnum):
    """Legal effects of a missed clock. None of these is a clinical decision: nobody reviewed anything."""

    DEEMED_ADVERSE = "deemed_adverse"
    DEEMED_ADVERSE_FORWARD = "deemed_adverse_forward"
    DEEMED_AFFIRMED_FORWARD = "deemed_affirmed_forward"
    DEEMED_DENIED = "deemed_denied"
    DEEMED_EXHAUSTED = "deemed_exhausted"
    DEEMED_APPROVED = "deemed_approved"
    DEEMED_REVERSED = "deemed_reversed"
    PLAN_PAYS = "plan_pays"
    VIOLATION = "violation"


# Effects that need a notice of their own to the member. A deemed approval is communicated by the approval letters.
EFFECTS_WITH_NOTICE = frozenset(
    {
        MissedClockEffect.DEEMED_ADVERSE,
        MissedClockEffect.DEEMED_ADVERSE_FORWARD,
        MissedClockEffect.DEEMED_AFFIRMED_FORWARD,
        MissedClockEffect.DEEMED_DENIED,
        MissedClockEffect.DEEMED_EXHAUSTED,
    }
)

# Effects that auto-forward the case file to the independent review entity (IRE).
FORWARDING_EFFECTS = frozenset({MissedClockEffect.DEEMED_ADVERSE_FORWARD, MissedClockEffect.DEEMED_AFFIRMED_FORWARD})


class Duration(Model):
    """A length of time. Negative values count back from the start. `less_holidays` skips holidays but not weekends."""

    value: int
    unit: ClockUnit
    less_holidays: bool = False

    @model_validator(mode="after")
    def _only_calendar_days_skip_holidays(self) -> Self:
        if self.less_holidays and self.unit is not ClockUnit.CALENDAR_DAYS:
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


class ClockLength(Duration):
    """The length of a clock, and the time on its last day at which it ends. `first_day_counts`: the start is day 1."""

    ends: DayEnd = DayEnd.END_OF_DAY
    roll: Roll = Roll.NONE
    first_day_counts: bool = False

    @model_validator(mode="after")
    def _elapsed_time_has_no_days(self) -> Self:
        if self.elapsed and (self.roll is not Roll.NONE or self.ends is not DayEnd.END_OF_DAY or self.first_day_counts):
            raise ValueError(f"a length in {self.unit} ends to the second; ends, roll, first_day_counts are for days")
        return self


class StartChoice(StrEnum):
    """Choice among several starts: the earliest, the latest once all have happened, or the first in the list that has."""

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
