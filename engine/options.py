"""Timeouts and retry policies by kind of activity, and the rule for workflow ids."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class LocalActivityOptions(TypedDict):
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class ActivityOptions(TypedDict):
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class HeartbeatActivityOptions(ActivityOptions):
    heartbeat_timeout: timedelta


# Unlimited retries: a case whose activity failed permanently would fail with it. What retries cannot fix, people fix.
STORE: LocalActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=20),
    "schedule_to_close_timeout": timedelta(days=3650),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)),
}
# A journal entry is written from what Temporal's history already holds: after a crash the same entry is written again.
JOURNAL: ActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)),
}
# A run whose number nothing on file has waits in an activity, which adds nothing to its history, until something has.
FILE: ActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)),
}
# A letter that takes longer than the heartbeat timeout is sent again under the same key, which changes nothing outside.
DELIVERY: HeartbeatActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=60),
    "heartbeat_timeout": timedelta(seconds=5),
    # After that the case continues and retries the letters later: escalations and messages must not wait for a carrier.
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=6),
}
ELIGIBILITY: ActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1), maximum_attempts=6
    ),
}
# Upkeep goes through all cases; it tells after each portion that it goes on.
UPKEEP: HeartbeatActivityOptions = {
    "start_to_close_timeout": timedelta(hours=8),
    "heartbeat_timeout": timedelta(minutes=2),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=5), maximum_attempts=5
    ),
}


def workflow_id(case_id: str) -> str:
    """The workflow id of a case. Case numbers are keyed hashes, so the id does not reveal who the member is."""
    return case_id
