"""Schedules of the Temporal server that start upkeep: created, updated and removed so that they are as this release says."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from engine.workflow_names import UPKEEP

_KIND = "-upkeep-"


@dataclass(frozen=True)
class Timetable:
    """The times of one task: every so often, or each day at `daily_at` (UTC, "02:30"). A time that was missed by more than
    `catch_up` while the server was down is left out."""

    task: str
    title: str
    every: timedelta | None
    daily_at: str | None
    catch_up: timedelta


@dataclass(frozen=True)
class ScheduleState:
    """A schedule as the server has it. Instants are UTC; `last_at` is None before the first run."""

    task: str
    is_paused: bool
    note: str | None
    last_at: datetime | None
    next_at: datetime | None


async def apply(
    client: Client, task_queue: str, wanted: Sequence[Timetable]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the server's schedules of this task queue as wanted; the tasks newly scheduled, and those no longer. Safe to repeat
    and in several processes. One that somebody paused stays so. Raises RPCError."""
    created = []
    for one in wanted:
        try:
            await client.create_schedule(_id(task_queue, one.task), _schedule(client, task_queue, one))
            created.append(one.task)
        except ScheduleAlreadyRunningError:
            await _update(client, task_queue, one)
    known = {one.task for one in wanted}
    removed = []
    async for listed in await client.list_schedules():
        queue, found, task = listed.id.rpartition(_KIND)
        if found and queue == task_queue and task not in known:
            await client.get_schedule_handle(listed.id).delete()
            removed.append(task)
    return tuple(created), tuple(removed)


async def read_states(client: Client, task_queue: str, tasks: Sequence[str]) -> dict[str, ScheduleState]:
    """The schedules of these tasks that the server has. Raises RPCError."""
    found = {}
    async for listed in await client.list_schedules():
        queue, kind, task = listed.id.rpartition(_KIND)
        if not kind or queue != task_queue or task not in tasks:
            continue
        described = await client.get_schedule_handle(listed.id).describe()
        done, following = described.info.recent_actions, described.info.next_action_times
        found[task] = ScheduleState(
            task=task,
            is_paused=described.schedule.state.paused,
            note=described.schedule.state.note,
            last_at=done[-1].started_at.astimezone(UTC) if done else None,
            next_at=following[0].astimezone(UTC) if following else None,
        )
    return found


async def _update(client: Client, task_queue: str, wanted: Timetable) -> None:
    def change(given: ScheduleUpdateInput) -> ScheduleUpdate:
        made = _schedule(client, task_queue, wanted)
        return ScheduleUpdate(schedule=dataclasses.replace(made, state=given.description.schedule.state))

    await client.get_schedule_handle(_id(task_queue, wanted.task)).update(change)


def _schedule(client: Client, task_queue: str, wanted: Timetable) -> Schedule:
    action = ScheduleActionStartWorkflow(
        UPKEEP, wanted.task, id=_id(task_queue, wanted.task), task_queue=task_queue, static_summary=wanted.title
    )
    if wanted.daily_at is not None:
        hour, minute = (int(part) for part in wanted.daily_at.split(":"))
        times = ScheduleSpec(
            calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)])]
        )
    else:
        times = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=wanted.every or timedelta(days=1))])
    # A run that takes longer than its interval is not joined by a second one: it finds what that would find.
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=wanted.catch_up)
    return Schedule(action=action, spec=times, policy=policy)


def _id(task_queue: str, task: str) -> str:
    return f"{task_queue}{_KIND}{task}"
