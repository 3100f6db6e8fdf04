"""A repeated request does what it says: it expedites, brings its records and names who asks; and its sender is told."""

from __future__ import annotations

import json
from typing import Any

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from intake.submission import submit
from services.context import SubmissionResult, SubmissionStatus
from store import cases, documents, journal, requests
from store.inbox import InboxStatus
from tests.intake.arrivals import context_of, inbox_item, journal_kinds, plain, sample, settle, versions

API = Channel.API
NOTE = {"title": "A later note", "text": "Seen again; the pain is worse."}
JEOPARDY = {"urgency": "expedited", "asked_by": "provider", "physician_statement": True}


async def _repeat(lab: Lab, **changes: Any) -> SubmissionResult:
    outcome = await submit(await context_of(lab), plain(submission_id="again", **changes), API)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.JOINED
    return outcome


async def _opened(lab: Lab, **changes: Any) -> str:
    first = await submit(await context_of(lab), plain(**changes), API)
    await settle(lab)
    assert first.case_id is not None
    return first.case_id


def _urgency(lab: Lab, case_id: str) -> str | None:
    with lab.store.read() as s:
        view = cases.get(s, case_id)
    return view.urgency if view is not None else None


async def test_a_repeat_with_a_physicians_statement_of_jeopardy_expedites_the_case(lab: Lab) -> None:
    case_id = await _opened(lab)
    assert _urgency(lab, case_id) == "standard"
    again = await _repeat(lab, urgency=JEOPARDY)
    assert _urgency(lab, case_id) == "expedited"
    assert "Expedited: a physician's statement makes it mandatory." in again.says


async def test_a_statement_of_jeopardy_counts_even_on_a_form_marked_standard(lab: Lab) -> None:
    case_id = await _opened(lab)
    await _repeat(lab, urgency=JEOPARDY | {"urgency": "standard"})
    assert _urgency(lab, case_id) == "expedited"


async def test_the_members_own_repeat_is_journaled_as_theirs_and_its_urgency_is_decided(lab: Lab) -> None:
    case_id = await _opened(lab)
    again = await _repeat(lab, urgency={"urgency": "expedited", "asked_by": "member"})
    assert "as asked by the member" in again.says and "A clinician decides at once" in again.says
    with lab.store.read() as s:
        spoke = {entry.kind.value: entry.actor.kind for entry in journal.entries(s, case_id)}
    assert spoke["duplicate_received"] == "member" and spoke["expedite_requested"] == "member"


async def test_a_statement_of_jeopardy_settles_a_members_request_that_waits_for_a_clinician(lab: Lab) -> None:
    case_id = await _opened(lab, urgency={"urgency": "expedited", "asked_by": "member"})
    assert "expedited" not in journal_kinds(lab, case_id)
    await _repeat(lab, urgency=JEOPARDY)
    assert "expedited" in journal_kinds(lab, case_id)


async def test_a_repeat_brings_its_new_documents_to_the_case_and_says_so(lab: Lab) -> None:
    case_id = await _opened(lab)
    with lab.store.read() as s:
        before = len(documents.of_case(s, case_id))
    known = json.loads(sample("lumbar-fusion")).get("documents", [])
    again = await _repeat(lab, documents=[*known, NOTE])
    assert "1 document added" in again.says
    assert "information_received" in journal_kinds(lab, case_id)
    with lab.store.read() as s:
        assert len(documents.of_case(s, case_id)) == before + 1
    assert versions(lab, case_id) == 2
    assert inbox_item(lab, again.inbox_id).status is InboxStatus.ACCEPTED


async def test_the_same_repeat_twice_brings_its_records_once(lab: Lab) -> None:
    case_id = await _opened(lab)
    known = json.loads(sample("lumbar-fusion")).get("documents", [])
    await _repeat(lab, documents=[*known, NOTE])
    again = await _repeat(lab, documents=[*known, NOTE])
    assert "Nothing was added" in again.says and versions(lab, case_id) == 2


async def test_a_repeat_with_another_diagnosis_adds_it_to_the_request(lab: Lab) -> None:
    case_id = await _opened(lab)
    known = json.loads(sample("lumbar-fusion"))["diagnoses"]
    again = await _repeat(lab, diagnoses=[*known, "G89.4"])
    assert "New facts added" in again.says
    with lab.store.read() as s:
        assert "G89.4" in requests.load(s, case_id).request.diagnoses
