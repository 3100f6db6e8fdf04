"""Concerns run from their raising to their closing, and leave nothing but a number where they were raised."""

from __future__ import annotations

from contacts import CLOSURE, PEER_REVIEW, TRIAGE, concern

from demo.lab import Lab
from domain.tasks import TaskKind
from domain.views import CaseStatus, ProcessKind


async def test_a_concern_goes_from_the_first_look_over_peer_review_to_its_closing(lab: Lab) -> None:
    raised = await concern(lab)
    assert raised.view().process is ProcessKind.CONCERN
    await raised.done(TaskKind.CONCERN_TRIAGE, "nurse.lopez", TRIAGE)
    await raised.done(TaskKind.CONCERN_PEER_REVIEW, "md.pulm.rivera", PEER_REVIEW)
    await raised.done(TaskKind.CONCERN_CLOSURE, "compliance.ortiz", CLOSURE)
    assert raised.view().status is CaseStatus.COMPLETED
    assert raised.sheet().content["severity"] == 2
