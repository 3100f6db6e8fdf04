"""Checks of the Temporal server: reachable, namespace, workers, release, search attributes, schedules, keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import UmpireError
from engine import search_attributes
from engine.codec import is_sealed
from engine.release import build_id
from engine.search_attributes import AttributeConflict
from engine.settings import Settings
from services.commands import releases
from services.context import ServiceContext
from services.diagnosis.findings import Finding, fault, ok, warning
from services.diagnosis.machine_checks import MOST_SKEW
from services.upkeep import runs

_ASKED = timedelta(seconds=5)
_KINDS = (
    (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflow tasks"),
    (TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "activities"),
)


async def check_server(settings: Settings, services: ServiceContext) -> AsyncIterator[Finding]:
    """Every check that needs the server, which answered the client of the context."""
    client, place = services.client(), settings.temporal_address
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=_ASKED)
    way = "over TLS" if settings.temporal_access.tls else "without TLS"
    yield ok(place, "temporal.reachable", f"Temporal {info.server_version} answers {way}.")
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=_ASKED
        )
    except RPCError as error:
        word = error.status.name.lower().replace("_", " ")
        message = f"The namespace '{client.namespace}' cannot be used ({word})."
        yield fault(
            "TEMPORAL_NAMESPACE", "temporal.namespace", message, "Create it, or correct the variable or the key."
        )
        return
    yield ok("TEMPORAL_NAMESPACE", "temporal.namespace", f"The namespace '{client.namespace}' is there.")
    for kind, name in _KINDS:
        async for finding in _check_pollers(client, settings, kind, name, services.clock()):
            yield finding
    yield await _check_release(settings, services)
    yield await _check_attributes(client)
    yield await _check_schedules(services)
    yield await _check_keys(client, settings)


async def _check_pollers(
    client: Client, settings: Settings, kind: TaskQueueType.ValueType, name: str, now: datetime
) -> AsyncIterator[Finding]:
    queue = settings.task_queue
    asked = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
    pollers = (await client.workflow_service.describe_task_queue(asked, timeout=_ASKED)).pollers
    if not pollers:
        message = f"No worker asks for {name}: cases stand still, and nobody watches their clocks."
        yield fault(f"task queue {queue}", "worker.polls", message, "Start a worker: umpire-worker, or umpire up.")
        return
    yield ok(f"task queue {queue}", "worker.polls", f"{len(pollers)} worker(s) ask for {name}.")
    latest = max(poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in pollers)
    if latest - now > MOST_SKEW:
        message = (
            f"The server's clock is at least {(latest - now).total_seconds():.0f} seconds ahead of this machine's."
        )
        yield fault(settings.temporal_address, "clock.skew", message, "Synchronize both with NTP.")


async def _check_release(settings: Settings, services: ServiceContext) -> Finding:
    if not settings.deployment:
        message = f"Workers do not say which release they are; this one is {build_id()}."
        return ok("UMPIRE_DEPLOYMENT", "release.current", message)
    place = f"deployment {settings.deployment}"
    try:
        found = await releases.release_status(services.client(), settings.deployment, settings.task_queue)
    except UmpireError as error:
        return fault(place, "release.current", str(error), "Start a worker, then 'umpire releases promote'.")
    if found.current is None:
        message = "No build is current, so its workers get no work."
        return fault(place, "release.current", message, "Run 'umpire releases promote BUILD'.")
    if found.current != found.this_build:
        message = f"The current build is {found.current}, and this release is {found.this_build}."
        return warning(place, "release.current", message, "See 'umpire releases status'; promote when you mean to.")
    return ok(place, "release.current", f"The current build is this release, {found.current}.")


async def _check_attributes(client: Client) -> Finding:
    place, rule = "search attributes", "search_attributes.known"
    way_out = "Run 'umpire search-attributes apply'."
    try:
        lacking = await search_attributes.missing(client, _ASKED)
    except AttributeConflict as error:
        return fault(place, rule, f"{error}.", "Rename the other attribute, or use a namespace of its own.")
    except RPCError:
        return warning(place, rule, "The server does not say which it knows; cases start without them.", way_out)
    if lacking:
        return warning(place, rule, f"The server lacks {', '.join(lacking)}; cases start without them.", way_out)
    return ok(place, rule, "The server knows them all.")


async def _check_schedules(services: ServiceContext) -> Finding:
    place, rule = "schedules", "schedules.there"
    try:
        found = await runs.read_schedules(services)
    except (RPCError, UmpireError):
        return warning(
            place, rule, "The server does not list its schedules.", "Check the rights of the key or certificate."
        )
    lacking = [one.name for one in found if not one.is_scheduled]
    paused = [one.name for one in found if one.is_paused]
    if lacking:
        return warning(place, rule, f"Not scheduled: {', '.join(lacking)}.", "Run 'umpire schedules apply'.")
    if paused:
        return warning(
            place, rule, f"Paused: {', '.join(paused)}.", "temporal schedule toggle --unpause, when it may run."
        )
    return ok(place, rule, f"{len(found)} tasks are scheduled.")


async def _check_keys(client: Client, settings: Settings) -> Finding:
    """Whether the start of the newest case can be deciphered."""
    place, rule = "UMPIRE_KEYRING", "keyring.opens"
    query = f"ExecutionStatus = 'Running' AND TaskQueue = '{settings.task_queue}'"
    async for one in client.list_workflows(query, limit=1):
        try:
            history = await client.get_workflow_handle(one.id).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                break
            raise
        given = history.events[0].workflow_execution_started_event_attributes.input.payloads
        sealed = [one for one in given if is_sealed(one)]
        unknown = {one.metadata["key-id"].decode(errors="replace") for one in sealed} - settings.keyring.keys()
        if unknown:
            message = f"A running case is encrypted under a key that is not in the keyring here: {', '.join(sorted(unknown))}."
            return fault(place, rule, message, "Add the key: every process needs the same keyring.")
        return ok(
            place, rule, "The newest running case can be deciphered." if sealed else "The newest case is in the clear."
        )
    return ok(place, rule, "No case runs yet that could not be deciphered.")
