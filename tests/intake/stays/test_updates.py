"""Clinical updates of a stay: read at the edge, kept before they are told, told once, whatever breaks in between."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from demo.time_skipping_lab import Lab
from domain.errors import NotOnFile, NotReadable, Refused
from domain.evidence.facts import SourceKind
from domain.stays.levels_of_care import LevelOfCare
from intake.resume import resume_arrivals
from intake.stays.evidence import TypedFact, UpdateContents
from intake.stays.updates import ReconsiderationRequest, UpdateRequest, request_reconsideration, send_update
from interop.plain.stay_form import read_stay_form
from services import stay_client
from services.commands.case_actions import reviewer_actor
from services.context import CommandStatus, SubmissionStatus
from store import documents, inbox
from tests.intake.arrivals import context_of, inbox_item
from tests.intake.stays.stay_arrivals import (
    MEMBER,
    admit,
    evidence,
    in_days,
    journal_kinds,
    review_requests,
    settle_all,
    stay_summary,
    stays_on_file,
)

pytestmark = pytest.mark.many

PDF = b"%PDF-1.7 the progress note of the ward"
NURSE = reviewer_actor("nurse.adams")
RECORDS = json.dumps(
    {
        "documents": [{"name": "note", "title": "Progress note", "text": "Two more midnights are expected."}],
        "facts": [
            {"id": "ip.expected_midnights", "value": 3, "source": {"kind": "document", "reference": "note"}},
            {
                "id": "ip.expectation_factors_documented",
                "value": True,
                "source": {"kind": "document", "reference": "note"},
            },
        ],
    }
).encode()


def records(**more: object) -> UpdateContents:
    return UpdateContents(content=RECORDS, name="update.json", **more)  # type: ignore[arg-type]


async def test_an_update_opens_a_review_of_the_days_that_it_asks_for_with_its_facts_and_documents(lab: Lab) -> None:
    stay_id = await admit(lab)
    through = in_days(await lab.now(), 2)
    reply = await send_update(
        await context_of(lab), stay_id, records(), UpdateRequest(through=through, working_drg="291")
    )
    await settle_all(lab)
    assert reply.kind is CommandStatus.ACCEPTED
    (request,) = review_requests(lab, stay_id)
    assert request.lines[-1].end == through
    assert {fact.id for fact in request.facts} == {"ip.expected_midnights", "ip.expectation_factors_documented"}
    assert [document.title for document in request.documents] == ["Progress note"]
    assert stay_summary(lab, stay_id)["working_drg"] == "291"


async def test_an_update_is_kept_with_its_bytes_and_its_receipt_before_the_stay_hears_of_it(lab: Lab) -> None:
    stay_id = await admit(lab)
    services = replace(await context_of(lab), temporal=None)
    reply = await send_update(services, stay_id, records(), UpdateRequest())
    assert reply.kind is CommandStatus.STORED and "Temporal is back" in reply.says
    with lab.store.read() as s:
        (kept,) = [one for one in inbox.unstarted(s) if one.case_id == stay_id]
        form = read_stay_form(inbox.raw(s, kept.inbox_id))
    assert form.file == RECORDS and kept.received_at == services.clock()
    assert "update_received" not in journal_kinds(lab, stay_id)
    outcomes = await resume_arrivals(await context_of(lab))
    await settle_all(lab)
    assert [outcome.kind for outcome in outcomes] == [SubmissionStatus.CHANGED]
    assert journal_kinds(lab, stay_id).count("update_received") == 1
    assert inbox_item(lab, kept.inbox_id).started_at is not None


async def test_a_crash_after_telling_makes_it_be_told_again_and_heard_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay_id = await admit(lab)

    def dies(*_: object) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as broken:
        broken.setattr("intake.stays.updates.inbox.mark_started", dies)
        with pytest.raises(RuntimeError):
            await send_update(await context_of(lab), stay_id, records(), UpdateRequest())
    await settle_all(lab)
    await resume_arrivals(await context_of(lab))
    await settle_all(lab)
    assert journal_kinds(lab, stay_id).count("update_received") == 1 and len(review_requests(lab, stay_id)) == 1


async def test_an_update_waits_for_the_admission_that_the_stay_has_not_heard_of_yet(lab: Lab) -> None:
    away = replace(await context_of(lab), temporal=None)
    stay_id = await admit(lab, away)
    assert journal_kinds(lab, stay_id) == []
    reply = await send_update(await context_of(lab), stay_id, records(), UpdateRequest())
    await settle_all(lab)
    assert reply.kind is CommandStatus.ACCEPTED
    assert journal_kinds(lab, stay_id)[0] == "stay_opened" and "update_received" in journal_kinds(lab, stay_id)


async def test_what_the_facility_says_on_the_telephone_is_a_note_and_attested_facts_under_the_nurses_name(
    lab: Lab,
) -> None:
    stay_id = await admit(lab)
    brought = UpdateContents(note="Still on oxygen, two more nights.", facts=(TypedFact("ip.expected_midnights", 3),))
    await send_update(await context_of(lab), stay_id, brought, UpdateRequest(), NURSE)
    await settle_all(lab)
    (request,) = review_requests(lab, stay_id)
    (fact,) = request.facts
    assert fact.source.kind is SourceKind.ATTESTATION and fact.source.recorded_by == "nurse.adams"
    (note,) = request.documents
    with lab.store.read() as s:
        assert b"Still on oxygen" in documents.get(s, note.document_id)
    assert fact.source.reference == note.document_id


async def test_a_value_that_a_nurse_reads_from_the_document_that_comes_along_is_documented(lab: Lab) -> None:
    stay_id = await admit(lab)
    brought = UpdateContents(content=PDF, name="progress.pdf", facts=(TypedFact("ip.expected_midnights", 3),))
    await send_update(await context_of(lab), stay_id, brought, UpdateRequest(), NURSE)
    await settle_all(lab)
    (request,) = review_requests(lab, stay_id)
    (fact,) = request.facts
    assert fact.source.kind is SourceKind.DOCUMENT and fact.source.reference == request.documents[0].document_id


async def test_an_update_moves_the_level_of_care_that_no_message_told_of(lab: Lab) -> None:
    stay_id = await admit(lab)
    await send_update(await context_of(lab), stay_id, records(), UpdateRequest(level=LevelOfCare.ICU))
    await settle_all(lab)
    assert stay_summary(lab, stay_id)["level_of_care"] == "icu"


async def test_everything_wrong_with_the_records_is_named_and_nothing_is_kept(lab: Lab) -> None:
    stay_id = await admit(lab)
    wrong = {
        "facts": [{"id": "ip.order", "value": True, "source": {"kind": "document", "reference": "gone"}}],
        "fact": 1,
    }
    with pytest.raises(NotReadable) as caught:
        await send_update(
            await context_of(lab), stay_id, UpdateContents(json.dumps(wrong).encode(), "u.json"), UpdateRequest()
        )
    assert all(problem.path for problem in caught.value.problems)
    with lab.store.read() as s:
        assert inbox.unstarted(s) == ()


async def test_records_of_another_patient_are_not_put_on_the_stay(lab: Lab) -> None:
    stay_id = await admit(lab)
    patient = {"resourceType": "Patient", "identifier": [{"value": "MBR1000002"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
    with pytest.raises(NotReadable, match="not the member"):
        await send_update(
            await context_of(lab), stay_id, UpdateContents(json.dumps(bundle).encode(), "b.json"), UpdateRequest()
        )


async def test_the_same_update_twice_is_said_to_be_there_and_with_another_last_day_it_is_another_one(lab: Lab) -> None:
    stay_id = await admit(lab)
    await send_update(await context_of(lab), stay_id, records(), UpdateRequest())
    with pytest.raises(Refused, match=r"update\.known"):
        await send_update(await context_of(lab), stay_id, records(), UpdateRequest())
    through = in_days(await lab.now(), 4)
    reply = await send_update(await context_of(lab), stay_id, records(), UpdateRequest(through=through))
    assert reply.kind is CommandStatus.ACCEPTED


async def test_an_update_that_says_nothing_is_refused(lab: Lab) -> None:
    stay_id = await admit(lab)
    with pytest.raises(Refused, match=r"update\.empty"):
        await send_update(await context_of(lab), stay_id, UpdateContents(), UpdateRequest())


async def test_days_too_far_ahead_are_refused_by_the_stay_with_the_rule(lab: Lab) -> None:
    stay_id = await admit(lab)
    reply = await send_update(
        await context_of(lab), stay_id, records(), UpdateRequest(through=in_days(await lab.now(), 200))
    )
    assert reply.kind is CommandStatus.REFUSED and [one.rule for one in reply.refusals] == ["update.through"]


async def test_a_stay_is_found_in_small_letters_by_its_plan_and_not_by_anything_else(lab: Lab) -> None:
    stay_id = await admit(lab)
    with lab.store.read() as s:
        for said_ in (stay_id.lower(), stay_id.removeprefix("ST-"), stay_id.replace("ST-", "DP-")):
            assert stay_client.find_stay(s, said_).stay_id == stay_id
        with pytest.raises(NotOnFile, match="umpire stays"):
            stay_client.find_stay(s, "ST-NOBODY")
    assert stays_on_file(lab)[0].member_id == MEMBER


async def test_a_closed_stay_answers_that_it_is_closed(lab: Lab) -> None:
    stay_id = await admit(lab, happened_at=await lab.now(), kind="preadmit", patient_class="preadmit")
    await lab.advance(days=60)
    await settle_all(lab)
    with lab.store.read() as s:
        assert stay_client.find_stay(s, stay_id).is_over
    with pytest.raises(Refused, match=r"stay\.closed"):
        await send_update(await context_of(lab), stay_id, records(), UpdateRequest())


async def test_a_second_look_at_days_that_were_not_denied_is_refused_with_the_rule(lab: Lab) -> None:
    stay_id = await admit(lab)
    now = await lab.now()
    look = ReconsiderationRequest(first=in_days(now, 0), last=in_days(now, 0), how="peer_to_peer", held_at=now)
    reply = await request_reconsideration(await context_of(lab), stay_id, records(), look)
    await settle_all(lab)
    assert reply.kind is CommandStatus.REFUSED and [one.rule for one in reply.refusals] == ["second_look.days"]


async def test_what_a_stay_refused_is_settled_and_can_be_sent_again(lab: Lab) -> None:
    """The day may be denied by then: that it was refused before is no reason to say that it is known."""
    stay_id = await admit(lab)
    now = await lab.now()
    look = ReconsiderationRequest(first=in_days(now, 0), last=in_days(now, 0), how="peer_to_peer", held_at=now)
    for _ in range(2):
        reply = await request_reconsideration(await context_of(lab), stay_id, records(), look, NURSE)
        await settle_all(lab)
        assert [one.rule for one in reply.refusals] == ["second_look.days"]
    with lab.store.read() as s:
        assert inbox.list_open(s) == () and inbox.unstarted(s) == ()


async def test_an_update_that_a_stay_refuses_when_nobody_waits_for_the_answer_is_a_task_for_intake(lab: Lab) -> None:
    stay_id = await admit(lab)
    away = replace(await context_of(lab), temporal=None)
    await send_update(away, stay_id, records(), UpdateRequest(through=in_days(await lab.now(), 200)))
    (outcome,) = await resume_arrivals(await context_of(lab))
    assert outcome.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in inbox_item(lab, outcome.inbox_id).problems] == ["update.through"]
    assert inbox_item(lab, outcome.inbox_id).is_open


async def test_what_an_update_says_stands_in_the_store_and_only_its_number_in_the_journal(lab: Lab) -> None:
    stay_id = await admit(lab)
    await send_update(
        await context_of(lab), stay_id, UpdateContents(note="The wound is infected."), UpdateRequest(), NURSE
    )
    await settle_all(lab)
    with lab.store.read() as s:
        (kept,) = [one for one in inbox.of_case(s, stay_id) if inbox.raw(s, one.inbox_id).startswith(b'{"facts":')]
        form = read_stay_form(inbox.raw(s, kept.inbox_id))
    assert form.message.update_id is not None
    assert evidence(lab, form.message.update_id).summary == "The wound is infected."
    assert "infected" not in str(stay_summary(lab, stay_id))


async def test_a_review_that_asks_for_facts_gets_what_a_later_update_says_and_does_not_wait_for_ever(lab: Lab) -> None:
    stay_id = await admit(lab)
    await send_update(
        await context_of(lab), stay_id, UpdateContents(note="Admitted last night."), UpdateRequest(), NURSE
    )
    await settle_all(lab)
    assert review_requests(lab, stay_id)[0].facts == ()
    reply = await send_update(await context_of(lab), stay_id, records(), UpdateRequest())
    await settle_all(lab)
    assert "which has asked for facts, has its records too" in reply.says
    review = f"PA-{stay_id.removeprefix('ST-')}-R1"
    assert review in reply.says
    assert {fact.id for fact in review_requests(lab, stay_id)[0].facts} >= {"ip.expected_midnights"}
    assert "information_received" in journal_kinds(lab, review)


async def test_a_review_that_asks_for_nothing_is_left_alone(lab: Lab) -> None:
    stay_id = await admit(lab)
    order = {"id": "ip.order", "value": True, "source": {"kind": "structured_resource", "reference": "Order/1"}}
    complete = json.loads(RECORDS)
    complete["facts"] = [order, {**complete["facts"][0], "value": 1}, complete["facts"][1]]
    await send_update(
        await context_of(lab), stay_id, UpdateContents(json.dumps(complete).encode(), "u.json"), UpdateRequest()
    )
    await settle_all(lab)
    reply = await send_update(
        await context_of(lab), stay_id, UpdateContents(note="Off the drip."), UpdateRequest(), NURSE
    )
    assert "has its records too" not in reply.says


async def test_two_updates_that_wait_for_the_same_review_are_both_read_in_it(lab: Lab) -> None:
    """Nobody knows the level of care yet, so that no review can begin; what came first is not lost when more comes."""
    stay_id = await admit(lab, unit="Nobody Knows")
    through = in_days(await lab.now(), 3)
    first = await send_update(await context_of(lab), stay_id, records(), UpdateRequest(through=through))
    second = await send_update(
        await context_of(lab), stay_id, UpdateContents(note="Now in a ward."), UpdateRequest(), NURSE
    )
    assert first.kind is second.kind is CommandStatus.ACCEPTED
    await settle_all(lab)
    assert review_requests(lab, stay_id) == []
    await admit(lab, happened_at=await lab.now(), kind="transfer", unit="Med-Surg")
    (request,) = review_requests(lab, stay_id)
    assert {fact.id for fact in request.facts} == {"ip.expected_midnights", "ip.expectation_factors_documented"}
    assert [document.title[:12] for document in request.documents] == ["Progress not", "Note of a ca"]
    assert request.lines[-1].end == through
