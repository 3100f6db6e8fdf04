"""Duties of an authorization, and when each was done: by kind of duty, whichever clock demands it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from domain.authorization import forwarding, missed_clock_effects
from domain.authorization.case import AuthorizationCase
from domain.authorization.letter_events import DECISION_NOTICES
from domain.authorization.parts import CasePhase
from domain.cases import duty_tracking, letter_tracking
from domain.cases.duty_tracking import Duty
from domain.cases.oral_notices import SUBJECTS
from domain.clocks.binding import governing_clock
from domain.clocks.engine import Clock, DueInstant, DueKind
from domain.clocks.rules import DutyCondition
from domain.decisions.closings import ImproperFiling

# Duties of the case itself; the other kinds of due instants are windows, or belong to other processes.
DUTIES = frozenset(
    {
        DueKind.DECISION,
        DueKind.WRITTEN_NOTICE,
        DueKind.PROVIDER_NOTICE,
        DueKind.INFORMATION_REQUEST,
        DueKind.PROCEDURE_NOTICE,
        DueKind.EXPEDITE_REFUSAL_NOTICE,
        DueKind.DEEMED_NOTICE,
        DueKind.SUPPLY_NOTICE,
        DueKind.OTHER_BENEFIT_NOTICE,
        DueKind.CASE_FILE,
        DueKind.GRIEVANCE_ANSWER,
        *SUBJECTS,
    }
)


def record_met_and_missed(case: AuthorizationCase, now: datetime) -> None:
    """Record every duty that was met and every one that was missed, and apply the legal effects of the misses."""
    duty_tracking.record_met_and_missed(
        case,
        tuple(_duties(case)),
        partial(_done_at, case),
        now,
        # Until the determination is made a line may still go back to a reviewer, so the decision is not met yet.
        is_final=lambda due: due.kind is not DueKind.DECISION or case.concluded is not None,
        on_missed=lambda missed: missed_clock_effects.apply_effect(case, missed, now),
    )


def upcoming_timers(case: AuthorizationCase) -> Iterator[datetime]:
    """The instants (UTC) at which duties that are not done yet become missed."""
    return duty_tracking.upcoming_timers(case, _duties(case), partial(_done_at, case))


def earliest_due(clocks: tuple[Clock, ...], kind: DueKind) -> datetime | None:
    """The earliest due instant of a duty among these clocks."""
    found = governing_clock(clocks, kind)
    return found[1].at if found is not None else None


def owed_calls(case: AuthorizationCase, now: datetime) -> tuple[Duty, ...]:
    """The oral notices that can be given now and were not. Where the notice may be oral or written, the letter that goes out
    gives it; a call is owed only while the letter is stuck, and then leaves the days for it that its rule has."""
    if case.ends_undecided or case.is_put_on_record:
        return ()
    open_duties = ((clock, due) for clock in case.clocks if clock.set_aside is None for due in clock.due)
    return tuple(
        (clock, due)
        for clock, due in open_duties
        if due.kind in SUBJECTS and due.kind not in case.done and _can_be_called(case, clock, due, now)
    )


def is_call_awaited(case: AuthorizationCase) -> bool:
    """Whether an oral notice is owed whose clock still runs: the case stays open for it. A missed one holds up nothing: the
    miss is on record, and compliance sees to it."""
    calls = (duty for duty in _duties(case) if duty[1].kind in SUBJECTS)
    return any(True for _ in duty_tracking.unjudged_duties(case, calls))


def _can_be_called(case: AuthorizationCase, clock: Clock, due: DueInstant, now: datetime) -> bool:
    if due.kind is DueKind.EXPEDITE_REFUSAL_CALL:
        return True
    if case.phase < CasePhase.CONCLUDED:
        return False
    if due.kind is DueKind.ORAL_NOTICE:
        return _is_letter_stuck(case, now)
    return _is_required(case, clock, due)


def _is_letter_stuck(case: AuthorizationCase, now: datetime) -> bool:
    """Whether the decision's letter to the member is not out, and nothing can be done for it at once."""
    under_way = DECISION_NOTICES & {*case.owed_letters} or letter_tracking.deliverable_letters(case, now)
    return not under_way and DueKind.WRITTEN_NOTICE not in case.done


def _done_at(case: AuthorizationCase, _clock: Clock, due: DueInstant) -> datetime | None:
    """The instant at which the duty was done, or None while it is not: a case is decided when all its lines are."""
    if due.kind is DueKind.DECISION:
        return case.decided_at if case.is_settled else None
    if due.kind is DueKind.ORAL_NOTICE:  # orally or in writing, whichever came first
        told = (case.done.get(kind) for kind in (DueKind.ORAL_NOTICE, DueKind.WRITTEN_NOTICE))
        return min((at for at in told if at is not None), default=None)
    return case.done.get(due.kind)


def _duties(case: AuthorizationCase) -> Iterator[Duty]:
    if case.is_put_on_record:
        return  # nothing is decided any more
    if case.ends_undecided and not isinstance(case.closing, ImproperFiling):
        return
    for clock in case.clocks:
        for due in clock.due:
            if due.kind in DUTIES and _is_required(case, clock, due):
                yield clock, due


def _is_required(case: AuthorizationCase, clock: Clock, due: DueInstant) -> bool:
    """Whether the duty applies. Of a request that was not properly filed, only that its claimant is told. Some apply only if
    information is missing, which shows when it is requested; the case file is due only once a missed clock forwards it."""
    if isinstance(case.closing, ImproperFiling):
        return clock.condition is DutyCondition.IF_NOT_PROPERLY_FILED
    if due.kind is DueKind.CASE_FILE and not forwarding.is_required(case):
        return False
    if due.kind is DueKind.ORAL_NOTICE and due.kind not in case.done:
        return False  # told in writing, or missed in writing: the written notice of the same clock is judged
    if clock.condition is DutyCondition.IF_INFORMATION_IS_MISSING:
        return case.information is not None
    if clock.condition is DutyCondition.IF_ADVERSE:
        return bool(case.adverse)
    return clock.condition is DutyCondition.ALWAYS
