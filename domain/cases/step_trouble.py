"""Trouble of a case whose own next step fails: what its journal and compliance are told, and when the step is tried again.

Only the kind of an error is kept, the name of its class: its text may quote the record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.cases.case import Case, StepTrouble
from domain.cases.tasks import TaskKind
from domain.errors import ImpossibleState
from domain.journal import EntryKind
from domain.vocabulary import Role

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
"""The pause before the step is tried again: doubled with each failure, up to the longest."""
STEP, MESSAGE, UNHEARD = "step", "message", "unheard"
"""Subjects of a task about trouble: the case's own next step, a message to it, or its own that another case did not hear."""


def record_failure(
    case: Case, kind: str, now: datetime, wakes_at: datetime | None, *, has_rested: bool, is_hidden: bool
) -> None:
    """Record that a step failed with an error of this kind. Each kind is journaled once, and compliance gets one task.

    `wakes_at` is the next timer of the case (UTC), before which it need not rest longer.
    """
    before = case.trouble
    failures = before.failures + 1 if before is not None else 1
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    rests_until = now + pause
    if wakes_at is not None and now < wakes_at < rests_until:
        rests_until = wakes_at
    kinds = before.kinds if before is not None else ()
    case.trouble = StepTrouble(
        since=before.since if before is not None else now,
        kinds=kinds if kind in kinds else (*kinds, kind),
        failures=failures,
        rests_until=rests_until,
        rests_first=before is not None and not has_rested,
        is_hidden=is_hidden,
    )
    if not case.is_opened or kind in kinds:
        return
    case.note(
        EntryKind.CASE_TROUBLE,
        now,
        f"The next step of the case failed ({kind}) and was undone. It is tried again with every message and at least "
        "every half hour; messages are taken, and tasks escalate.",
        error=kind,
    )
    why = (
        f"The program cannot take the next step of this case ({kind}). Tell operations: the worker's log names the fault. "
        "Until it is mended, look after the clocks of the case yourself."
    )
    open_task(case, STEP, why, now)


def record_recovery(case: Case, now: datetime) -> None:
    """Record that the step which had failed has now been taken. The task of compliance stays: clocks may have passed."""
    trouble, case.trouble = case.trouble, None
    if trouble is None or not case.is_opened:
        return
    case.note(
        EntryKind.CASE_TROUBLE,
        now,
        f"The case goes on: the step that had failed since {case.local(trouble.since)} was taken.",
        failures=trouble.failures,
    )


def record_failed_message(case: Case, name: str, now: datetime) -> None:
    """Have compliance see to a message that was refused because the code failed on it, or nobody could decipher it."""
    why = (
        f"A message ({name}) could not be processed and was refused, though nothing says that it was wrong. Find out who "
        "sent it and what it said, tell operations, and have it sent again under a new number."
    )
    open_task(case, MESSAGE, why, now)


def record_unheard_approval(case: Case, asker_id: str, now: datetime) -> None:
    """Have compliance see to an approval by law of which the case that asked for the review could not be told."""
    why = (
        f"{asker_id} asked for this review and could not be told that the law has approved what it asked for: it has ended, or "
        f"does not run. It may still show the earlier answer. Tell whoever rests on {asker_id}, the facility and claims first, "
        "that the approval counts."
    )
    open_task(case, UNHEARD, why, now)


def open_task(case: Case, about: str, why: str, now: datetime) -> None:
    """Open a task of compliance about trouble, unless one about the same is open. A case before its first lookup, or after its
    end, has none."""
    if not case.is_open or any(task.about == about for task in case.open_tasks(TaskKind.CASE_TROUBLE)):
        return
    try:
        due_at = now + timedelta(hours=case.missed_clock_hours)
    except ImpossibleState:
        return  # before its first lookup a case has no rules by which a task could be due
    case.add_task(TaskKind.CASE_TROUBLE, Role.COMPLIANCE, why, now, due_at, about=about)
