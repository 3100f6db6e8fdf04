"""Search attributes of cases on the Temporal server: which it lacks, and their creation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Refused, RuleViolation
from engine import search_attributes
from engine.search_attributes import AttributeConflict
from services.case_client import translate_temporal_errors
from services.context import ServiceContext


async def missing_attributes(services: ServiceContext) -> tuple[str, ...]:
    """The names that the server does not know. Raises TemporalUnavailable, and Refused where another type has the name."""
    with _translated_errors():
        return await search_attributes.missing(services.client())


async def apply_attributes(services: ServiceContext) -> tuple[str, ...]:
    """Create those that the server lacks; their names. Raises as `missing_attributes`, and Refused without the right to."""
    with _translated_errors():
        return await search_attributes.apply(services.client())


@contextmanager
def _translated_errors() -> Iterator[None]:
    by_hand = (
        "Create them with the tools of the server: UmpireProcess, UmpireStatus and UmpireDueDay, each of type Keyword."
    )
    try:
        with translate_temporal_errors():
            yield
    except AttributeConflict as error:
        way_out = "Rename the other attribute, or use a namespace of its own for Umpire."
        raise Refused((RuleViolation(rule="search_attributes.type", message=str(error), way_out=way_out),)) from None
    except RPCError as error:
        if error.status not in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED):
            raise
        message = "The server does not let clients see or create search attributes."
        raise Refused((RuleViolation(rule="search_attributes.rights", message=message, way_out=by_hand),)) from None
