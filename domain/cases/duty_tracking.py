"""Duties under clocks, such as decisions to make and notices to deliver: met in time, or recorded as missed.

A duty is a clock with one of its due instants. Each process states which duties it has and when each was done (`DoneAt`), and
what else follows from a miss (`on_missed`): here the miss is recorded and reviewed by compliance, and work continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from domain.cases.case import Case
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.clocks.engine import Clock, DueInstant, is_on_time
from domain.clocks.missed_clock import MissedClock
from domain.journal import EntryKind
from domain.plain_language.phrases import span_phrase
from domain.vocabulary import Role

SECOND = timedelta(seconds=1)

Duty = tuple[Clock, DueInstant]
DoneAt = Callable[[Clock, DueInstant], datetime | None]
"""The instant (UTC) at which a duty was done, or None while it is not."""


def record_met_and_missed(
    case: Case,
    duties: Iterable[Duty],
    done_at: DoneAt,
    now: datetime,
    *,
    is_final: Callable[[DueInstant], bool] = lambda due: True,
    on_missed: Callable[[MissedClock], None] = lambda missed: None,
) -> None:
    """Record every duty that was met and every one that was missed by `now` (UTC), in the order in which they were due.

    A duty done in time is met only once it is final: until then it may have to be done again.
    """
    for clock, due in sorted(unjudged_duties(case, duties), key=lambda duty: duty[1].at):
        at = done_at(clock, due)
        if at is not None and is_on_time(due, at):
            if is_final(due):
                _record_met(case, clock, due, at, now)
        elif at is not None or not is_on_time(due, now):
            on_missed(_record_missed(case, clock, due, at, now))
            _open_compliance_task(case, clock, due, now)


def upcoming_timers(case: Case, duties: Iterable[Duty], done_at: DoneAt) -> Iterator[datetime]:
    """The instants (UTC) at which duties that are not done yet become missed."""
    return (due.at + SECOND for clock, due in unjudged_duties(case, duties) if done_at(clock, due) is None)


def unjudged_duties(case: Case, duties: Iterable[Duty]) -> Iterator[Duty]:
    """The duties, of clocks that still govern, that were recorded neither as met nor as missed."""
    for clock, due in duties:
        if clock.set_aside is None and _duty_key(clock, due) not in case.judged:
            yield clock, due


def reopen_duty(case: Case, rule_id: str) -> None:
    """Reopen the duty of a rule that is due again (a second notice, because the end of coverage moved)."""
    for key in [key for key in case.judged if key.startswith(f"{rule_id}/")]:
        del case.judged[key]


def _duty_key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _record_met(case: Case, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
    case.judged[_duty_key(clock, due)] = "met"
    how = f"in time ({span_phrase(due.at - done_at)} to spare)"
    _note_duty(case, EntryKind.CLOCK_MET, clock, due, done_at, now, how)


def _record_missed(case: Case, clock: Clock, due: DueInstant, done_at: datetime | None, now: datetime) -> MissedClock:
    """Record the miss. The duty remains open: it is still done, and recorded as late."""
    case.judged[_duty_key(clock, due)] = "missed"
    # The consequence is that of the rule's own duty; a late notice of its decision has it only where the law says so.
    consequence = clock.missed if due.kind is clock.due[0].kind or due.with_effect else None
    missed = MissedClock(rule_id=clock.rule_id, kind=due.kind, due_at=due.at, effect=None, citation=due.citation)
    if consequence is not None:
        missed.effect, missed.words = consequence.effect.value, consequence.note
        missed.told, missed.next_rule = consequence.told, consequence.next_rule
        missed.forward_to, missed.liability = consequence.forward_to, consequence.liability
    case.missed.append(missed)
    late = "was done late" if done_at is not None else "was due and is late"
    _note_duty(case, EntryKind.CLOCK_MISSED, clock, due, done_at, now, f"{late} ({due.citation})")
    return missed


def _note_duty(
    case: Case, kind: EntryKind, clock: Clock, due: DueInstant, done_at: datetime | None, now: datetime, how: str
) -> None:
    case.note(
        kind,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} {how}.",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat() if done_at is not None else None,
        clocks=clock_rows(case),
    )


def _open_compliance_task(case: Case, clock: Clock, due: DueInstant, now: datetime) -> None:
    if case.open_task(TaskKind.MISSED_CLOCK) is None:
        why = f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} missed ({clock.title})"
        due_at = now + timedelta(hours=case.missed_clock_hours)
        case.add_task(TaskKind.MISSED_CLOCK, Role.COMPLIANCE, why, now, due_at)
