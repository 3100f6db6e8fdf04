"""A stay hears of everything that happens to it: once, whatever comes twice, out of order, or after a crash."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo.time_skipping_lab import Lab
from domain.errors import Unavailable
from domain.stays.adt import AdtKind, PatientClass, sort_events
from domain.vocabulary import ArrivalKind, Channel
from intake.admissions import admissions
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.admissions import assign_member, enter_admission, receive_hl7
from intake.admissions.adt_outcome import MemberAssignment
from intake.resume import resume_arrivals as resume
from interop.hl7.acks import AckCode
from interop.plain.admission import Admission
from services import stay_events
from services.context import ServiceContext
from store import adt_messages, inbox, stays
from store.adt_messages import AdtStatus
from store.inbox import InboxStatus
from tests.intake.admissions.stay_listener import (
    ListeningReview,
    event_kinds,
    events_received,
    run_listening_stays,
    sample_message,
)
from tests.intake.arrivals import inbox_item
from tests.intake.dying_steps import kill

STORY = [
    "01-ed-register-A04",
    "02-observation-A08",
    "03-to-inpatient-A06",
    "04-transfer-A02",
    "05-diagnosis-update-A08",
    "06-discharge-snf-A03",
    "07-cancel-discharge-A13",
]


async def take(services: ServiceContext, name: str) -> AdmissionResult:
    (outcome,) = await receive_hl7(services, sample_message(name))
    return outcome


async def test_a_stay_hears_of_its_course_from_the_emergency_department_to_the_cancelled_discharge(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        outcomes = [await take(services, name) for name in STORY]
        stay_id = outcomes[0].stay_id
        assert stay_id is not None and stay_id.startswith("ST-")
        assert {one.stay_id for one in outcomes} == {stay_id}
        assert [one.kind for one in outcomes] == [AdmissionStatus.OPENED] + [AdmissionStatus.JOINED] * 6
        assert {one.ack for one in outcomes} == {AckCode.AA}
        told = await events_received(lab, stay_id)
        assert [message.event.kind.value for message in told] == [
            "register", "update", "to_inpatient", "transfer", "update", "discharge", "cancel_discharge",
        ]  # fmt: skip
        assert [message.event.patient_class for message in told[:3]] == [
            PatientClass.EMERGENCY,
            PatientClass.OBSERVATION,
            PatientClass.INPATIENT,
        ]
        assert told[4].event.diagnoses == ("I21.4", "N17.9")
        assert told[5].event.disposition == "03"
        assert told[2].event.admitted_at == datetime(2026, 3, 3, 2, 55, tzinfo=UTC)


async def test_an_update_is_compared_with_what_was_known_before(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        outcomes = {name: await take(services, name) for name in STORY}
    assert "patient class" in outcomes["02-observation-A08"].says
    assert outcomes["05-diagnosis-update-A08"].says.endswith("Changed: diagnoses.")


async def test_what_starts_a_stay_names_its_member_and_facility_and_no_person(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        outcome = await take(services, STORY[0])
        assert outcome.stay_id is not None
        handle = lab.client.get_workflow_handle(outcome.stay_id)
        start = await handle.query(ListeningReview.started_with)
        assert start is not None
        assert (start.member_id, start.facility_npi, start.visit_number) == ("MBR1000001", "1215000062", "V700001")
        assert start.received_at == services.clock()
        history = (await handle.fetch_history()).to_json().upper()
    (message,) = [await take(replace(services, temporal=None), STORY[0])]
    assert message.kind is AdmissionStatus.REPEATED
    assert "WHITFIELD" not in history and "19510412" not in history and "1951-04-12" not in history


async def test_the_same_message_twice_is_told_once(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, "03-to-inpatient-A06")
        again = await take(services, "09-duplicate-A06")
        assert again.kind is AdmissionStatus.REPEATED and again.ack is AckCode.AA
        assert first.stay_id is not None and await event_kinds(lab, first.stay_id) == ["to_inpatient"]
    assert inbox_item(lab, again.inbox_id).status is InboxStatus.RESOLVED


async def test_the_same_message_with_other_line_ends_is_the_same_message(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        await take(services, "03-to-inpatient-A06")
        for raw in (
            sample_message("03-to-inpatient-A06").replace(b"\r", b"\n"),
            sample_message("03-to-inpatient-A06").replace(b"\r", b"\r\n"),
            b"\x0b" + sample_message("03-to-inpatient-A06") + b"\x1c\r",
        ):
            assert (await receive_hl7(services, raw))[0].kind is AdmissionStatus.REPEATED


async def test_a_control_id_that_is_used_again_is_another_message(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, "04-transfer-A02")
        other = sample_message("04-transfer-A02").replace(b"|4W^412", b"|5N^501")
        (second,) = await receive_hl7(services, other)
        assert second.kind is AdmissionStatus.JOINED and second.event_id != first.event_id
        assert first.stay_id is not None
        assert [message.event.unit for message in await events_received(lab, first.stay_id)] == ["4W", "5N"]


async def test_messages_at_the_same_moment_open_one_stay(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        found = await asyncio.gather(*(receive_hl7(services, sample_message(name)) for name in STORY for _ in range(2)))
        outcomes = [one for (one,) in found]
        assert len({one.stay_id for one in outcomes}) == 1
        assert [one.kind for one in outcomes].count(AdmissionStatus.OPENED) == 1
        stay_id = outcomes[0].stay_id
        assert stay_id is not None
        told = await events_received(lab, stay_id)
        assert len(told) == len({message.message_id for message in told}) == 7


async def test_out_of_order_the_stay_is_the_same_and_its_order_is_that_of_the_events(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        outcomes = [await take(services, name) for name in reversed(STORY[:6])]
        assert outcomes[0].kind is AdmissionStatus.OPENED and "not reported before" in outcomes[0].says
        stay_id = outcomes[0].stay_id
        assert stay_id is not None
        told = [message.event for message in await events_received(lab, stay_id)]
    assert [event.kind for event in sort_events(told)] == [
        AdtKind.REGISTER,
        AdtKind.UPDATE,
        AdtKind.TO_INPATIENT,
        AdtKind.TRANSFER,
        AdtKind.UPDATE,
        AdtKind.DISCHARGE,
    ]


async def test_a_cancelled_admission_that_comes_before_the_admission_is_told_when_the_stay_is_known(lab: Lab) -> None:
    cancel = sample_message("03-to-inpatient-A06").replace(b"ADT^A06^ADT_A06|MER-0003", b"ADT^A11^ADT_A09|MER-0099")
    cancel = cancel.replace(b"EVN|A06|20260302211000-0600", b"EVN|A11|20260302230000-0600")
    async with run_listening_stays(lab) as services:
        (early,) = await receive_hl7(services, cancel)
        assert early.kind is AdmissionStatus.WAITING and early.ack is AckCode.AA
        late = await take(services, "03-to-inpatient-A06")
        assert late.kind is AdmissionStatus.OPENED and late.stay_id == early.stay_id
        assert late.stay_id is not None
        told = await events_received(lab, late.stay_id)
        assert [message.event.kind.value for message in told] == ["to_inpatient", "cancel_admit"]
        assert told[1].event.happened_at == datetime(2026, 3, 3, 5, 0, tzinfo=UTC), (
            "the time of the cancel, not of the admission"
        )


async def test_an_outpatient_visit_is_no_stay_until_it_becomes_one(lab: Lab) -> None:
    visit = sample_message("14-outpatient-visit-A04")
    admission = visit.replace(b"ADT^A04", b"ADT^A06").replace(b"MER-0014", b"MER-0098").replace(b"PV1|1|O", b"PV1|1|I")
    async with run_listening_stays(lab) as services:
        (noted,) = await receive_hl7(services, visit)
        assert noted.kind is AdmissionStatus.NOTED
        with lab.store.read() as s:
            assert noted.stay_id is not None and stays.get(s, noted.stay_id) is None
        (opened,) = await receive_hl7(services, admission)
        assert opened.kind is AdmissionStatus.OPENED and opened.stay_id == noted.stay_id
        assert opened.stay_id is not None and sorted(await event_kinds(lab, opened.stay_id)) == [
            "register",
            "to_inpatient",
        ]


async def test_what_waited_for_a_stay_is_told_in_the_zone_of_the_member_and_never_to_somebody_else(lab: Lab) -> None:
    nowhere = sample_message("15-no-offset-A01").replace(b"|MERIDIAN^1215000062^NPI", b"|MERIDIAN")
    visit = nowhere.replace(b"ADT^A01", b"ADT^A04").replace(b"PV1|1|I", b"PV1|1|O").replace(b"MER-0015", b"MER-0092")
    stranger = visit.replace(b"BEGAY^LORRAINE", b"OTHER^PERSON").replace(b"MER-0092", b"MER-0091")
    async with run_listening_stays(lab) as services:
        assert [(await receive_hl7(services, raw))[0].kind for raw in (visit, stranger)] == [AdmissionStatus.NOTED] * 2
        (opened,) = await receive_hl7(services, nowhere)
        assert opened.stay_id is not None
        told = await events_received(lab, opened.stay_id)
    assert {message.event.kind for message in told} == {AdtKind.ADMIT, AdtKind.REGISTER} and len(told) == 2
    assert {message.event.admitted_at for message in told} == {datetime(2026, 3, 9, 9, 25, tzinfo=UTC)}


# -- whose it is -----------------------------------------------------------------------------------------------------------


async def test_a_patient_who_is_no_known_member_waits_for_a_person_and_then_goes_on(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, "13-unknown-member-A01")
        assert first.kind is AdmissionStatus.NEEDS_PERSON and first.ack is AckCode.AE
        assert [problem.rule for problem in first.problems] == ["intake.member_unknown"]
        moved = (
            sample_message("13-unknown-member-A01").replace(b"ADT^A01", b"ADT^A02").replace(b"MER-0013", b"MER-0097")
        )
        (second,) = await receive_hl7(services, moved)
        with lab.store.read() as s:
            assert {one.inbox_id for one in inbox.list_open(s)} == {first.inbox_id, second.inbox_id}
        outcomes = await assign_member(services, first.inbox_id, MemberAssignment("MBR1000011", "intake.kim"))
        assert [one.kind for one in outcomes] == [AdmissionStatus.OPENED, AdmissionStatus.JOINED]
        stay_id = outcomes[0].stay_id
        assert stay_id is not None and sorted(await event_kinds(lab, stay_id)) == ["admit", "transfer"]
        with lab.store.read() as s:
            stay, message = stays.get(s, stay_id), adt_messages.of_inbox(s, first.inbox_id)
            assert inbox.list_open(s) == ()
        assert stay is not None and stay.member_id == "MBR1000011"
        assert message is not None and message.settled_by == "intake.kim"
        (later,) = await receive_hl7(services, moved.replace(b"MER-0097", b"MER-0096"))
        assert later.kind is AdmissionStatus.JOINED, "whose the stay is was settled once and for all of it"


async def test_name_and_birth_date_find_the_one_member_and_the_hospitals_zone_its_time(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        outcome = await take(services, "15-no-offset-A01")
        assert outcome.stay_id is not None
        (message,) = await events_received(lab, outcome.stay_id)
    with lab.store.read() as s:
        stay = stays.get(s, outcome.stay_id)
    assert stay is not None and stay.member_id == "MBR1000010"
    assert message.event.admitted_at == datetime(2026, 3, 9, 7, 25, tzinfo=UTC), (
        "Chicago, in summer time since the day before"
    )


async def test_without_a_facility_zone_the_members_zone_is_used(lab: Lab) -> None:
    raw = sample_message("15-no-offset-A01").replace(b"|MERIDIAN^1215000062^NPI", b"|MERIDIAN")
    async with run_listening_stays(lab) as services:
        (outcome,) = await receive_hl7(services, raw)
        assert outcome.stay_id is not None
        (message,) = await events_received(lab, outcome.stay_id)
    assert message.event.admitted_at == datetime(2026, 3, 9, 9, 25, tzinfo=UTC), "Phoenix has no summer time"


async def test_a_number_whose_member_has_another_birth_date_is_not_believed(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        (outcome,) = await receive_hl7(services, sample_message("01-ed-register-A04").replace(b"19510412", b"19510413"))
    assert [problem.rule for problem in outcome.problems] == ["intake.member_mismatch"]
    assert "1951" not in outcome.answer + str(outcome.problems)


async def test_a_hospitals_own_number_is_never_taken_for_a_members(lab: Lab) -> None:
    raw = sample_message("13-unknown-member-A01").replace(b"MRN5005", b"MBR1000001")
    async with run_listening_stays(lab) as services:
        (outcome,) = await receive_hl7(services, raw)
    assert [problem.rule for problem in outcome.problems] == ["intake.member_unknown"]


async def test_a_visit_number_that_comes_back_for_another_member_goes_to_a_person(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        await take(services, "10-latin-1-A01")
        (outcome,) = await receive_hl7(services, sample_message("11-lf-line-ends-A01").replace(b"V700003", b"V700002"))
    assert outcome.ack is AckCode.AE
    assert [problem.rule for problem in outcome.problems] == ["stay.other_member"]


async def test_a_repeat_of_what_waits_for_a_person_goes_on_once_the_member_is_known(lab: Lab) -> None:
    from store import directory

    async with run_listening_stays(lab) as services:
        first = await take(services, "13-unknown-member-A01")
        with lab.store.begin() as s:
            prescott = directory.member(s, "MBR1000011")
            assert prescott is not None
            directory.put_member(s, prescott.model_copy(update={"given_name": "Opaline"}))
        again = await take(services, "13-unknown-member-A01")
        assert again.kind is AdmissionStatus.REPEATED and again.ack is AckCode.AA
    assert inbox_item(lab, first.inbox_id).status is InboxStatus.ACCEPTED


async def test_without_a_visit_number_the_account_tells_the_stay(lab: Lab) -> None:
    bare = sample_message("04-transfer-A02").replace(b"V700001^^^MERIDIAN^VN", b"")
    async with run_listening_stays(lab) as services:
        first = await take(services, STORY[0])
        (second,) = await receive_hl7(services, bare)
    assert second.kind is AdmissionStatus.JOINED and second.stay_id == first.stay_id


async def test_without_any_number_of_the_stay_it_is_not_guessed(lab: Lab) -> None:
    bare = sample_message("10-latin-1-A01").replace(b"V700002^^^MERIDIAN^VN", b"").replace(b"ACC7002", b"")
    nothing = bare.replace(b"20260311085500-0500", b"")
    async with run_listening_stays(lab) as services:
        (by_admission,) = await receive_hl7(services, bare)
        (unknown,) = await receive_hl7(services, nothing)
    assert by_admission.kind is AdmissionStatus.OPENED
    assert [problem.rule for problem in unknown.problems] == ["stay.no_identity"]


# -- merges, batches, by hand ----------------------------------------------------------------------------------------------


async def test_a_merge_re_keys_the_stays_of_the_patient_and_tells_them(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        stay_id = (await take(services, STORY[0])).stay_id
        merged = await take(services, "08-merge-A40")
        assert merged.kind is AdmissionStatus.MERGED and merged.stay_id == stay_id
        assert stay_id is not None and await event_kinds(lab, stay_id) == ["register", "merge"]
    with lab.store.read() as s:
        stay = stays.get(s, stay_id)
    assert stay is not None and stay.patient_key == "MRN5900"


async def test_a_merged_visit_goes_on_as_the_other_one_and_both_are_told(lab: Lab) -> None:
    merge = sample_message("08-merge-A40").replace(
        b"MRN5001^^^MERIDIAN^MR", b"MRN5001^^^MERIDIAN^MR||||V700099^^^MERIDIAN^VN"
    )
    merge = merge.rstrip(b"\r") + b"\rPV1|1|I|4W||||||||||||||||V700001^^^MERIDIAN^VN\r"
    other = (
        sample_message(STORY[0])
        .replace(b"V700001", b"V700099")
        .replace(b"MER-0001", b"MER-0095")
        .replace(b"ACC7001", b"ACC7099")
    )
    async with run_listening_stays(lab) as services:
        right = (await take(services, STORY[0])).stay_id
        (wrong,) = await receive_hl7(services, other)
        (merged,) = await receive_hl7(services, merge)
        assert merged.kind is AdmissionStatus.MERGED
        assert right is not None and wrong.stay_id is not None and right != wrong.stay_id
        assert "merge" in await event_kinds(lab, right) and "merge" in await event_kinds(lab, wrong.stay_id)
        (late,) = await receive_hl7(services, other.replace(b"ADT^A04", b"ADT^A08").replace(b"MER-0095", b"MER-0094"))
        assert late.stay_id == right, "what still comes under the old number belongs to the stay that remains"


async def test_a_merge_of_two_members_is_not_carried_out(lab: Lab) -> None:
    merge = sample_message("08-merge-A40").replace(b"MRG|MRN5001", b"MRG|MRN5002").replace(b"MRN5900", b"MRN5001")
    async with run_listening_stays(lab) as services:
        await take(services, STORY[0])
        await take(services, "10-latin-1-A01")
        (outcome,) = await receive_hl7(services, merge)
    assert [problem.rule for problem in outcome.problems] == ["stay.two_members"]
    with lab.store.read() as s:
        assert len(stays.of_patient(s, "MERIDIAN", "MRN5002")) == 1


async def test_another_kind_of_joining_goes_to_a_person_when_it_touches_a_known_stay(lab: Lab) -> None:
    raw = sample_message("08-merge-A40").replace(b"ADT^A40^ADT_A39", b"ADT^A47^ADT_A30")
    async with run_listening_stays(lab) as services:
        (before,) = await receive_hl7(services, raw)
        await take(services, STORY[0])
        (after,) = await receive_hl7(services, raw.replace(b"MER-0008", b"MER-0093"))
    assert before.kind is AdmissionStatus.NOTED
    assert [problem.rule for problem in after.problems] == ["stay.joining"]


async def test_a_batch_is_taken_message_by_message(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        envelope, admission, cancel = await receive_hl7(services, sample_message("16-batch"), "night run")
    assert [envelope.kind, admission.kind, cancel.kind] == [
        AdmissionStatus.SPLIT,
        AdmissionStatus.OPENED,
        AdmissionStatus.WAITING,
    ]
    assert inbox_item(lab, admission.inbox_id).sender == f"night run, INBOX-{envelope.inbox_id}"


async def test_a_batch_is_taken_apart_once_by_however_many_processes(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        with lab.store.begin() as s:
            arrived = inbox.receive(
                s, sample_message("16-batch"), services.clock(), Channel.HL7_V2, kind=ArrivalKind.ADMISSION
            )
        found = await asyncio.gather(*(admissions.process_item(services, arrived.inbox_id) for _ in range(4)))
    assert {tuple(one.inbox_id for one in outcomes) for outcomes in found} == {(1, 2, 3)}


async def test_a_batch_without_its_end_is_taken_and_somebody_must_look(lab: Lab) -> None:
    cut = sample_message("16-batch").replace(b"BTS|2\rFTS|1\r", b"")
    async with run_listening_stays(lab) as services:
        envelope, admission, _ = await receive_hl7(services, cut)
    assert envelope.ack is AckCode.AE and {problem.rule for problem in envelope.problems} == {"adt.batch_cut"}
    assert admission.kind is AdmissionStatus.OPENED


async def test_an_admission_entered_by_hand_is_the_stay_of_which_messages_come_later(lab: Lab) -> None:
    form = Admission(
        facility="Meridian",
        facility_npi="1215000062",
        visit_number="V700001",
        member_id="MBR1000001",
        patient_class=PatientClass.EMERGENCY,
        admitted_at=datetime(2026, 3, 2, 16, 10, tzinfo=UTC),
        happened_at=datetime(2026, 3, 2, 16, 10, tzinfo=UTC),
        entered_by="intake.kim",
    )
    async with run_listening_stays(lab) as services:
        opened = await enter_admission(services, form, Channel.PHONE)
        again = await enter_admission(services, form, Channel.PHONE)
        joined = await take(services, STORY[0])
        assert opened.kind is AdmissionStatus.OPENED and again.kind is AdmissionStatus.REPEATED
        assert joined.stay_id == opened.stay_id
        assert opened.stay_id is not None and await event_kinds(lab, opened.stay_id) == ["admit", "register"]
    assert inbox_item(lab, opened.inbox_id).channel is Channel.PHONE


# -- trouble ---------------------------------------------------------------------------------------------------------------


async def test_while_the_engine_is_away_everything_is_kept_and_told_later_in_order(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        away = replace(services, temporal=None)
        outcomes = [await take(away, name) for name in STORY]
        assert {one.kind for one in outcomes} == {AdmissionStatus.STORED} and outcomes[0].ack is AckCode.AA
        assert [one.kind for one in await resume(away)] == [AdmissionStatus.STORED], (
            "one is enough to know that it is away"
        )
        await resume(services)
        stay_id = outcomes[0].stay_id
        assert stay_id is not None
        assert len(await event_kinds(lab, stay_id)) == 7
        assert await resume(services) == ()


STEPS = [
    (admissions, "interpret"),
    (stays, "open_stay"),
    (adt_messages, "save"),
    (inbox, "accept"),
    (stay_events, "_deliver_to_stay"),
    (adt_messages, "mark_sent_to_stay"),
    (inbox, "mark_started"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), STEPS, ids=[name for _, name in STEPS])
async def test_an_admission_survives_a_death_at_each_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool
) -> None:
    async with run_listening_stays(lab) as services:
        kill(monkeypatch, place, name, after)
        kept = await take(services, "03-to-inpatient-A06")
        assert kept.kind is AdmissionStatus.STORED and kept.ack is AckCode.AA
        for outcome in await resume(services):
            assert outcome.received_at == kept.received_at
        assert await resume(services) == ()
        stored = inbox_item(lab, kept.inbox_id)
        assert stored.status is InboxStatus.ACCEPTED and stored.started_at is not None
        assert stored.case_id is not None and await event_kinds(lab, stored.case_id) == ["to_inpatient"]


async def test_what_the_stays_process_cannot_hear_any_more_goes_to_a_person(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        stay_id = (await take(services, STORY[0])).stay_id
        assert stay_id is not None
        handle = lab.client.get_workflow_handle(stay_id)
        await handle.signal(ListeningReview.end)
        await handle.result()
        late = await take(services, "04-transfer-A02")
    assert late.kind is AdmissionStatus.NEEDS_PERSON
    assert [problem.rule for problem in late.problems] == ["stay.closed"]
    assert inbox_item(lab, late.inbox_id).status is InboxStatus.REFUSED
    with lab.store.read() as s:
        message = adt_messages.of_inbox(s, late.inbox_id)
    assert message is not None and message.status is AdtStatus.OPEN


async def test_requests_and_stays_are_carried_on_each_their_own_way(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        with lab.store.begin() as s:
            inbox.receive(
                s, sample_message("03-to-inpatient-A06"), services.clock(), Channel.HL7_V2, kind=ArrivalKind.ADMISSION
            )
        assert [one.kind for one in await resume(services)] == [AdmissionStatus.OPENED]


async def test_a_store_that_is_away_is_said_at_once_and_nothing_is_pretended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    monkeypatch.setattr(admissions.inbox, "receive", away)
    async with run_listening_stays(lab) as services:
        with pytest.raises(Unavailable):
            await receive_hl7(services, sample_message(STORY[0]))
