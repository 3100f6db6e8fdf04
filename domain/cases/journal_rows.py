"""Carried out of domain/case_rows.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.cases.case import Dossier
from domain.cases.views import CaseView
from domain.clocks.engine import Clock
from domain.journal import EntryDraft


def drain(dossier: Dossier, row_of: Callable[[], CaseView]) -> tuple[EntryDraft, ...]:
    """Take the entries that the store has not seen; the last one carries the dossier's row for the lists."""
    entries, dossier.pending = dossier.pending, []
    if not entries:
        return ()
    last = entries[-1]
    shown = row_of().model_dump(mode="json")
    return (*entries[:-1], last.model_copy(update={"data": last.data | {"case": shown}}))


def clock_rows(dossier: Dossier) -> list[dict[str, Any]]:
    """Every clock as it goes into an entry's data, with what became of each duty."""
    return [clock.model_dump(mode="json") | {"judged": _judged(dossier, clock)} for clock in dossier.clocks]


def _judged(dossier: Dossier, clock: Clock) -> dict[str, str]:
    prefix = f"{clock.rule_id}/{clock.variant}/"
    return {key.removeprefix(prefix): word for key, word in dossier.judged.items() if key.startswith(prefix)}
