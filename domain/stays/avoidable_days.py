"""Avoidable days: days in the hospital that somebody's better work would have saved, by reason and by party.

They are counted to fix their causes. They are no ground to deny a day: the cause is often nobody's fault, and sometimes the
health plan's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from domain.cited_value import CitedEntry
from domain.errors import RuleViolation, violation
from domain.model import Model


class Attribution(StrEnum):
    """The party that could have saved the day. The payer comes first, so that its own days are never last in a list."""

    PAYER = "payer"
    HOSPITAL = "hospital"
    PHYSICIAN = "physician"
    POST_ACUTE_FACILITY = "post_acute_facility"
    PATIENT_FAMILY = "patient_family"
    COMMUNITY_LEGAL = "community_legal"


class DelayReason(CitedEntry):
    """A reason for a delay, and the parties it may be attributed to. A single attribution is the default."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    attributions: tuple[Attribution, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.attributions)) != len(self.attributions):
            raise ValueError("attributions lists one twice")
        return self


class DelayReasons(Model):
    reasons: tuple[DelayReason, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.reason for one in self.reasons]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"reasons lists {', '.join(twice)} twice")
        without = sorted(set(Attribution) - {one for reason in self.reasons for one in reason.attributions})
        if without:
            raise ValueError(f"no reason can be attributed to {', '.join(without)}: every attribution needs one")
        return self

    @cached_property
    def by_name(self) -> dict[str, DelayReason]:
        return {one.reason: one for one in self.reasons}


class AvoidableDay(Model):
    """One local day of a stay. `reason` is one of the rulebook's; `note` is for people and may hold health information."""

    day: date
    reason: str
    attribution: Attribution
    note: str = ""


class AttributedDays(Model):
    """Days attributed to one party, and their share of all avoidable days, in percent to one decimal."""

    attribution: Attribution
    days: int
    share: Decimal
    reasons: tuple[tuple[str, int], ...]


class AvoidableDaySummary(Model):
    """`days` are different days of the stay; a day with two reasons counts once here and once for each party below.

    `by_attribution` has every party, the payer first, also with no day: a party without days is said to have none.
    `share_of_stay` is None when the length of the stay is not known.
    """

    days: int
    entries: int
    share_of_stay: Decimal | None
    by_attribution: tuple[AttributedDays, ...]

    def of(self, attribution: Attribution) -> AttributedDays:
        return next(one for one in self.by_attribution if one.attribution is attribution)


def day_violations(
    entry: AvoidableDay, reasons: DelayReasons, admitted: date, discharged: date | None
) -> tuple[RuleViolation, ...]:
    """Violations that keep an entry from being recorded. `discharged` is None during the stay."""
    found: list[RuleViolation] = []
    reason = reasons.by_name.get(entry.reason)
    if reason is None:
        known = ", ".join(sorted(reasons.by_name))
        found.append(violation("delay.reason", "The rulebook has no such reason.", f"Use one of: {known}."))
    elif entry.attribution not in reason.attributions:
        may = " or ".join(one.value for one in reason.attributions)
        said = f"{reason.title} cannot be attributed to {entry.attribution.value}."
        found.append(violation("delay.attribution", said, f"Attribute it to {may}, or use another reason."))
    if entry.day < admitted or (discharged is not None and entry.day > discharged):
        found.append(violation("delay.day", "The day lies outside the stay.", "Enter a day of the stay."))
    return tuple(found)


def summarize_days(entries: Iterable[AvoidableDay], days_of_stay: int | None = None) -> AvoidableDaySummary:
    """The avoidable days by party. The same day, reason and party recorded twice counts once."""
    kept = {(one.day, one.reason, one.attribution) for one in entries}
    days = len({day for day, _, _ in kept})
    return AvoidableDaySummary(
        days=days,
        entries=len(kept),
        share_of_stay=_share(days, days_of_stay) if days_of_stay else None,
        by_attribution=tuple(_attributed_days(attribution, kept, days) for attribution in Attribution),
    )


def _attributed_days(attribution: Attribution, kept: set[tuple[date, str, Attribution]], days: int) -> AttributedDays:
    own = {(day, reason) for day, reason, laid_to in kept if laid_to is attribution}
    names = [reason for _, reason in own]
    counts = sorted(((name, names.count(name)) for name in set(names)), key=lambda one: (-one[1], one[0]))
    count = len({day for day, _ in own})
    return AttributedDays(attribution=attribution, days=count, share=_share(count, days), reasons=tuple(counts))


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part * 100) / whole if whole else Decimal(0)).quantize(Decimal("0.1"))
