"""Forwarding of an update's records to the open review of the stay that has asked for facts.

One review of a stay runs at a time, and an update waits for it to end. A review that waits for missing facts would never get
them from an update that waits in turn; so it gets the update's records too. A review that has asked for nothing gets none:
facts of a later day must not change the days under review.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from domain.case_numbers import is_review_of
from domain.cases.views import CaseStatus
from domain.journal import Actor, EntryKind
from domain.requests.remarks import on_the_whole
from domain.stays.messages import StayEvidence
from intake.requests.records import deliver_records, store_evidence_version
from interop.evidence import Evidence
from interop.submission import Attachment
from services.context import ServiceContext, TemporalUnavailable
from store import cases, documents, journal
from store.inbox import InboxItem

_ASKING = frozenset({EntryKind.INFORMATION_REQUESTED, EntryKind.INFORMATION_RECEIVED, EntryKind.INFORMATION_WAIT_ENDED})
"""The entries of a case that tell whether its provider was asked for facts: the last one counts."""


async def forward_to_review(services: ServiceContext, stay_id: str, update_id: str | None, actor: Actor) -> str | None:
    """Forward an update's records to the review that has asked for facts; its case number, or None without such a review.

    Safe to repeat. While Temporal is unavailable the records are stored for the review.
    """
    if not update_id:
        return None
    found = await services.write(_store_for_review, stay_id, update_id, actor, services.clock())
    if found is None:
        return None
    with suppress(TemporalUnavailable):  # stored for the review, which gets them when Temporal is back
        await deliver_records(services, found, actor)
    return found.case_id


def _store_for_review(s: Session, stay_id: str, update_id: str, actor: Actor, at: datetime) -> InboxItem | None:
    review = _find_asking_review(s, stay_id)
    if review is None:
        return None
    raw = documents.get(s, update_id)
    said = StayEvidence.model_validate_json(raw)
    evidence = Evidence(
        attachments=tuple(
            Attachment(document_reference=one, content=documents.get(s, one.document_id)) for one in said.documents
        ),
        facts=said.facts,
        statements=said.statements,
        answers=said.answers,
        remarks=on_the_whole(said.remarks),
    )
    return store_evidence_version(s, review, evidence, raw, at, f"{actor}: update of {stay_id}")


def _find_asking_review(s: Session, stay_id: str) -> str | None:
    for view in cases.find(s, status=CaseStatus.OPEN):
        if is_review_of(view.case_id, stay_id) and _waits_for_facts(s, view.case_id):
            return view.case_id
    return None


def _waits_for_facts(s: Session, case_id: str) -> bool:
    """Whether the provider's answer is still awaited; a clinician may look at the line meanwhile."""
    kinds = [entry.kind for entry in journal.entries(s, case_id) if entry.kind in _ASKING]
    return bool(kinds) and kinds[-1] is EntryKind.INFORMATION_REQUESTED
