"""Search attributes of cases in Temporal's lists: process, status, due day. Nothing about a person or their health.

They can be read by whoever sees Temporal's lists, encrypted payloads or not. A case has them only if it was started on a server
that knows them: then its start says so in its history, and it keeps them up to date.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from engine import workflow_names

PROCESS = SearchAttributeKey.for_keyword("UmpireProcess")
STATUS = SearchAttributeKey.for_keyword("UmpireStatus")
DUE_DAY = SearchAttributeKey.for_keyword("UmpireDueDay")
"""The day on which the earliest decision is due, in the case's zone: 2026-12-08. Days sort as texts."""
ALL: tuple[SearchAttributeKey[str], ...] = (PROCESS, STATUS, DUE_DAY)
MEANINGS = {
    PROCESS.name: "the kind of process, such as request or stay",
    STATUS.name: "the status of the case, such as open",
    DUE_DAY.name: "the day on which the earliest decision is due, such as 2026-12-08",
}
_OPEN = "open"
_PROCESSES = {
    workflow_names.PRIOR_AUTHORIZATION: "request",
    workflow_names.CONCURRENT_REVIEW: "stay",
    workflow_names.DISCHARGE_PLANNING: "discharge_plan",
    workflow_names.RETROSPECTIVE_REVIEW: "retrospective_review",
    workflow_names.QUALITY_CONCERN: "concern",
    workflow_names.MEMBER_CALLBACK: "callback",
    workflow_names.APPEAL: "appeal",
}
_FORGET_SECONDS = 300.0
_PATIENCE = timedelta(seconds=5)
_asked: WeakKeyDictionary[Client, tuple[float, bool]] = WeakKeyDictionary()


class AttributeConflict(ValueError):
    """The server has an attribute of one of our names with another type."""


def at_start(workflow: str) -> TypedSearchAttributes:
    """The attributes with which a case of this workflow starts."""
    process = _PROCESSES.get(workflow, workflow)
    return TypedSearchAttributes([SearchAttributePair(PROCESS, process), SearchAttributePair(STATUS, _OPEN)])


async def start_case_workflow(client: Client, workflow: str, start: Any, **options: Any) -> None:
    """Start a workflow with its attributes; without them on a server that does not know them. Raises as `start_workflow`."""
    if await _are_known(client):
        options["search_attributes"] = at_start(workflow)
    await client.start_workflow(workflow, start, **options)


async def _are_known(client: Client) -> bool:
    """Whether the server knows all attributes, asked for again after a while. One that does not say is taken not to.

    Starting and trying again without them would not do: a server may have kept the number of the start that it refused.
    """
    now = asyncio.get_running_loop().time()
    asked_at, known = _asked.get(client, (-_FORGET_SECONDS, False))
    if now - asked_at >= _FORGET_SECONDS:
        try:
            known = not await missing(client, _PATIENCE)
        except (RPCError, AttributeConflict):
            known = False
        _asked[client] = (now, known)
    return known


async def missing(client: Client, patience: timedelta | None = None) -> tuple[str, ...]:
    """The names of ours that the server does not know. Raises RPCError, and AttributeConflict for one of another type."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=patience
    )
    known = answer.custom_attributes
    wrong = [key.name for key in ALL if key.name in known and known[key.name] != _kind(key)]
    if wrong:
        raise AttributeConflict(f"{', '.join(wrong)}: the server has it with another type; expected Keyword")
    return tuple(key.name for key in ALL if key.name not in known)


async def apply(client: Client) -> tuple[str, ...]:
    """Make the server know ours; the names that were new to it. Safe to repeat. Raises as `missing`."""
    names = await missing(client)
    if names:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={key.name: _kind(key) for key in ALL if key.name in names},
            )
        )
    _asked.pop(client, None)
    return names


def _kind(key: SearchAttributeKey[str]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(int(key.indexed_value_type))
