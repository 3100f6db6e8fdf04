"""Journal entries on their way to the store, and the clock rows that they carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.cases.case import Case
from domain.cases.views import CaseView
from domain.clocks.engine import Clock
from domain.journal import EntryDraft


def take_pending_entries(case: Case, row_of: Callable[[], CaseView]) -> tuple[EntryDraft, ...]:
    """Take the entries that are not stored yet; the last one carries the case's row for the case list."""
    entries, case.pending = case.pending, []
    if not entries:
        return ()
    last = entries[-1]
    shown = row_of().model_dump(mode="json")
    return (*entries[:-1], last.model_copy(update={"data": last.data | {"case": shown}}))


def clock_rows(case: Case) -> list[dict[str, Any]]:
    """Every clock as JSON for a journal entry, with the status (met, missed) of each duty."""
    return [clock.model_dump(mode="json") | {"judged": _duty_statuses(case, clock)} for clock in case.clocks]


def _duty_statuses(case: Case, clock: Clock) -> dict[str, str]:
    prefix = f"{clock.rule_id}/{clock.variant}/"
    return {key.removeprefix(prefix): word for key, word in case.judged.items() if key.startswith(prefix)}
