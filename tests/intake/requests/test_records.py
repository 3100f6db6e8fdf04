"""Records that come later: read into facts where they can be, kept as documents where they cannot, told to the case once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from demo import case_record
from demo.time_skipping_lab import Lab
from domain.errors import NotOnFile, NotReadable, Refused
from domain.evidence.facts import SourceKind
from domain.vocabulary import Channel
from intake.requests.records import add_documents
from intake.resume import resume_arrivals
from intake.submission import submit
from rulebook.guidelines import load_dictionary
from services import case_client
from services.commands.case_actions import reviewer_actor
from services.context import CommandStatus, SubmissionStatus
from store import documents, inbox, requests
from tests.intake.arrivals import SAMPLES, context_of, inbox_item, journal_kinds, plain, sample, settle, status
from tests.intake.dying_steps import Killed, kill

pytestmark = pytest.mark.many

PDF = b"%PDF-1.7 a letter from the clinic"
INDEX = (SAMPLES.parent / "records" / "sleep-test-index.json").read_bytes()


def in_another_unit(records: bytes) -> bytes:
    observation = json.loads(records)
    observation["id"] = "in-minutes"
    observation["valueQuantity"] |= {"unit": "/min", "code": "/min"}
    return json.dumps(observation).encode()


async def cpap(lab: Lab) -> str:
    outcome = await submit(await context_of(lab), sample("cpap-missing-facts"), Channel.FHIR_PAS)
    await settle(lab)
    assert outcome.case_id is not None
    return outcome.case_id


def answered(lab: Lab, case_id: str) -> bool:
    """Whether the criteria were read again and found met, which a nurse looks at."""
    looks = case_record.read_case_record(lab.store, case_id).verdicts.values()
    states = [verdict.state.value for verdict in looks]
    return (states[0], states[-1]) == ("unknown", "met")


async def test_an_observation_answers_what_was_missing_and_one_in_another_unit_does_not_and_is_told(lab: Lab) -> None:
    case_id = await cpap(lab)
    assert status(lab, case_id) == "open"
    services = await context_of(lab, facts=load_dictionary())
    foreign = await add_documents(services, case_id, in_another_unit(INDEX), "index.json", None)
    await settle(lab)
    told = "pap.ahi came in /min and counts in per hour only: units are never converted"
    assert foreign.says.endswith(f"{told}.") and not answered(lab, case_id)
    with lab.store.read() as s:
        assert told in {str(remark) for remark in requests.load(s, case_id).request.remarks}
    reply = await add_documents(await context_of(lab), case_id, INDEX, "index.json", None)
    await settle(lab)
    assert reply.kind is CommandStatus.ACCEPTED and answered(lab, case_id)


async def test_a_pdf_is_kept_as_a_document_of_the_case(lab: Lab) -> None:
    case_id = await cpap(lab)
    await add_documents(await context_of(lab), case_id, PDF, "Clinic letter", None)
    await settle(lab)
    with lab.store.read() as s:
        found = {document.title: document for document in documents.of_case(s, case_id)}
        assert documents.get(s, found["Clinic letter"].document_id) == PDF
        assert found["Clinic letter"].document_id in {
            document.document_id for document in requests.load(s, case_id).request.documents
        }
    assert found["Clinic letter"].content_type == "application/pdf"
    assert journal_kinds(lab, case_id).count("information_received") == 1


async def test_a_value_that_a_nurse_reads_from_a_document_carries_her_name(lab: Lab) -> None:
    case_id = await cpap(lab)
    services = await context_of(lab)
    await add_documents(services, case_id, PDF, "Sleep test", reviewer_actor("nurse.adams"))
    await settle(lab)
    source = {"kind": "document", "reference": "Sleep test"}
    fact = {"id": "pap.ahi", "value": 21.3, "unit": "/h", "effective": "2026-10-08", "source": source}
    reply = await add_documents(
        await context_of(lab), case_id, json.dumps({"facts": [fact]}).encode(), "facts", reviewer_actor("nurse.adams")
    )
    assert reply.kind is CommandStatus.ACCEPTED
    with lab.store.read() as s:
        (kept,) = [fact for fact in requests.load(s, case_id).request.facts if fact.id == "pap.ahi"]
    assert kept.source.kind is SourceKind.DOCUMENT and kept.source.recorded_by == "nurse.adams"


async def test_the_same_records_twice_are_said_to_be_there(lab: Lab) -> None:
    case_id = await cpap(lab)
    await add_documents(await context_of(lab), case_id, PDF, "Clinic letter", None)
    with pytest.raises(Refused, match=r"records\.known"):
        await add_documents(await context_of(lab), case_id, PDF, "Clinic letter", None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "umpire-evidence"),
        (b'{"fact": []}', "umpire-request/1"),
        (b'{"resourceType": "MedicationRequest"}', "umpire-format"),
        (b"", "records.empty"),
        (sample("home-oxygen-complete"), "umpire-evidence"),
        (b'{"facts": [', "json-syntax"),
    ],
    ids=["nothing", "misspelt", "another resource", "empty", "a request", "broken"],
)
async def test_records_that_cannot_be_read_are_refused_with_their_place(lab: Lab, content: bytes, reason: str) -> None:
    case_id = await cpap(lab)
    with pytest.raises(NotReadable) as wrong:
        await add_documents(await context_of(lab), case_id, content, "x.json", None)
    assert reason in {problem.rule for problem in wrong.value.problems}
    assert await resume_arrivals(await context_of(lab)) == ()


async def test_records_of_another_patient_are_not_taken(lab: Lab) -> None:
    case_id = await cpap(lab)
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "MBR1000002"}]}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": patient}, {"resource": json.loads(INDEX)}],
    }
    with pytest.raises(NotReadable, match="not the member of the case"):
        await add_documents(await context_of(lab), case_id, json.dumps(bundle).encode(), "x.json", None)


async def test_json_can_be_kept_as_a_document(lab: Lab) -> None:
    case_id = await cpap(lab)
    reply = await add_documents(await context_of(lab), case_id, b'{"any": 1}', "export.json", None, as_document=True)
    assert reply.kind is CommandStatus.ACCEPTED


async def test_records_for_no_case_are_refused_and_those_of_an_approved_one_are_put_on_its_file(lab: Lab) -> None:
    with pytest.raises(NotOnFile):
        await add_documents(await context_of(lab), "PA-NONE", PDF, "x", None)
    done = await submit(await context_of(lab), sample("home-oxygen-complete"), Channel.FHIR_PAS)
    await settle(lab)
    assert done.case_id is not None
    reply = await add_documents(await context_of(lab), done.case_id, PDF, "Late letter", None)
    assert reply.kind is CommandStatus.ACCEPTED and "on the file" in reply.says
    with lab.store.read() as s:
        assert "Late letter" in {document.title for document in documents.of_case(s, done.case_id)}
    assert status(lab, done.case_id) == "approved"
    assert journal_kinds(lab, done.case_id)[-1] == "information_received"


async def test_records_that_came_while_the_engine_was_away_reach_the_case_later(lab: Lab) -> None:
    case_id = await cpap(lab)
    services = await context_of(lab)
    reply = await add_documents(replace(services, temporal=None), case_id, INDEX, "index.json", None)
    assert reply.kind is CommandStatus.STORED
    (outcome,) = await resume_arrivals(services)
    await settle(lab)
    assert outcome.kind is SubmissionStatus.CHANGED and answered(lab, case_id)
    assert await resume_arrivals(services) == ()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("place", "name"), [(case_client, "send_message"), (inbox, "mark_started")], ids=["send", "mark"]
)
async def test_records_survive_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    case_id = await cpap(lab)
    with monkeypatch.context() as patch:
        kill(patch, place, name, after)
        with pytest.raises(Killed):
            await add_documents(await context_of(lab), case_id, PDF, "Clinic letter", None)
    left = await resume_arrivals(await context_of(lab))
    await settle(lab)
    assert len(left) == 1
    assert journal_kinds(lab, case_id).count("information_received") == 1


async def test_records_for_a_case_that_was_never_started_start_it_first(lab: Lab) -> None:
    services = await context_of(lab)
    kept = await submit(replace(services, temporal=None), plain(), Channel.API)
    assert kept.case_id is not None
    await add_documents(services, kept.case_id, PDF, "Clinic letter", None)
    await settle(lab)
    assert inbox_item(lab, kept.inbox_id).started_at is not None
    assert "information_received" in journal_kinds(lab, kept.case_id)
