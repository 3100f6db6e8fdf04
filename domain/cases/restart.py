"""A case whose workflow was lost and is started again as it stood: what its journal and compliance are told."""

from __future__ import annotations

from datetime import datetime

from domain.cases import step_trouble
from domain.cases.case import Case
from domain.journal import EntryKind

MEMO = "how_lost"
"""The memo of a run that reconciliation started: how the earlier one was lost. The case itself comes from the store."""

BEGUN_ANEW = "set back to its first step, or ended and started anew"
"""The loss of an earlier run in words, where only the new one is left to say so."""


def mark_restarted(case: Case, how_lost: str, now: datetime) -> None:
    """Journal the new start, and have compliance look at the time in which nobody watched. Clocks and receipt stay."""
    case.note(
        EntryKind.CASE_RESTARTED,
        now,
        f"The case was started again as of entry {case.seq}: its workflow was {how_lost}.",
        how_lost=how_lost,
    )
    case.trouble = None  # the new run tries at once
    why = f"Nobody watched the case for a time: its workflow was {how_lost}. Check its clocks, tasks and letters."
    step_trouble.open_task(case, "restart", why, now)
