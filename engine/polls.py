"""Whether Temporal sees this process poll a task queue for both kinds of tasks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

POLL_SECONDS = 180
"""A poll waits for a task for about a minute; this process must have asked for one within this time."""


class NotPolling(Exception):
    """The server has not seen a poll of this process lately."""


async def require_recent_polls(client: Client, task_queue: str, now: datetime) -> None:
    """Raise NotPolling unless this process polled for workflow and for activity tasks lately; `now` is the time here (UTC)."""
    for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
            )
        )
        own = [poller for poller in described.pollers if poller.identity == client.identity]
        seen = [poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in own]
        if not any(now - at <= timedelta(seconds=POLL_SECONDS) for at in seen):
            raise NotPolling(task_queue)
