"""Validity windows of approvals: equipment and therapy that were asked for on one day can be had within a time, and not on that
day alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import Field, PositiveInt

from domain.cited_value import CitedEntry
from domain.model import Model


class PlanWindow(Model):
    """A plan's own window, in days, for these codes (a trailing ``*`` makes a prefix) and service groups."""

    codes: tuple[str, ...] = ()
    service_groups: tuple[str, ...] = ()
    days: PositiveInt

    def is_about(self, code: str, service_groups: frozenset[str]) -> bool:
        """Whether the window is about this service."""
        by_code = any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in self.codes)
        return by_code or not service_groups.isdisjoint(self.service_groups)


class ValidityWindowRule(PlanWindow, CitedEntry):
    """A window of the rulebook: an approval of one of these services holds `days` days, the day of the decision the first."""

    window_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    title: str = Field(min_length=1)


class ValidityWindow(Model):
    """The window of one line: `last_day` is the last that the coverage has (None: open)."""

    days: int
    source: str
    last_day: date | None = None

    def span(self, start: date | None, end: date | None, decided_on: date) -> tuple[date | None, date | None]:
        """First and last approved day of what was asked for from `start` to `end`. A period of several days stays as asked.

        One day, or none, becomes a window that begins with the decision at the latest and holds the day that was asked for.
        """
        if start is not None and end is not None and end > start:
            return start, end
        asked = start or end or decided_on
        last = max(asked, decided_on) + timedelta(days=self.days - 1)
        if self.last_day is not None:
            last = max(min(last, self.last_day), asked)
        return min(asked, decided_on), last


def find_window(
    rules: Iterable[ValidityWindowRule],
    of_plan: Iterable[PlanWindow],
    code: str,
    service_groups: frozenset[str],
    *,
    longest: int | None = None,
    last_day: date | None = None,
) -> ValidityWindow | None:
    """The window of a service: the plan's own, else the first of the rulebook; None where there is none.

    `longest` is the most days that the criteria let one approval cover, `last_day` the last of the coverage.
    """
    own = next((one for one in of_plan if one.is_about(code, service_groups)), None)
    rule = next((one for one in rules if one.is_about(code, service_groups)), None)
    found = own or rule
    if found is None:
        return None
    days = found.days if longest is None else min(found.days, longest)
    source = "the plan's own window" if own is not None or rule is None else f"{rule.source} ({rule.window_id})"
    return ValidityWindow(days=days, source=source, last_day=last_day)
