"""When the prescriber's statement that supports an exception was received: the clock of the exception starts there.

42 CFR 423.568(b) and 423.578(b): not the request starts the time, but the statement that the drug that comes first, or the
limit, would be ineffective or harmful. It may come with the request or later, as a record.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from activities.lookups.criteria import Answers
from domain.authorization.orders import LookOrder
from domain.clocks.engine import ClockEvent, EventKind
from domain.coverage.circumstances import stated_by
from domain.criteria.fact_extraction import extract_facts
from domain.drug_limits.history import PRESCRIBER_STATEMENT
from domain.evidence.facts import FactDefinition
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Circumstance
from store import inbox, requests
from store.requests import StoredRequest


def statement_received(
    s: Session, order: LookOrder, request: AuthorizationRequest, dictionary: Mapping[str, FactDefinition]
) -> tuple[ClockEvent, ...]:
    """The receipt (UTC) of the first version of the request that holds the statement; nothing while none does.

    Nothing either where the request, as it is now, asks for no exception: nobody waits for a statement then.
    What was taken back later was received all the same. A version whose arrival is not on file counts from the receipt of the
    request, which is the earliest it can have been.
    """
    if Circumstance.DRUG_EXCEPTION not in stated_by(request):
        return ()
    for version in range(1, order.request_version + 1):
        stored = requests.load(s, order.case_id, version)
        if _states(stored, dictionary):
            at = order.received_at
            if version > 1 and stored.inbox_id is not None:
                at = max(at, inbox.get(s, stored.inbox_id).received_at)
            return (ClockEvent(kind=EventKind.PRESCRIBER_STATEMENT_RECEIVED, at=at),)
    return ()


def _states(stored: StoredRequest, dictionary: Mapping[str, FactDefinition]) -> bool:
    came = Answers.model_validate(stored.answers if stored.answers is not None else {})
    facts = (*stored.request.facts, *extract_facts(dictionary, came.statements, came.answers, stored.request))
    return any(fact.id == PRESCRIBER_STATEMENT and fact.value is True for fact in facts)
