"""Open work that fits a person: by role, training, license, State and specialty, on the plan's day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.assignment import Fitness, fitness_of
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import DeciderRule
from store import directory

_DEFAULT_ZONE = "America/New_York"


def plan_zone(s: Session) -> str:
    """The IANA zone of the plan's office hours, in which its people read days; the first plan's where there are several."""
    zones = (contact.zone for contact in directory.plans(s).values())
    return next((zone for zone in zones if zone), _DEFAULT_ZONE)


def plan_day(s: Session, now: datetime) -> date:
    """The day in the plan's zone."""
    return now.astimezone(ZoneInfo(plan_zone(s))).date()


def load_fitness(s: Session, who: Reviewer, deciders: Collection[DeciderRule], now: datetime) -> Fitness:
    """The fitness of this person for work today."""
    return fitness_of(who, directory.reviewers(s), deciders, plan_day(s, now))
