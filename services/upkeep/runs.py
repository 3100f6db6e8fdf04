"""Runs of upkeep tasks, each by its own schedule in Temporal, and what the last one found."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.model import Model
from engine import schedules
from engine.schedules import Timetable
from services.case_client import translate_temporal_errors
from services.context import ServiceContext
from services.upkeep.tasks import UPKEEP, Beat, UpkeepTask
from store import installation

_MARK = "upkeep:"


class UpkeepRun(Model):
    """The last run of a task: when it began and ended (UTC), and what it found; `ended_at` is None while it runs or after it
    failed."""

    name: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    found: str = ""


class UpkeepStatus(Model):
    """A task with its schedule (None where the server has none) and its last run."""

    name: str
    title: str
    is_scheduled: bool
    is_paused: bool = False
    next_at: AwareDatetime | None = None
    last: UpkeepRun | None = None


def timetables() -> tuple[Timetable, ...]:
    """The times of every task."""
    return tuple(Timetable(one.name, one.title, one.every, one.daily_at, one.catch_up) for one in UPKEEP)


async def apply_schedules(services: ServiceContext) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the server's schedules as this release says; the tasks newly scheduled, and those no longer. Raises
    TemporalUnavailable."""
    with translate_temporal_errors():
        return await schedules.apply(services.client(), services.task_queue, timetables())


async def read_schedules(services: ServiceContext) -> tuple[UpkeepStatus, ...]:
    """Every task with its schedule and last run. Raises TemporalUnavailable."""
    names = [one.name for one in UPKEEP]
    with translate_temporal_errors():
        states = await schedules.read_states(services.client(), services.task_queue, names)
    last = await services.read(lambda s: {name: last_run(s, name) for name in names})
    return tuple(
        UpkeepStatus(
            name=one.name,
            title=one.title,
            is_scheduled=one.name in states,
            is_paused=one.name in states and states[one.name].is_paused,
            next_at=states[one.name].next_at if one.name in states else None,
            last=last[one.name],
        )
        for one in UPKEEP
    )


async def run_task(services: ServiceContext, task: UpkeepTask, beat: Beat) -> str:
    """Run a task and keep when it ran and what it found. Raises what the task raises."""
    begun = UpkeepRun(name=task.name, started_at=services.clock())
    await services.write(_keep, begun)
    found = await task.run(services, beat)
    await services.write(_keep, begun.model_copy(update={"ended_at": services.clock(), "found": found}))
    return found


def runs(services: ServiceContext) -> Mapping[str, Callable[[Beat], Awaitable[str]]]:
    """Each task of the table, ready to run, by its name."""
    return {task.name: partial(run_task, services, task) for task in UPKEEP}


def last_run(s: Session, name: str) -> UpkeepRun | None:
    """The last run of a task; None before the first."""
    kept = installation.get(s, _MARK + name)
    return UpkeepRun.model_validate_json(kept) if kept is not None else None


async def reconcile_unless_scheduled(services: ServiceContext, every: timedelta) -> None:
    """Compare open cases with the workflows that run, unless somebody began to lately: a schedule, or another worker."""
    task = UPKEEP[0]
    last = await services.read(last_run, task.name)
    if last is None or services.clock() - last.started_at >= every:
        await run_task(services, task, lambda: None)


def _keep(s: Session, run: UpkeepRun) -> None:
    installation.put(s, _MARK + run.name, json.dumps(run.model_dump(mode="json")).encode())
