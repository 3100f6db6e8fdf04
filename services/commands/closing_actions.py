"""Actions of staff that end a request without a determination, vacate a dismissal, or enter a grievance about a request.

The case itself checks credential, facts and the rule of its line of business. All of these raise NotOnFile for a case that is
not on file, and TemporalUnavailable when Temporal does not answer: then nothing was done.
"""

from __future__ import annotations

from typing import Literal

from domain.authorization.messages import CloseUndecided, FileGrievance, PartyStatement, VacateDismissal
from domain.decisions.closings import Closing, Misdirection
from domain.vocabulary import AskedBy
from services.access import require_on_file
from services.commands.case_actions import message_header, require_document, reviewer_actor, send_to_case
from services.context import CommandResult, ServiceContext


async def close_undecided(
    services: ServiceContext, case_id: str, reviewer_id: str, closing: Closing, message_id: str | None = None
) -> CommandResult:
    """End the request as `closing` says. A document that it names has to be on the case."""
    await services.read(require_on_file, reviewer_id)
    if isinstance(closing, Misdirection):
        await services.read(require_document, case_id, closing.document_id)
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    message = CloseUndecided(**stamp, reviewer_id=reviewer_id, closing=closing)
    return await send_to_case(services, case_id, message)


async def vacate_dismissal(
    services: ServiceContext,
    case_id: str,
    reviewer_id: str,
    by: AskedBy,
    asked: PartyStatement,
    good_cause: str,
    message_id: str | None = None,
) -> CommandResult:
    """Vacate the dismissal for good cause, as the party `by` asked."""
    await services.read(require_on_file, reviewer_id)
    await services.read(require_document, case_id, asked.document_id)
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    message = VacateDismissal(**stamp, reviewer_id=reviewer_id, by=by, asked=asked, good_cause=good_cause)
    return await send_to_case(services, case_id, message)


async def file_grievance(
    services: ServiceContext,
    case_id: str,
    reviewer_id: str,
    about: Literal["extension", "expedite_refusal"],
    asked: PartyStatement,
    said: str,
    message_id: str | None = None,
) -> CommandResult:
    """Enter an expedited grievance about more time that was taken, or about a refusal to expedite."""
    await services.read(require_on_file, reviewer_id)
    await services.read(require_document, case_id, asked.document_id)
    stamp = message_header(services, reviewer_actor(reviewer_id), message_id)
    message = FileGrievance(**stamp, reviewer_id=reviewer_id, about=about, asked=asked, said=said)
    return await send_to_case(services, case_id, message)
