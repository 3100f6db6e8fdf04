"""Which stay a message is about when numbers change, and what is asked of a person before any stay is opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demo.time_skipping_lab import Lab
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.admissions import receive_hl7
from services.context import ServiceContext
from store import inbox, stays
from tests.intake.admissions.stay_listener import event_kinds, events_received, run_listening_stays

ALMA = ("MBR1000001", "WHITFIELD^ALMA", "19510412")


def message(
    trigger: str, code: str, visit: str, *, account: str = "", minute: int = 0, more: str = "", **changed: str
) -> bytes:
    number, name, born = (changed.get(key, value) for key, value in zip(("number", "name", "born"), ALMA, strict=True))
    sent, relay, place = (
        f"202603021{minute:03d}00-0600",
        changed.get("relay", "MERIDIAN"),
        changed.get("place", "MERIDIAN"),
    )
    patient = changed.get("patient", "MRN1^^^M^MR")
    lines = [
        rf"MSH|^~\&|APP|{relay}|UMPIRE|PLAN|{sent}||ADT^{trigger}|C{trigger}{minute}|P|2.5.1||||||UNICODE UTF-8",
        f"EVN|{trigger}|{sent}|||||{place}",
        f"PID|1||{patient}~{number}^^^PLAN^MB||{name}||{born}|F||||||||||{account}",
        *([more] if more else []),
        f"PV1|1|{code}|ICU^1^^{place}|E||||||MED|||||||||{visit}" + "|" * 25 + "20260302100000-0600",
    ]
    return ("\r".join(lines) + "\r").encode()


async def take(services: ServiceContext, raw: bytes) -> AdmissionResult:
    (found,) = await receive_hl7(services, raw)
    return found


async def test_a_change_of_class_that_changes_the_numbers_is_the_same_stay(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, message("A04", "E", "V1", account="AC1"))
        away = "MRG|MRN1^^^M^MR||AC1||V1"
        changed = await take(services, message("A06", "I", "V2", account="AC2", minute=30, more=away))
        left = await take(services, message("A03", "I", "V2", account="AC2", minute=50))
        assert first.stay_id == changed.stay_id == left.stay_id and first.stay_id is not None
        assert await event_kinds(lab, first.stay_id) == ["register", "to_inpatient", "discharge"]


async def test_one_account_in_the_emergency_department_and_on_the_ward_is_one_stay(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, message("A04", "E", "V1", account="HAR1"))
        admitted = await take(services, message("A01", "I", "V2", account="HAR1", minute=30))
        assert admitted.stay_id == first.stay_id


async def test_two_stays_of_one_member_at_one_facility_at_once_are_asked(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, message("A04", "E", "V1", account="AC1"))
        second = await take(services, message("A01", "I", "V2", account="AC2", minute=30))
        assert second.kind is AdmissionStatus.OPENED and second.stay_id is not None
        (told,) = await events_received(lab, second.stay_id)
        assert told.event.overlaps == first.stay_id


@pytest.mark.parametrize("code", ["", "N", "U", "X9"])
@pytest.mark.parametrize("trigger", ["A01", "A04", "A05", "A08"])
async def test_a_class_that_says_nothing_opens_no_stay_and_asks_a_person(lab: Lab, trigger: str, code: str) -> None:
    async with run_listening_stays(lab) as services:
        found = await take(services, message(trigger, code, "V1"))
        assert found.kind is AdmissionStatus.NEEDS_PERSON and found.problems[0].rule == "stay.class_unknown"
        with services.store.read() as s:
            assert stays.of_member(s, ALMA[0]) == ()


@pytest.mark.parametrize(("trigger", "code"), [("A05", "O"), ("A04", "C"), ("A04", "Outpatient")])
async def test_a_visit_is_no_stay_in_whichever_words(lab: Lab, trigger: str, code: str) -> None:
    async with run_listening_stays(lab) as services:
        found = await take(services, message(trigger, code, "V1"))
        assert found.kind in (AdmissionStatus.NOTED, AdmissionStatus.WAITING)
        with services.store.read() as s:
            assert stays.of_member(s, ALMA[0]) == ()


async def test_a_relative_on_the_same_number_is_not_the_member(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        other = await take(services, message("A01", "I", "V1", name="WHITFIELD^BABYGIRL", born=""))
        assert other.problems[0].rule == "intake.member_mismatch"
        unsure = await take(services, message("A01", "I", "V2", born=""))
        assert unsure.problems[0].rule == "intake.member_unsure"
        longer = await take(services, message("A01", "I", "V3", name="WHITFIELD^ALMA MAE"))
        assert longer.kind is AdmissionStatus.OPENED
        again = await take(services, message("A08", "I", "V3", born="", minute=5))
        assert again.kind is AdmissionStatus.JOINED, "the stay on file says whose it is"


async def test_two_hospitals_behind_one_relay_are_two(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        one = await take(services, message("A01", "I", "100045", relay="HIE", place="GOODHOPE"))
        given = {"number": "MBR1000002", "name": "OKAFOR^DESMOND", "born": "19480930", "patient": "MRN2^^^M^MR"}
        two = await take(services, message("A01", "I", "100045", minute=5, relay="HIE", place="STANNE", **given))
        assert (one.kind, two.kind) == (AdmissionStatus.OPENED, AdmissionStatus.OPENED)
        assert one.stay_id != two.stay_id


async def test_a_swap_of_patients_is_asked(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        await take(services, message("A01", "I", "V1"))
        found = await take(services, message("A17", "I", "V1", minute=5))
        assert found.problems[0].rule == "stay.joining"


async def test_a_canceled_plan_waits_for_its_stay_and_tells_it(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, message("A05", "P", "V1"))
        canceled = await take(services, message("A38", "P", "V1", minute=5))
        assert canceled.stay_id == first.stay_id and first.stay_id is not None
        assert await event_kinds(lab, first.stay_id) == ["preadmit", "cancel_admit"]


async def test_a_merge_finds_the_stays_of_a_patient_whose_first_number_is_another(lab: Lab) -> None:
    async with run_listening_stays(lab) as services:
        first = await take(services, message("A01", "I", "V1"))
        away = "MRG|PI9^^^M^PI~MRN1^^^M^MR"
        merged = await take(services, message("A40", "I", "", minute=5, more=away, patient="PI7^^^M^PI~MRN7^^^M^MR"))
        assert merged.kind is AdmissionStatus.MERGED and merged.stay_id == first.stay_id


@pytest.mark.parametrize("mark", [b"T", b"D"])
async def test_a_test_message_is_kept_and_answered_and_opens_a_stay_only_where_the_installation_says_so(
    lab: Lab, mark: bytes
) -> None:
    raw = message("A01", "I", "V1").replace(b"|P|2.5.1", b"|" + mark + b"|2.5.1")
    async with run_listening_stays(lab) as services:
        found = await take(services, raw)
        assert (found.kind, found.ack) == (AdmissionStatus.NOTED, "AA")
        with services.store.read() as s:
            assert stays.of_member(s, ALMA[0]) == () and inbox.raw(s, found.inbox_id) == raw
        live = replace(services, test_messages_live=True)
        assert (await take(live, raw)).kind is AdmissionStatus.OPENED
