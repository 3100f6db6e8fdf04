"""Receipt of the prescriber's supporting statement, which starts the clock of a drug exception.

42 CFR 423.568(b) and 423.578(b): the time starts not with the request but with the statement that the preferred drug, or the
limit, would be ineffective or harmful. It may arrive with the request or later, as a record.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from activities.lookups.criteria import SubmittedEvidence
from domain.authorization.orders import ReviewInput
from domain.clocks.engine import ClockEvent, EventKind
from domain.coverage.circumstances import stated_circumstances
from domain.criteria.fact_extraction import extract_facts
from domain.drug_limits.history import PRESCRIBER_STATEMENT
from domain.evidence.facts import FactDefinition
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Circumstance
from store import inbox, requests
from store.requests import StoredRequest


def statement_receipt_event(
    s: Session, order: ReviewInput, request: AuthorizationRequest, dictionary: Mapping[str, FactDefinition]
) -> tuple[ClockEvent, ...]:
    """The receipt (UTC) of the first version of the request that holds the statement; empty while none does.

    Also empty when the request, as it is now, asks for no exception. A statement that was withdrawn later was received all
    the same. A version whose arrival is not on file counts from the receipt of the request, the earliest possible instant.
    """
    if Circumstance.DRUG_EXCEPTION not in stated_circumstances(request):
        return ()
    for version in range(1, order.request_version + 1):
        stored = requests.load(s, order.case_id, version)
        if _contains_statement(stored, dictionary):
            at = order.received_at
            if version > 1 and stored.inbox_id is not None:
                at = max(at, inbox.get(s, stored.inbox_id).received_at)
            return (ClockEvent(kind=EventKind.PRESCRIBER_STATEMENT_RECEIVED, at=at),)
    return ()


def _contains_statement(stored: StoredRequest, dictionary: Mapping[str, FactDefinition]) -> bool:
    came = SubmittedEvidence.model_validate(stored.answers if stored.answers is not None else {})
    facts = (*stored.request.facts, *extract_facts(dictionary, came.statements, came.answers, stored.request))
    return any(fact.id == PRESCRIBER_STATEMENT and fact.value is True for fact in facts)
