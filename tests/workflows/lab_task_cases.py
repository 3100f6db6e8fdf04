"""Concerns and callbacks in the lab, with correctly completed forms, for workflow tests."""

from __future__ import annotations

from typing import Any

from demo.time_skipping_lab import Lab
from domain.callbacks.policy import CallTopic
from domain.callbacks.start import CallbackStart
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseSummary
from domain.concerns.start import ConcernStart, concern_id_for
from store import case_summaries
from tests.workflows.lab_case import LabCase

MEMBER = "MBR1000001"

TRIAGE: dict[str, Any] = {
    "severity": 2,
    "routes": ["peer_review"],
    "found": "The record shows a delay of six hours.",
    "danger_now": False,
}
PEER_REVIEW: dict[str, Any] = {
    "no_conflict_of_interest": True,
    "records_read": ["Emergency department record"],
    "standard": "opportunity_to_improve",
    "severity": 2,
    "rationale": "The second blood pressure was not acted on.",
    "actions": ["Talk with the unit about its handover."],
    "to_committee": False,
}
CLOSURE: dict[str, Any] = {
    "finding": "substantiated",
    "in_words": "The care came later than it should have.",
    "actions": ["The unit was written to."],
    "raiser_told": True,
}
ANSWERED: dict[str, Any] = {
    "caller_name": "Grace Adams",
    "caller_title": "Registered Nurse",
    "caller_organization": "Example Health",
    "reached": "member",
    "outcome": "answered",
    "said": "The review is still open; the letter comes this week.",
}
NO_ANSWER: dict[str, Any] = ANSWERED | {"reached": "nobody", "outcome": "no_answer", "said": None}


class LabTaskCase(LabCase):
    """One concern or callback in the lab, with the actions of the people who work on it."""

    async def fill(self, kind: TaskKind, who: str, form: dict[str, Any], **changes: Any) -> CompleteTask:
        return await self.completion(kind, who, TaskOutcome.DONE, form=form | changes)

    async def done(self, kind: TaskKind, who: str, form: dict[str, Any], **changes: Any) -> str:
        return (await self.send(await self.fill(kind, who, form, **changes))).says

    def sheet(self) -> CaseSummary:
        with self.lab.store.read() as s:
            found = case_summaries.get(s, self.case_id)
        assert found is not None
        return found


async def start_concern(lab: Lab, kind: Any = "quality", about: str = "PA-NONE", **more: Any) -> LabTaskCase:
    start = ConcernStart(
        case_id=concern_id_for(f"{kind}-{about}"),
        kind=kind,
        raised_by="nurse.adams",
        about_case_id=about,
        member_id=MEMBER,
        what="The antibiotic came six hours late.",
        at=await lab.now(),
        **more,
    )
    return LabTaskCase(lab, await lab.begin("ConcernProcess", start, start.case_id))


async def start_callback(lab: Lab, **more: Any) -> LabTaskCase:
    fields = {
        "case_id": "CB-AAAABBBBCCCC",
        "received_at": await lab.now(),
        "from_whom": "member",
        "member_id": MEMBER,
        "about": CallTopic.CLINICAL_REVIEW,
        "message_document": "0" * 64,
    }
    start = CallbackStart.model_validate(fields | more)
    return LabTaskCase(lab, await lab.begin("Callback", start, start.case_id))
