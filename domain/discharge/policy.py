"""Leaving the hospital safely: what is looked at before, what each setting needs, what is done afterwards, and by when.

Everything here asks, plans and reminds. A gap in the list opens work for somebody; it never ends cover, and coming back
within days of a discharge is looked into and never refused for that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, model_validator

from domain.calendars import END_OF_DAY, Calendar, at_local, local_day
from domain.model import Model
from domain.sourced import Figure, Sourced
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.readmissions import ReadmissionRule
from domain.vocabulary import Lob, Role

_DAY = timedelta(days=1)


class AssessmentDomain(StrEnum):
    """What a needs assessment covers. Background and social needs help to plan; they are never a reason to refuse."""

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


class AssessmentQuestion(Sourced):
    domain: AssessmentDomain
    question: str = Field(min_length=1)


class ChecklistItem(Sourced):
    """Something that has to be done before a discharge. `days_before` counts from the target date; None: by the discharge.

    `settings` limits an item to targets; empty means every target.
    """

    item: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    role: Role
    days_before: NonNegativeInt | None = None
    settings: tuple[LevelOfCare, ...] = ()


class Complexity(StrEnum):
    """How much medical decision making the time after a discharge asks for."""

    MODERATE = "moderate"
    HIGH = "high"


class DueFrom(StrEnum):
    """The day from which a task's time counts: that day is day 0."""

    DISCHARGE = "discharge"
    APPOINTMENT = "appointment"


class DayKind(StrEnum):
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"


class TransitionTask(Sourced):
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


class SettingNeeds(Sourced):
    """What a target setting needs to be ready. `authorization`: the setting needs a line of its own, started in time.

    `choices`: the patient chooses among providers, at least as many as the policy says.
    """

    setting: LevelOfCare
    title: str = Field(min_length=1)
    authorization: bool
    choices: bool
    needs: tuple[str, ...] = Field(min_length=1)


class TransitionPolicy(Model):
    assessment: tuple[AssessmentQuestion, ...]
    checklist: tuple[ChecklistItem, ...] = Field(min_length=1)
    tasks: tuple[TransitionTask, ...] = Field(min_length=1)
    settings: tuple[SettingNeeds, ...] = Field(min_length=1)
    least_choices: Figure
    next_authorization_days_before: Figure
    call_attempts: Figure
    readmission: ReadmissionRule

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
        """What has to be done before a discharge to this setting."""
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
    """What the assessment found in one domain. `needs` None is not asked yet; `day` is the day of the answer."""

    domain: AssessmentDomain
    needs: bool | None
    note: str = ""
    day: date | None = None


def open_domains(answers: Iterable[NeedAnswer]) -> tuple[AssessmentDomain, ...]:
    """The domains that nobody has answered yet; what is not asked is not taken to be fine."""
    answered = {one.domain for one in answers if one.needs is not None}
    return tuple(domain for domain in AssessmentDomain if domain not in answered)


def open_items(policy: TransitionPolicy, setting: LevelOfCare, done: Collection[str]) -> tuple[ChecklistItem, ...]:
    """The items of the checklist that are not done for this setting."""
    return tuple(one for one in policy.checklist_for(setting) if one.item not in done)


def item_due(item: ChecklistItem, target: date, zone: ZoneInfo) -> datetime:
    """When an item is due (UTC): at the end of its local day before the target date, or of the target date itself."""
    return at_local(target - (item.days_before or 0) * _DAY, END_OF_DAY, zone)


def task_due(task: TransitionTask, counted_from: datetime, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """When a task is due (UTC), counted from the discharge or the appointment: the end of that local day.

    Raises CalendarError for business days outside the calendar.
    """
    day = local_day(counted_from, zone)
    if task.day_kind is DayKind.BUSINESS_DAYS:
        return at_local(calendar.add_business_days(day, task.days), END_OF_DAY, zone)
    return at_local(day + task.days * _DAY, END_OF_DAY, zone)


def reminder_at(task: TransitionTask, appointment: datetime, calendar: Calendar, zone: ZoneInfo, at: time) -> datetime:
    """When a reminder goes out (UTC): at a local time of its day before the appointment, never at night by accident."""
    return at_local(local_day(task_due(task, appointment, calendar, zone), zone), at, zone)


def choices_missing(policy: TransitionPolicy, setting: LevelOfCare, offered: Collection[str]) -> int:
    """How many providers are still to be offered; 0 where the setting offers no choice. Each provider counts once."""
    needs = policy.by_setting.get(setting)
    if needs is None or not needs.choices:
        return 0
    return max(0, policy.least_choices.value - len(set(offered)))


def next_authorization_due(
    policy: TransitionPolicy, setting: LevelOfCare, target: date, zone: ZoneInfo
) -> datetime | None:
    """When the authorization of the next setting has to be under way (UTC); None where it needs none.

    A setting that the policy does not know raises KeyError: a person says what it needs.
    """
    if not policy.by_setting[setting].authorization:
        return None
    return at_local(target - policy.next_authorization_days_before.value * _DAY, END_OF_DAY, zone)
