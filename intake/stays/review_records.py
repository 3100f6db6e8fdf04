"""What an update says, for the review of the stay that is under way and asks for it.

One review of a stay runs at a time, and an update waits for it to end. A review that itself waits for missing facts would wait
for ever for what lies on the stay already; so it gets the update's records too. A review that asks for nothing is left alone:
what is said of a later day must not muddle the days that it looks at.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.journal import Actor
from domain.stays.evidence import StayEvidence
from intake.requests.records import keep_evidence_of, tell_of_records
from interop.evidence import Evidence
from interop.submission import Attachment
from services.context import Desk, EngineDown
from services.stay_client import STAY
from store import cases, documents
from store.inbox import InboxItem

ASKED = "asked"
"""The route of a line for which the provider was asked for facts (`LineView.route`)."""


async def hand_to_review(desk: Desk, stay_id: str, update_id: str | None, actor: Actor) -> str | None:
    """Give the records of an update to the review that asks for facts; its number, or None where none does or has them.

    Safe to repeat. While the engine is away they are kept for the review.
    """
    found = await asyncio.to_thread(_keep, desk, stay_id, update_id, actor) if update_id else None
    if found is None:
        return None
    with suppress(EngineDown):  # they are kept for it, and it is told when the engine is back
        await tell_of_records(desk, found, actor)
    return found.case_id


def _keep(desk: Desk, stay_id: str, update_id: str, actor: Actor) -> InboxItem | None:
    with desk.store.begin() as s:
        review = _asking(s, stay_id)
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
        )
        return keep_evidence_of(s, review, evidence, raw, desk.clock(), f"{actor}: update of {stay_id}")


def _asking(s: Session, stay_id: str) -> str | None:
    prefix = f"PA-{stay_id.removeprefix(STAY)}-R"
    for view in cases.find(s, status=CaseStatus.OPEN):
        if view.case_id.startswith(prefix) and any(line.route == ASKED for line in cases.lines(s, view.case_id)):
            return view.case_id
    return None
