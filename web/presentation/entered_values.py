"""Values as people type them into forms: days as Americans write them or browsers send them, and facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.evidence.facts import FactDefinition
from domain.evidence.typed_values import describe_expected, parse_value
from intake.portal import TypedAnswer

_AMERICAN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
DAY_WORDS = "a day, such as 12/14/2026"


def parse_day(text: str) -> date | None:
    """The day of '2026-12-14' or '12/14/2026'; None for anything else, and for an empty text."""
    said = text.strip()
    american = _AMERICAN.fullmatch(said)
    try:
        if american:
            month, day, year = (int(part) for part in american.groups())
            return date(year, month, day)
        return date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None


def parse_count(text: str) -> int | None:
    """The whole number of up to nine digits; None for anything else, and for what no store or calendar can hold."""
    said = text.strip()
    return int(said) if said.isdecimal() and len(said) <= 9 else None


def parse_local_time(text: str, zone: str) -> datetime | None:
    """The instant (UTC) of '2026-12-04T09:30' in this zone; None for anything else."""
    try:
        there = datetime.fromisoformat(text.strip())
        return None if there.tzinfo is not None else there.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no such hour elsewhere
        return None


@dataclass(frozen=True)
class ReadAnswer:
    """An answer as read from a form: the fact, or the problem with it in words. Both None: nothing was typed."""

    answer: TypedAnswer | None = None
    problem: str | None = None


def read_answer(known: FactDefinition, value: str, day: str, shown_by: int | None, today: date) -> ReadAnswer:
    """Read the value and the day typed for a fact, which the file at `shown_by` shows (None: nothing but the word). A
    finding of a day after `today` counts for nothing, so it is asked again."""
    if not value.strip():
        return ReadAnswer()
    read = parse_value(known, value.strip())
    if read is None:
        return ReadAnswer(problem=f"Expected {describe_expected(known)}.")
    effective = parse_day(day)
    if day.strip() and effective is None:
        return ReadAnswer(problem=f"Expected {DAY_WORDS}.")
    if effective is not None and effective > today:
        return ReadAnswer(problem="The day of the finding lies ahead.")
    answer = TypedAnswer(fact_id=known.id, value=read, unit=known.unit, effective=effective, shown_by=shown_by)
    return ReadAnswer(answer=answer)


def form_text(form: Mapping[str, Any], name: str) -> str:
    """The text of a field, without blanks around it; empty where the form has none, or a file in its place."""
    found = form.get(name)
    return found.strip() if isinstance(found, str) else ""
