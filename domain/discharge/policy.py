"""The policy of safe discharges: the assessment, the needs of each setting, the tasks after it, and their due dates.

Everything here asks, plans and reminds. A gap in the checklist opens a task; it never ends coverage, and an early readmission
is reviewed and never denied for that reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, model_validator

from domain.calendars import END_OF_DAY, Calendar, local_day, utc_of_local_time
from domain.cited_value import CitedCount, CitedEntry
from domain.model import Model
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.readmissions import ReadmissionRule
from domain.vocabulary import Lob, Role

_DAY = timedelta(days=1)


class AssessmentDomain(StrEnum):
    """Domains of the needs assessment. Background and social needs help to plan; they are never a reason to deny."""

    FUNCTION = "function"
    COGNITION = "cognition"
    CAREGIVER = "caregiver"
    HOME = "home"
    EQUIPMENT = "equipment"
    MEDICINES = "medicines"
    TRANSPORT = "transport"
    FOOD = "food"
    LANGUAGE = "language"
    SOCIAL_BACKGROUND = "social_background"


class AssessmentQuestion(CitedEntry):
    domain: AssessmentDomain
    question: str = Field(min_length=1)


class ChecklistItem(CitedEntry):
    """An item to complete before a discharge. `days_before` counts from the target date; None: by the discharge.

    `settings` limits an item to targets; empty means every target.
    """

    item: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    role: Role
    days_before: NonNegativeInt | None = None
    settings: tuple[LevelOfCare, ...] = ()


class Complexity(StrEnum):
    """Complexity of the medical decision making after a discharge."""

    MODERATE = "moderate"
    HIGH = "high"


class DueFrom(StrEnum):
    """The day from which a task's due date counts: that day is day 0."""

    DISCHARGE = "discharge"
    APPOINTMENT = "appointment"


class DayKind(StrEnum):
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"


class TransitionTask(CitedEntry):
    """A task around a discharge: due at the end of the day so many days after (negative: before) the day it counts from.

    `complexity`, `settings` and `lobs` narrow it; empty means all. `opens_days_after` is for watches that only begin then.
    """

    task: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    role: Role
    due_from: DueFrom = DueFrom.DISCHARGE
    days: int
    day_kind: DayKind
    complexity: tuple[Complexity, ...] = ()
    settings: tuple[LevelOfCare, ...] = ()
    lobs: tuple[Lob, ...] = ()
    only_behavioral: bool = False

    @model_validator(mode="after")
    def _not_before_a_discharge(self) -> Self:
        if self.due_from is DueFrom.DISCHARGE and self.days < 0:
            raise ValueError("days is negative: what is due before a discharge stands in the checklist, as days_before")
        if self.due_from is DueFrom.APPOINTMENT and self.days >= 0:
            raise ValueError("days is not negative: a reminder comes before its appointment, such as -3")
        return self


class SettingNeeds(CitedEntry):
    """Requirements of a target setting. `authorization`: the setting needs an authorization of its own, opened in time.

    `choices`: the patient chooses among providers, at least as many as the policy requires.
    """

    setting: LevelOfCare
    title: str = Field(min_length=1)
    authorization: bool
    choices: bool
    needs: tuple[str, ...] = Field(min_length=1)


class DispositionSetting(CitedEntry):
    """The setting to which a hospital discharges, by the patient discharge status `codes` of the uniform bill (field 17)."""

    setting: LevelOfCare
    codes: tuple[str, ...] = Field(min_length=1)


class TransitionPolicy(Model):
    assessment: tuple[AssessmentQuestion, ...]
    checklist: tuple[ChecklistItem, ...] = Field(min_length=1)
    tasks: tuple[TransitionTask, ...] = Field(min_length=1)
    settings: tuple[SettingNeeds, ...] = Field(min_length=1)
    least_choices: CitedCount
    next_authorization_days_before: CitedCount
    call_attempts: CitedCount
    readmission: ReadmissionRule
    dispositions: tuple[DispositionSetting, ...] = Field(default=(), exclude_if=lambda named: not named)

    def setting_told(self, disposition: str | None) -> LevelOfCare | None:
        """The setting that a disposition tells; None where it tells none, or the policy of an older release has no codes."""
        code = (disposition or "").strip()
        return next((one.setting for one in self.dispositions if code in one.codes), None)

    @model_validator(mode="after")
    def _nothing_twice_and_nothing_left_out(self) -> Self:
        lists: dict[str, list[str]] = {
            "assessment": [one.domain for one in self.assessment],
            "checklist": [one.item for one in self.checklist],
            "tasks": [one.task for one in self.tasks],
            "settings": [one.setting for one in self.settings],
        }
        for key, names in lists.items():
            twice = sorted({str(name) for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{key} lists {', '.join(twice)} twice")
        left_out = sorted(set(AssessmentDomain) - {one.domain for one in self.assessment})
        if left_out:
            raise ValueError(f"assessment asks nothing about {', '.join(left_out)}")
        return self

    @cached_property
    def by_setting(self) -> dict[LevelOfCare, SettingNeeds]:
        return {one.setting: one for one in self.settings}

    def checklist_for(self, setting: LevelOfCare) -> tuple[ChecklistItem, ...]:
        """The checklist items before a discharge to this setting."""
        return tuple(one for one in self.checklist if not one.settings or setting in one.settings)

    def tasks_for(
        self, setting: LevelOfCare, lob: Lob, complexity: Complexity, *, behavioral: bool
    ) -> tuple[TransitionTask, ...]:
        """The tasks after a discharge to this setting, with the reminders that each appointment brings."""
        return tuple(
            one
            for one in self.tasks
            if (not one.settings or setting in one.settings)
            and (not one.lobs or lob in one.lobs)
            and (not one.complexity or complexity in one.complexity)
            and (behavioral or not one.only_behavioral)
        )


class NeedAnswer(Model):
    """The assessment's answer in one domain. `needs` None is not asked yet; `day` is the day of the answer."""

    domain: AssessmentDomain
    needs: bool | None
    note: str = ""
    day: date | None = None


def unanswered_domains(answers: Iterable[NeedAnswer]) -> tuple[AssessmentDomain, ...]:
    """The domains without an answer; a domain not asked about is not assumed to be fine."""
    answered = {one.domain for one in answers if one.needs is not None}
    return tuple(domain for domain in AssessmentDomain if domain not in answered)


def item_due(item: ChecklistItem, target: date, zone: ZoneInfo) -> datetime:
    """Due instant (UTC) of an item: the end of its local day before the target date, or of the target date itself."""
    return utc_of_local_time(target - (item.days_before or 0) * _DAY, END_OF_DAY, zone)


def task_due(task: TransitionTask, counted_from: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """Due instant (UTC) of a task, counted from the discharge or the appointment: the end of that local day.

    Raises CalendarError for business days outside the calendar.
    """
    day = local_day(counted_from, zone)
    if task.day_kind is DayKind.BUSINESS_DAYS:
        return utc_of_local_time(calendar.add_business_days(day, task.days), END_OF_DAY, zone)
    return utc_of_local_time(day + task.days * _DAY, END_OF_DAY, zone)


def reminder_at(task: TransitionTask, appointment: datetime, calendar: Calendar, zone: ZoneInfo, at: time) -> datetime:
    """Instant (UTC) of a reminder: at a fixed local time of its day before the appointment, so never at night."""
    return utc_of_local_time(local_day(task_due(task, appointment, calendar, zone), zone), at, zone)


def choices_missing(policy: TransitionPolicy, setting: LevelOfCare, offered: Collection[str]) -> int:
    """Number of providers still to be offered; 0 where the setting offers no choice. Each provider counts once."""
    needs = policy.by_setting.get(setting)
    if needs is None or not needs.choices:
        return 0
    return max(0, policy.least_choices.value - len(set(offered)))
