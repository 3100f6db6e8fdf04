"""Releases of the worker: which build gets the open cases and the new ones, over Temporal's own Worker Deployments.

Open cases go on under the build that gets them at their next task, all but two kinds: those whose workflow stays with the
build it began with (callbacks), and those that are held: a case which took a step that another build does not know cannot go
on there, so it is pinned to the build that knows the step, until one is promoted that knows it too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pydantic import AwareDatetime
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import NotOnFile, Refused, RuleViolation
from domain.model import Model
from engine import deployments, workflow_names
from engine.release import build_id, known_patches
from services.case_client import translate_temporal_errors

MOVING = (
    workflow_names.PRIOR_AUTHORIZATION,
    workflow_names.CONCURRENT_REVIEW,
    workflow_names.DISCHARGE_PLANNING,
    workflow_names.RETROSPECTIVE_REVIEW,
    workflow_names.QUALITY_CONCERN,
    workflow_names.APPEAL,
)
"""The workflows that go on under another build by themselves; one of them that is pinned is held."""
_PINNED = "TemporalWorkflowVersioningBehavior = 'Pinned'"
_ROUNDS = 8
"""Rounds of looking for cases to hold: Temporal's lists lag behind what happens."""
log = logging.getLogger("umpire.releases")


class ReleaseBuild(Model):
    """A build in the deployment. `pinned` of its open cases stay with it; `held` of these would go on elsewhere if the build
    that gets them knew their steps. `patches` is None before a worker of it has told them."""

    build_id: str
    status: str
    created_at: AwareDatetime
    last_current_at: AwareDatetime | None
    open_cases: int
    pinned: int
    held: int
    patches: frozenset[str] | None

    @property
    def is_needed(self) -> bool:
        """Whether its workers must go on running."""
        return self.status in ("current", "ramping") or self.pinned > 0


class ReleaseStatus(Model):
    """The routing of a deployment. `unversioned` open cases have had no task under a worker of it yet."""

    deployment: str
    this_build: str
    current: str | None
    ramping: str | None
    percentage: float
    unversioned: int
    builds: tuple[ReleaseBuild, ...]

    def build(self, build: str) -> ReleaseBuild:
        """Raises NotOnFile for a build of which no worker has ever asked for work."""
        for one in self.builds:
            if one.build_id == build:
                return one
        raise NotOnFile(
            f"No worker of build {build} has asked for work in deployment '{self.deployment}'.",
            "Start its workers with UMPIRE_DEPLOYMENT set; 'umpire releases status' lists the builds.",
        )


class ReleaseChange(Model):
    """The routing after a change, and the cases that were newly `held` by their build or `let_go`."""

    status: ReleaseStatus
    held: int = 0
    let_go: int = 0


async def describe_own_release(client: Client, deployment: str, pause_seconds: float = 1.0) -> None:
    """Tell Temporal which patches this build knows, as soon as it knows the build; nothing without a deployment."""
    while deployment:
        with suppress(RPCError):  # the build is unknown before its first poll
            await deployments.write_patches(client, deployment, build_id(), known_patches())
            return
        await asyncio.sleep(pause_seconds)


async def release_status(client: Client, deployment: str, task_queue: str) -> ReleaseStatus:
    """The routing and every build. Raises Refused without a deployment, NotOnFile before a worker of it asked for work, and
    TemporalUnavailable."""
    with _translated_errors(deployment):
        found = await deployments.describe(client, deployment)
        return ReleaseStatus(
            deployment=deployment,
            this_build=build_id(),
            current=found.current,
            ramping=found.ramping,
            percentage=found.percentage if found.ramping else 0,
            unversioned=await _count(client, deployments.on_no_build(task_queue)),
            builds=tuple([await _read_build(client, deployment, one) for one in found.builds]),
        )


async def promote(client: Client, deployment: str, task_queue: str, build: str) -> ReleaseChange:
    """Make a build the current one: new cases begin under it, and open ones go on under it. Held cases whose steps it knows are
    let go; cases with steps that it does not know are held. Raises NotOnFile and Refused."""
    return await _route(client, deployment, task_queue, build, None)


async def ramp(client: Client, deployment: str, task_queue: str, build: str, percentage: float) -> ReleaseChange:
    """Let a build have this part of the cases, old and new, chosen by their numbers; 0 ends the ramp. Raises as promote."""
    return await _route(client, deployment, task_queue, build, percentage)


async def roll_back(client: Client, deployment: str, task_queue: str, build: str | None = None) -> ReleaseChange:
    """End a ramp; or make the build that was current before, or the one named, the current one again. Raises Refused where no
    build was current before."""
    before = await release_status(client, deployment, task_queue)
    if build is None and before.ramping is not None:
        return await _route(client, deployment, task_queue, before.ramping, 0)
    if build is None:
        earlier = [one for one in before.builds if one.last_current_at and one.build_id != before.current]
        if not earlier:
            raise _refused("release.rollback", "No other build was current before.", "Name one with --build BUILD.")
        build = max(earlier, key=lambda one: one.last_current_at or one.created_at).build_id
    return await _route(client, deployment, task_queue, build, None)


async def _route(
    client: Client, deployment: str, task_queue: str, build: str, percentage: float | None
) -> ReleaseChange:
    """Set the current build (percentage None) or the ramping one; what could not follow is held before and after."""
    before = await release_status(client, deployment, task_queue)
    target = before.build(build)
    moves = _moves(before, target, percentage)
    with _translated_errors(deployment):
        held = await _hold_all(client, deployment, moves)
        found = await deployments.describe(client, deployment)
        if percentage is None:
            await deployments.set_current(client, found, build)
        else:
            await deployments.set_ramping(client, found, build if percentage else "", percentage)
        held += await _hold_all(client, deployment, moves)  # who took a new step meanwhile
        let_go = await _let_go(client, deployment, before, target) if percentage is None else 0
    return ReleaseChange(status=await release_status(client, deployment, task_queue), held=held, let_go=let_go)


def _moves(
    before: ReleaseStatus, target: ReleaseBuild, percentage: float | None
) -> list[tuple[ReleaseBuild, ReleaseBuild]]:
    """Each build that loses cases by the change, with the one that gets them."""
    current = before.build(before.current) if before.current else None
    ramping = before.build(before.ramping) if before.ramping else None
    if percentage is None:
        return [(one, target) for one in (current, ramping) if one and one.build_id != target.build_id]
    moves = []
    if ramping and current and (ramping.build_id != target.build_id or percentage < before.percentage):
        moves.append((ramping, current))
    if current and percentage:
        moves.append((current, target))
    return moves


async def _hold_all(client: Client, deployment: str, moves: list[tuple[ReleaseBuild, ReleaseBuild]]) -> int:
    return sum([await _hold(client, deployment, losing, getting) for losing, getting in moves])


async def _hold(client: Client, deployment: str, losing: ReleaseBuild, getting: ReleaseBuild) -> int:
    """Pin the open cases of a build to it whose steps the build that gets them does not know; how many."""
    for one in (losing, getting):
        if one.patches is None:
            raise _refused(
                "release.patches",
                f"Build {one.build_id} has not told which steps it knows.",
                "Start a worker of it, and try again in a few seconds.",
            )
    only_there = sorted((losing.patches or frozenset()) - (getting.patches or frozenset()))
    if not only_there:
        return 0
    changes = ", ".join(f"'{one}'" for one in only_there)
    query = (
        f"{deployments.on_build(deployment, losing.build_id)} AND TemporalWorkflowVersioningBehavior = 'AutoUpgrade' "
        f"AND TemporalChangeVersion IN ({changes})"
    )
    done: set[str] = set()
    for _ in range(_ROUNDS):
        fresh = [one.id async for one in client.list_workflows(query) if one.id not in done]
        for case_id in fresh:
            with _unless_ended():
                await deployments.pin(client, case_id, deployment, losing.build_id)
                done.add(case_id)
        await asyncio.sleep(0.25)
    return len(done)


async def _let_go(client: Client, deployment: str, before: ReleaseStatus, target: ReleaseBuild) -> int:
    """Let the held cases of every build go whose steps the target knows; how many."""
    count = 0
    for build in before.builds:
        if build.held and build.patches is not None and build.patches <= (target.patches or frozenset()):
            async for one in client.list_workflows(_held(deployment, build.build_id)):
                with _unless_ended():
                    await deployments.unpin(client, one.id)
                    count += 1
    return count


async def _read_build(client: Client, deployment: str, build: deployments.Build) -> ReleaseBuild:
    there = deployments.on_build(deployment, build.build_id)
    return ReleaseBuild(
        build_id=build.build_id,
        status=build.status,
        created_at=build.created_at,
        last_current_at=build.last_current_at,
        open_cases=await _count(client, there),
        pinned=await _count(client, f"{there} AND {_PINNED}"),
        held=await _count(client, _held(deployment, build.build_id)),
        patches=await deployments.read_patches(client, deployment, build.build_id),
    )


def _held(deployment: str, build: str) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in MOVING)
    return f"{deployments.on_build(deployment, build)} AND {_PINNED} AND WorkflowType IN ({kinds})"


async def _count(client: Client, query: str) -> int:
    return (await client.count_workflows(query)).count


@contextmanager
def _unless_ended() -> Iterator[None]:
    """Pass over a case that has ended since it was listed."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


@contextmanager
def _translated_errors(deployment: str) -> Iterator[None]:
    if not deployment:
        raise _refused(
            "release.deployment", "Workers here do not say which release they are.", "Set UMPIRE_DEPLOYMENT=umpire."
        )
    with translate_temporal_errors():
        try:
            yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
                raise NotOnFile(
                    f"No worker of deployment '{deployment}' has asked for work yet.",
                    "Start one with UMPIRE_DEPLOYMENT set, and try again in a few seconds.",
                ) from error
            if error.status is RPCStatusCode.FAILED_PRECONDITION:
                raise _refused(
                    "release.changed",
                    f"Temporal refuses: {error.message}.",
                    "See 'umpire releases status' and try again.",
                ) from error
            raise


def _refused(rule: str, message: str, way_out: str) -> Refused:
    return Refused((RuleViolation(rule=rule, message=message, way_out=way_out),))
