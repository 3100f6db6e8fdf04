"""Timeouts and retry policies by kind of work, and the one rule for workflow ids."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class LocalOptions(TypedDict):
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class RemoteOptions(TypedDict):
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class WatchedOptions(RemoteOptions):
    heartbeat_timeout: timedelta


# Retries without end: a case whose activity failed for good would fail with it. What waiting cannot mend, people mend.
STORE: LocalOptions = {
    "start_to_close_timeout": timedelta(seconds=20),
    "schedule_to_close_timeout": timedelta(days=3650),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)),
}
# A journal entry is written from what Temporal's history already holds: after a crash the same entry is written again.
JOURNAL: RemoteOptions = {
    "start_to_close_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)),
}
# A letter that takes longer than the heartbeat allows is carried again under the same key, which changes nothing outside.
DELIVERY: WatchedOptions = {
    "start_to_close_timeout": timedelta(seconds=60),
    "heartbeat_timeout": timedelta(seconds=5),
    # Then the case goes on and offers the letters again later, because escalations and messages must not wait for a carrier.
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=6),
}
ELIGIBILITY: RemoteOptions = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1), maximum_attempts=6
    ),
}


def workflow_id(case_id: str) -> str:
    """The workflow id of a case. Case numbers are keyed hashes, so the id tells nobody who the member is."""
    return case_id
