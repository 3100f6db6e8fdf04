"""Claims in the lab for workflow tests: care that Riverbend Clinic gave in the weeks before the lab's today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from demo.time_skipping_lab import Lab
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.vocabulary import ProcessKind
from store import case_summaries, documents
from tests.workflows.care_requests import OXYGEN, OXYGEN_FACTS, STRUCTURED, TODAY, UNITS, request
from tests.workflows.lab_case import LabCase

BEGAN = TODAY - timedelta(days=40)


def day(after: int) -> date:
    """A day so many days after the care began."""
    return BEGAN + timedelta(days=after)


def billed_line(code: str = "E0424", units: float = 1, start: date = BEGAN, **more: Any) -> dict[str, Any]:
    return {
        "line_id": "1",
        "code": code,
        "code_system": "hcpcs",
        "units": units,
        "unit": "months",
        "start": start.isoformat(),
        "end": start.isoformat(),
    } | more


def claim(*lines: dict[str, Any], **more: Any) -> bytes:
    document = {
        "format": "umpire-claim/1",
        "claim_number": "C-1",
        "service_kind": "medical",
        "member": {"member_id": "MBR1000001"},
        "billing_provider": {"npi": "1999999984"},
        "diagnoses": [{"code": "J44.9"}],
        "lines": list(lines),
    }
    return json.dumps(document | more).encode()


def evidence(values: Mapping[str, Any], seen: date) -> dict[str, Any]:
    """Each value with its source, in a record of that day."""
    facts = [
        {
            "id": name,
            "value": value,
            "effective": seen.isoformat(),
            "source": {"kind": "structured_resource", "reference": f"obs/{name}"}
            if name in STRUCTURED
            else {"kind": "document", "reference": "note"},
        }
        | ({"unit": UNITS[name]} if name in UNITS else {})
        for name, value in values.items()
    ]
    return {"documents": [{"name": "note", "title": "Visit note", "text": "What was seen."}], "facts": facts}


async def approve_oxygen(lab: Lab, months: int = 3) -> str:
    """An approval of so many months of oxygen that began with the care; its case."""
    line = OXYGEN.model_copy(update={"start": BEGAN, "end": day(90), "quantity": Decimal(months), "unit": "months"})
    return await lab.open(request(line, known=OXYGEN_FACTS))


async def submit_claim(lab: Lab, raw: bytes) -> LabCase:
    """Submit a claim; the retrospective review that it starts."""
    outcome = await lab.submit_claim(raw)
    assert outcome.case_id is not None, outcome
    await lab.settle()  # a review that it opens has its first entry by then, also on a busy machine
    return LabCase(lab, outcome.case_id)


def review_summary(services: LabCase) -> dict[str, Any]:
    """The summary of the review."""
    with services.lab.store.read() as s:
        found = case_summaries.get(s, services.case_id)
    assert found is not None
    assert found.process is ProcessKind.RETROSPECTIVE_REVIEW
    return found.content


def findings(services: LabCase) -> dict[str, str]:
    """The finding of each line, by its id."""
    return {line["line"]: line["finding"] for line in review_summary(services)["lines"]}


async def completed_task(services: LabCase, kind: TaskKind, who: str, **form: Any) -> CompleteTask:
    return await services.completion(kind, who, TaskOutcome.DONE, form=form)


def review_of(services: LabCase) -> LabCase:
    """The authorization case that the review opened."""
    number = review_summary(services)["review"]
    assert number is not None
    return LabCase(services.lab, number)


SYMPTOMS = {
    "symptoms": ["crushing chest pain, nine of ten"],
    "onset": "an hour before",
    "plan_sent_patient": False,
    "acute_and_severe": True,
    "serious_harm_to_be_expected": True,
    "note": "Triage record of the arrival.",
}
NO_EMERGENCY = SYMPTOMS | {"acute_and_severe": False, "serious_harm_to_be_expected": False}
FUSION = {
    "line_id": "1", "code": "0SG00A0", "code_system": "icd10pcs", "units": 1, "unit": "unit", "start": BEGAN.isoformat(),
    "service_group": "lumbar_fusion",
}  # fmt: skip


async def emergency_before_the_physician(lab: Lab) -> tuple[LabCase, tuple[str, ...]]:
    """The review of surgery billed by an emergency department, in which nobody found an emergency; and its records."""
    line = FUSION | {"place_of_service": "23"}
    services = await submit_claim(lab, claim(line, member={"member_id": "MBR1000011"}, diagnoses=[{"code": "M41.26"}]))
    for who in ("nurse.adams", "md.pulm.rivera"):
        await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, who, **NO_EMERGENCY))
    review = review_of(services)
    await lab.advance(days=40)
    await review.refer()
    await lab.advance(days=10)
    with lab.store.read() as s:
        return review, tuple(record.document_id for record in documents.of_case(s, review.case_id))
