"""Senders that are no facility, connections that break off, and messages about two patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.admissions import receive_hl7
from services.context import ServiceContext
from store import inbox
from tests.intake.admissions.test_numbers_and_classes import message
from tests.intake.kept_arrivals import keeping

OTHER = {"number": "MBR1000002", "name": "OKAFOR^DESMOND", "born": "19480930", "patient": "MRN2^^^M^MR"}


async def take(services: ServiceContext, raw: bytes, sender: str = "mllp 10.0.0.5") -> AdmissionResult:
    (found,) = await receive_hl7(services, raw, sender)
    return found


def open_items(services: ServiceContext) -> list[int | None]:
    """The times that each open item of the inbox was received, in order; None for once."""
    with services.store.read() as s:
        return [item.times_received for item in inbox.list_open(s)]


# -- half-sent -------------------------------------------------------------------------------------------------------------


async def test_what_a_broken_connection_sends_again_and_again_is_kept_once_and_counted(tmp_path: Path) -> None:
    half = b"\x0b" + message("A01", "I", "V1")[:200]
    with keeping(tmp_path) as services:
        outcomes = [await take(services, half) for _ in range(5)]
        assert {(one.kind, one.ack, one.inbox_id) for one in outcomes} == {(AdmissionStatus.REJECTED, "AR", 1)}
        assert open_items(services) == [5]
        with services.store.read() as s:
            assert inbox.raw(s, 1) == half


async def test_other_bytes_and_other_senders_are_items_of_their_own(tmp_path: Path) -> None:
    half = b"\x0b" + message("A01", "I", "V1")[:200]
    with keeping(tmp_path) as services:
        for raw, sender in ((half, "mllp 10.0.0.5"), (half + b"x", "mllp 10.0.0.5"), (half, "mllp 10.0.0.6")):
            await take(services, raw, sender)
        assert open_items(services) == [None, None, None]


async def test_a_half_message_that_comes_again_after_it_was_resolved_is_a_new_item(tmp_path: Path) -> None:
    half = b"\x0b" + message("A01", "I", "V1")[:200]
    with keeping(tmp_path) as services:
        first = await take(services, half)
        with services.store.begin() as s:
            inbox.resolve(s, first.inbox_id, "intake.lee", "Asked the hospital.", services.clock())
        assert (await take(services, half)).inbox_id != first.inbox_id


async def test_a_whole_message_is_stored_each_time_and_known_as_a_repeat(tmp_path: Path) -> None:
    with keeping(tmp_path) as services:
        await take(services, message("A01", "I", "V1"))
        again = await take(services, message("A01", "I", "V1"))
        assert again.kind in (AdmissionStatus.REPEATED, AdmissionStatus.STORED) and again.inbox_id == 2
        assert open_items(services) == []


# -- relays ----------------------------------------------------------------------------------------------------------------


async def test_two_hospitals_behind_a_known_relay_are_two_also_where_it_names_itself_as_the_facility(
    tmp_path: Path,
) -> None:
    def relayed(place: str, **given: str) -> bytes:
        return message("A01", "I", "100045", relay="HIE", place=place, **given).replace(
            f"|||||{place}\rPID".encode(), b"|||||HIE\rPID"
        )

    with keeping(tmp_path, relays=frozenset({"hie"})) as services:
        one, two = await take(services, relayed("GOODHOPE")), await take(services, relayed("STANNE", **OTHER))
        assert one.stay_id is not None and two.stay_id is not None and one.stay_id != two.stay_id


# -- two patients ----------------------------------------------------------------------------------------------------------


def second_patient(visit: str) -> bytes:
    patient = "PID|2||MRN2^^^M^MR~MBR1000002^^^PLAN^MB||OKAFOR^DESMOND||19480930|M"
    return f"{patient}\rPV1|2|I|4W^1||||||||||||||||{visit}\r".encode()


async def test_a_swap_is_asked_also_where_only_the_second_patient_has_a_stay(tmp_path: Path) -> None:
    with keeping(tmp_path) as services:
        second = await take(services, message("A01", "I", "V2", **OTHER))
        swapped = await take(services, message("A17", "I", "V1", minute=5) + second_patient("V2"))
        (problem,) = swapped.problems
        assert problem.rule == "stay.joining" and second.stay_id is not None and second.stay_id in problem.message


async def test_a_swap_names_the_stays_of_both(tmp_path: Path) -> None:
    with keeping(tmp_path) as services:
        first = await take(services, message("A01", "I", "V1"))
        second = await take(services, message("A01", "I", "V2", minute=2, **OTHER))
        swapped = await take(services, message("A17", "I", "V1", minute=5) + second_patient("V2"))
        assert all(stay in swapped.problems[0].message for stay in (str(first.stay_id), str(second.stay_id)))


async def test_a_message_about_two_patients_that_is_no_swap_goes_to_a_person(tmp_path: Path) -> None:
    with keeping(tmp_path) as services:
        found = await take(services, message("A01", "I", "V1") + second_patient("V2"))
        assert (found.kind, found.problems[0].rule) == (AdmissionStatus.NEEDS_PERSON, "adt.two_patients")


@pytest.mark.parametrize("trigger", ["A23", "A24", "A29", "A37"])
async def test_deleting_or_linking_a_patient_with_a_stay_goes_to_a_person(tmp_path: Path, trigger: str) -> None:
    with keeping(tmp_path) as services:
        await take(services, message("A01", "I", "V1"))
        found = await take(services, message(trigger, "I", "", minute=5))
        assert [problem.rule for problem in found.problems] == ["stay.joining"]


async def test_an_event_that_is_none_of_hl7_is_asked_where_there_is_a_stay(tmp_path: Path) -> None:
    with keeping(tmp_path) as services:
        assert (await take(services, message("A91", "I", "V1"))).kind is AdmissionStatus.NOTED
        await take(services, message("A01", "I", "V1", minute=2))
        found = await take(services, message("A91", "I", "V1", minute=5))
        assert [problem.rule for problem in found.problems] == ["stay.event_unknown"]


# -- plans -----------------------------------------------------------------------------------------------------------------


async def test_an_admission_under_another_number_than_its_plan_is_asked(tmp_path: Path) -> None:
    plan = message("A05", "P", "V1").replace(b"20260302100000-0600", b"20260303080000-0600")
    with keeping(tmp_path) as services:
        planned = await take(services, plan)
        came = await take(services, message("A01", "I", "V2", minute=30))
        assert planned.stay_id != came.stay_id and str(planned.stay_id) in came.says
