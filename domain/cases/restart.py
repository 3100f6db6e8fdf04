"""A case whose workflow was lost and is started again as it stood: what its journal and compliance are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.cases.case import Case
from domain.cases.tasks import TaskKind
from domain.errors import ImpossibleState
from domain.journal import EntryKind
from domain.vocabulary import Role

MEMO = "how_lost"
"""The memo of a run that reconciliation started: how the earlier one was lost. The case itself comes from the store."""

ENDED = "ended"
"""How an earlier run was lost, where only the new one is left to say so."""


def mark_restarted(case: Case, how_lost: str, now: datetime) -> None:
    """Journal the new start, and have compliance look at the time in which nobody watched. Clocks and receipt stay."""
    case.note(
        EntryKind.CASE_RESTARTED,
        now,
        f"The case was started again as of entry {case.seq}: its workflow was {how_lost}.",
        how_lost=how_lost,
    )
    try:
        due_at = now + timedelta(hours=case.missed_clock_hours)
    except ImpossibleState:
        return  # before its first lookup a case has no rules, and no clock that could have passed
    why = f"Nobody watched the case for a time: its workflow was {how_lost}. Check its clocks, tasks and letters."
    case.add_task(TaskKind.MISSED_CLOCK, Role.COMPLIANCE, why, now, due_at, about="restart")
