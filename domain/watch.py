"""What time does to a case: escalations, the end of waits, and clocks that were met or missed.

`next_alarm` tells when something is due next, `ring` does everything that is due. Whether a duty was done in time is judged by
the stamp of what was done, never by when somebody noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.case import Case, MissedClock, Route
from domain.clock_binding import governing
from domain.clock_rules import Condition, Effect
from domain.clocks import Clock, DueInstant, DueKind, was_met
from domain.decisions import Approval
from domain.escalations import Due, EscalationAction, Holder, next_step
from domain.journal import UMPIRE, EntryKind
from domain.tasks import Task, TaskKind
from domain.views import CaseStanding, Waiting
from domain.vocabulary import NoticeKind, Role

SECOND = timedelta(seconds=1)

# What the case itself has to do by an instant; the other kinds of due instants are windows, or belong to other processes.
DUTIES = frozenset(
    {
        DueKind.DECISION,
        DueKind.WRITTEN_NOTICE,
        DueKind.PROVIDER_NOTICE,
        DueKind.INFORMATION_REQUEST,
        DueKind.EXPEDITE_REFUSAL_NOTICE,
    }
)


# Effects that the member has to be told of by a notice of their own.
DEEMED = frozenset(
    {Effect.DEEMED_ADVERSE, Effect.DEEMED_ADVERSE_FORWARD, Effect.DEEMED_DENIED, Effect.DEEMED_EXHAUSTED}
)


def ring(case: Case, now: datetime) -> None:
    """Everything that is due at `now` (UTC). Harmless when nothing is, and when called again."""
    _end_information_wait(case, now)
    _end_peer_to_peer(case, now)
    for task in case.open_tasks():
        _escalate(case, task, now)
    _judge_clocks(case, now)


def next_alarm(case: Case) -> datetime | None:
    """The next instant (UTC) at which `ring` has something to do, or None."""
    return min(_alarms(case), default=None)


def _alarms(case: Case) -> Iterator[datetime]:
    if case.information is not None and case.information.is_open:
        yield case.information.wait_until
    if case.peer_to_peer is not None and not case.peer_to_peer.is_settled:
        yield case.peer_to_peer.until
    for task in case.open_tasks():
        step = _next_step(case, task)
        if step is not None:
            yield step.at
    for _, due in _unjudged(case):
        if _done_at(case, due.kind) is None:
            yield due.at + SECOND


def _end_information_wait(case: Case, now: datetime) -> None:
    asked = case.information
    if asked is None or not asked.is_open or now < asked.wait_until:
        return
    asked.wait_ended = True
    case.note(
        EntryKind.INFORMATION_WAIT_ENDED,
        now,
        "The provider has not answered; the rest of the clock belongs to the reviewers.",
    )


def _end_peer_to_peer(case: Case, now: datetime) -> None:
    offer = case.peer_to_peer
    if offer is None or offer.is_settled or now < offer.until:
        return
    offer.ended = True
    case.note(EntryKind.PEER_TO_PEER_SETTLED, now, "The offer of a peer-to-peer ended without a call.", result="ended")


# -- escalations -----------------------------------------------------------------------------------------------------------


def _next_step(case: Case, task: Task) -> Due | None:
    ladder = case.looked_at().ladders.for_task(task.kind.value, task.role)
    return next_step(ladder, task.opened_at, task.due_at, task.escalated)


def _escalate(case: Case, task: Task, now: datetime) -> None:
    while (due := _next_step(case, task)) is not None and due.at <= now:
        step = due.step
        told = (
            step.to.value.replace("_", " ")
            if isinstance(step.to, Role)
            else task.assignee or f"every {task.role.value}"
        )
        changes: dict[str, object] = {"escalated": task.escalated + 1}
        if step.action is EscalationAction.TAKE_OVER and isinstance(step.to, Role):
            changes["also_for"] = tuple(sorted({*task.also_for, step.to}))
        task = task.model_copy(update=changes)
        case.note(
            EntryKind.ESCALATED,
            now,
            f"{task.task_id}: {step.says} Told: {told}.",
            UMPIRE,
            tasks=[case.put_task(task)],
            action=step.action.value,
            to=step.to.value,
            share_left=step.share_left,
        )


# -- clocks ----------------------------------------------------------------------------------------------------------------


def _done_at(case: Case, kind: DueKind) -> datetime | None:
    """When the duty was done, or None while it is not: a case is decided when none of its lines is left."""
    if kind is DueKind.DECISION:
        return None if case.unresolved() else case.decided_at
    return case.done.get(kind)


def _key(clock: Clock, due: DueInstant) -> str:
    return f"{clock.rule_id}/{clock.variant}/{due.kind.value}"


def _unjudged(case: Case) -> Iterator[tuple[Clock, DueInstant]]:
    if case.withdrawal is not None:
        return
    for clock in case.clocks:
        if clock.set_aside is not None:
            continue
        for due in clock.due:
            if due.kind in DUTIES and _is_owed(case, clock) and _key(clock, due) not in case.judged:
                yield clock, due


def _is_owed(case: Case, clock: Clock) -> bool:
    """Some duties are owed only if information is missing, which shows when it is asked for."""
    if clock.condition is Condition.IF_INFORMATION_IS_MISSING:
        return case.information is not None
    if clock.condition is Condition.IF_ADVERSE:
        return case.adverse is not None
    return clock.condition is Condition.ALWAYS


def _judge_clocks(case: Case, now: datetime) -> None:
    for clock, due in tuple(_unjudged(case)):
        done_at = _done_at(case, due.kind)
        if done_at is not None and was_met(due, done_at):
            _met(case, clock, due, done_at, now)
        elif done_at is not None or not was_met(due, now):
            _missed(case, clock, due, now)


def _met(case: Case, clock: Clock, due: DueInstant, done_at: datetime, now: datetime) -> None:
    case.judged[_key(clock, due)] = "met"
    case.note(
        EntryKind.CLOCK_MET,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} in time ({due.at - done_at} to spare).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        done_at=done_at.isoformat(),
        clocks=case.clock_views(),
    )


def _missed(case: Case, clock: Clock, due: DueInstant, now: datetime) -> None:
    """Record the miss, do what the rule says, tell people. The work goes on: a plan's lateness never harms the request."""
    case.judged[_key(clock, due)] = "missed"
    effect = clock.missed.effect if clock.missed is not None and due.kind is DueKind.DECISION else None
    case.missed.append(
        MissedClock(rule_id=clock.rule_id, kind=due.kind, due_at=due.at, effect=effect.value if effect else None)
    )
    case.note(
        EntryKind.CLOCK_MISSED,
        now,
        f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} was due and is late ({due.citation}).",
        rule=clock.rule_id,
        duty=due.kind.value,
        due_at=due.at.isoformat(),
        clocks=case.clock_views(),
    )
    if effect is not None and clock.missed is not None:
        _apply(case, clock, effect, clock.missed.note, now)
    if case.open_task(TaskKind.MISSED_CLOCK) is None:
        hours = case.looked_at().policy.missed_clock_task_hours
        case.new_task(
            TaskKind.MISSED_CLOCK,
            Role.COMPLIANCE,
            f"{clock.rule_id}: {due.kind.value.replace('_', ' ')} missed",
            now,
            now + timedelta(hours=hours),
        )


def _apply(case: Case, clock: Clock, effect: Effect, words: str, now: datetime) -> None:
    """What the law makes of the miss. A deemed answer has no reviewer, and none is invented."""
    case.note(
        EntryKind.CONSEQUENCE_APPLIED,
        now,
        f"{effect.value.replace('_', ' ').capitalize()}: {words}",
        effect=effect.value,
    )
    if effect is Effect.DEEMED_APPROVED:
        _approve_by_law(case, clock, now)
    elif case.consequence is None and effect in DEEMED:
        case.consequence = MissedClock(
            rule_id=clock.rule_id, kind=DueKind.DECISION, due_at=clock.due[0].at, effect=effect.value
        )
        case.owed_letters.append(NoticeKind.MISSED_DEADLINE)


def _approve_by_law(case: Case, clock: Clock, now: datetime) -> None:
    for line in case.unresolved():
        approval = Approval(
            line_id=line.line_id,
            by=f"law:{clock.rule_id}",
            approved_quantity=line.quantity,
            approved_start=line.start,
            approved_end=line.end,
        )
        case.approve(approval, Route.APPROVED)
    case.decided_at = case.decided_at or now


# -- the sentence on top -----------------------------------------------------------------------------------------------------


def waiting(case: Case) -> Waiting | None:
    """What the case waits for, who owes it, until when, and what happens then; None when it waits for nobody."""
    if not case.is_open or case.assessment is None:
        return None
    if case.information is not None and case.information.is_open:
        return Waiting(
            what="missing facts",
            owner="the requesting provider",
            until=case.information.wait_until,
            then="a nurse reviews what is there",
        )
    task = min(case.open_tasks(), key=lambda task: (task.kind is TaskKind.MISSED_CLOCK, task.due_at), default=None)
    if task is None:
        return Waiting(what="its next step", owner="Umpire", until=None, then="the case goes on by itself")
    owner = task.assignee or f"a {task.role.value.replace('_', ' ')}"
    return Waiting(what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_then(case, task))


def _then(case: Case, task: Task) -> str:
    """What happens at the due instant of a task: the law's answer where it is the decision's, else who is told."""
    due = case.due()
    if due is not None and due[1].at == task.due_at:
        clock = due[0]
        effect = clock.missed.effect.value.replace("_", " ") if clock.missed is not None else "recorded"
        return f"the clock {clock.rule_id} is missed ({effect}), and compliance is told"
    ladder = case.looked_at().ladders.for_task(task.kind.value, task.role)
    last = ladder.steps[-1].to
    return "a reminder goes out" if last is Holder.OWNER else f"{last.value.replace('_', ' ')} is told"


def standing(case: Case) -> CaseStanding:
    """Where the case stands, in a sentence that names the zone of its times."""
    wait = waiting(case)
    if wait is not None:
        sentence = in_a_sentence(wait, case.zone)
    elif case.is_open:
        sentence = "The case is being opened."
    else:
        sentence = f"Closed: {case.status.value.replace('_', ' ')}."
    return CaseStanding(
        case_id=case.case_id,
        sentence=sentence,
        status=case.status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in case.open_tasks()),
    )


def in_a_sentence(wait: Waiting, zone: str) -> str:
    """'Waits for X from Y until Z; then W.' with the time in the case's zone."""
    until = f" until {wait.until.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}" if wait.until is not None else ""
    return f"Waits for {wait.what} from {wait.owner}{until}; then {wait.then}."


def earliest(clocks: tuple[Clock, ...], kind: DueKind) -> datetime | None:
    """The earliest instant of a duty among these clocks."""
    found = governing(clocks, kind)
    return found[1].at if found is not None else None
