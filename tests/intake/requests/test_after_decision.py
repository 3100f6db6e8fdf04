"""Arrivals after a decision: new evidence reopens it as a case of its own, a copy opens nothing, and nothing stays unseen."""

from __future__ import annotations

import json
from typing import Any

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import Channel
from intake.requests.after_decision import find_chain
from intake.requests.records import add_documents
from intake.submission import submit
from services.context import SubmissionStatus
from store import documents, journal, requests
from tests.intake.arrivals import context_of, plain, sample, settle
from tests.workflows.lab_case import LabCase

API = Channel.API


async def denied(lab: Lab) -> LabCase:
    """The sample fusion, submitted and denied."""
    first = await submit(await context_of(lab), sample("lumbar-fusion"), API)
    await settle(lab)
    assert first.case_id is not None
    case = LabCase(lab, first.case_id)
    await case.refer()
    await case.send(await case.settled("declined"))
    with lab.store.read() as s:
        opened = tuple(document.document_id for document in documents.of_case(s, case.case_id))
    await case.send(await case.denial(evidence_opened=opened))
    assert case.view().status is CaseStatus.DENIED
    return case


def with_new_evidence() -> bytes:
    """The same request under a new number, with records of a longer treatment."""
    first = json.loads(sample("lumbar-fusion"))
    note = {
        "name": "therapy",
        "title": "Physical therapy record",
        "content_type": "text/plain",
        "text": "Physical therapy from September 2025 to October 2026, fourteen months.",
    }
    facts: list[dict[str, Any]] = [one for one in first["facts"] if one["id"] != "sp.nonop_months"]
    source = {"kind": "document", "reference": "therapy"}
    facts.append({"id": "sp.nonop_months", "value": 14, "unit": "mo", "effective": "2026-11-20", "source": source})
    return plain(submission_id="LS-2026-0002", documents=[*first["documents"], note], facts=facts)


async def test_new_evidence_after_a_denial_is_reviewed_in_a_case_of_its_own_that_the_decided_case_shows(
    lab: Lab,
) -> None:
    case = await denied(lab)
    with lab.store.read() as s:
        before = len(documents.of_case(s, case.case_id))
    services = await context_of(lab)
    outcome = await submit(services, with_new_evidence(), API)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.STARTED and outcome.case_id == f"{case.case_id}-F1"
    again = LabCase(lab, outcome.case_id)
    assert again.view().follows == case.case_id and again.view().received_at == services.clock()
    assert "It reopens" in again.entries("request_received")[0].summary
    (came,) = case.entries("follow_up_received")
    assert len(came.data["documents"]) == 1
    with lab.store.read() as s:
        assert len(documents.of_case(s, case.case_id)) == before + 1
    await again.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert again.view().status is CaseStatus.APPROVED and "approval/member" in again.sent()
    assert [entry.kind.value for entry in case.entries()][-1] == "follow_up_decided"
    with lab.store.read() as s:
        assert journal.verify_all(s) == []
    assert case.view().status is CaseStatus.DENIED
    repeated = await submit(await context_of(lab), with_new_evidence(), API)
    assert repeated.kind is SubmissionStatus.DECIDED_BEFORE and "A copy" in repeated.says
    with lab.store.read() as s:
        assert not requests.is_on_file(s, f"{case.case_id}-F2")


async def test_records_for_a_denied_case_open_the_same_way_and_join_what_is_open(lab: Lab) -> None:
    case = await denied(lab)
    reply = await add_documents(await context_of(lab), case.case_id, b"%PDF-1.7 therapy", "Therapy record", None)
    await settle(lab)
    again = LabCase(lab, f"{case.case_id}-F1")
    assert reply.case_id == again.case_id and again.view().status is CaseStatus.OPEN
    reply = await add_documents(await context_of(lab), case.case_id, b"%PDF-1.7 more", "More of it", None)
    assert reply.case_id == again.case_id and again.entries("information_received")


async def test_a_copy_of_a_denied_request_opens_nothing(lab: Lab) -> None:
    case = await denied(lab)
    outcome = await submit(await context_of(lab), sample("lumbar-fusion"), API)
    assert outcome.kind is SubmissionStatus.DECIDED_BEFORE and "A copy" in outcome.says
    assert case.entries("duplicate_received")
    with lab.store.read() as s:
        assert not requests.is_on_file(s, f"{case.case_id}-F1")


async def test_records_of_an_update_go_to_the_reopening_that_is_open_and_open_no_second_one(lab: Lab) -> None:
    case = await denied(lab)
    first = json.loads(sample("lumbar-fusion"))

    def update(number: int) -> bytes:
        note = {"name": f"n{number}", "title": "A note", "content_type": "text/plain", "text": f"Note {number}."}
        return plain(
            submission_id=f"U-{number}",
            action="update",
            prior_submission_id=first["submission_id"],
            documents=[*first["documents"], note],
        )

    opened = await submit(await context_of(lab), update(1), API)
    await settle(lab)
    joined = await submit(await context_of(lab), update(2), API)
    await settle(lab)
    again = LabCase(lab, f"{case.case_id}-F1")
    assert (opened.case_id, joined.case_id) == (again.case_id, again.case_id)
    await again.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    late = await submit(await context_of(lab), update(3), API)
    assert late.case_id == again.case_id and again.view().status is CaseStatus.APPROVED
    with lab.store.read() as s:
        assert find_chain(s, again.case_id) == find_chain(s, case.case_id)
        assert find_chain(s, case.case_id).follow_ups == (again.case_id,)
