"""Priorities of workflows and activities where a task queue has a backlog: people before clocks, expedited before standard.

Temporal serves lower numbers first, and among equals each fairness key in turn. They decide an order, never an outcome.
"""

from __future__ import annotations

from temporalio.common import Priority

from domain.vocabulary import Urgency

PEOPLE = Priority(priority_key=1)
"""Somebody waits for the answer."""
_KEYS = {Urgency.EXPEDITED: 2, Urgency.STANDARD: 3}
_LONGEST_KEY = 64
"""Bytes of the longest fairness key that Temporal takes."""


def of_case(urgency: Urgency | None, plan_id: str | None = None) -> Priority:
    """The priority of a case of this urgency; the cases of each plan have their turn among those of all plans."""
    key = plan_id if plan_id and len(plan_id.encode()) <= _LONGEST_KEY else None
    return Priority(priority_key=_KEYS.get(urgency) if urgency is not None else None, fairness_key=key)
