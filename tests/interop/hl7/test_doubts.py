"""Doubts about a message go with the event: days alone, times ahead or twice, classes that are not known."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.stays.adt import AdtMessage, PatientClass, TimeDoubt
from interop.hl7.adt import parse_adt
from tests.interop.hl7.adt_messages import AT, WHOLE, read

ADMITTED, LEFT = "20260302205500-0600|20260306104500-0600", "20260306104500-0600"
AUTUMN = datetime(2026, 11, 1, 6, 55, tzinfo=UTC)


def as_discharge(text: str) -> str:
    return text.replace("ADT^A01^ADT_A01", "ADT^A03").replace("EVN|A01", "EVN|A03")


def test_days_without_a_time_are_named() -> None:
    event = read(WHOLE.replace(ADMITTED, "20260302|20260306")).event
    assert event.days_alone == ("admitted_at", "discharged_at")
    assert read(WHOLE).event.days_alone is None


def test_a_discharge_for_a_time_after_the_receipt_is_marked_as_told_ahead() -> None:
    ahead = as_discharge(WHOLE.replace(LEFT, "20260325104500-0600"))
    assert read(ahead).event.time_doubts == (TimeDoubt.DISCHARGE_AHEAD,)
    assert read(as_discharge(WHOLE)).event.time_doubts is None


def test_an_admission_for_a_time_after_the_receipt_is_marked() -> None:
    assert read(WHOLE.replace("20260302205500-0600|2026", "20270302205500-0600|2026")).event.time_doubts == (
        TimeDoubt.AHEAD,
    )


@pytest.mark.parametrize(
    ("received", "doubts"),
    [(AUTUMN, None), (AUTUMN.replace(hour=7), None), (AUTUMN.replace(day=3), (TimeDoubt.TWICE,))],
)
def test_a_local_time_that_comes_twice_is_doubted_where_the_receipt_does_not_tell(
    received: datetime, doubts: tuple[TimeDoubt, ...] | None
) -> None:
    text = WHOLE.replace("20260302205500-0600|MER", "20261101014500|MER").replace(
        "20260302211000-0600", "20261101014500"
    )
    message = parse_adt(text.encode()).read(received, member_zone=ZoneInfo("America/Chicago"))
    assert message.event.time_doubts == doubts


@pytest.mark.parametrize(
    ("code", "unread"), [("I", None), ("", None), ("U", None), ("N", None), ("X9", True), ("WARD", True)]
)
def test_a_class_that_is_there_and_not_in_any_table_is_marked(code: str, unread: bool | None) -> None:
    assert read(WHOLE.replace("PV1|1|I|", f"PV1|1|{code}|")).event.class_unread is unread


@pytest.mark.parametrize("trigger", ["A08", "A38"])
def test_the_time_of_a_plan_may_lie_ahead_in_its_update_and_its_cancel(trigger: str) -> None:
    text = (
        WHOLE.replace("ADT^A01^ADT_A01", f"ADT^{trigger}")
        .replace("EVN|A01", f"EVN|{trigger}")
        .replace("PV1|1|I|", "PV1|1|P|")
    )
    event = read(text.replace(ADMITTED, "20260420080000-0500|")).event
    assert event.patient_class is PatientClass.PREADMIT and event.admitted_at == datetime(2026, 4, 20, 13, tzinfo=UTC)


@pytest.mark.parametrize(("said", "dead"), [("Y", True), ("N", None), ("", None)])
def test_a_death_is_read_in_whatever_message(said: str, dead: bool | None) -> None:
    assert read(WHOLE.replace("|ACC1\r", "|ACC1" + "|" * 12 + said + "\r")).event.reported_dead is dead


def test_an_unknown_kind_of_processing_is_remarked_upon() -> None:
    assert "adt.processing" in {note.rule for note in read(WHOLE.replace("|C-1|P|", "|C-1|X|")).notes}
    assert "adt.processing" not in {note.rule for note in read(WHOLE).notes}


# -- relays ----------------------------------------------------------------------------------------------------------------

RELAYED = WHOLE.replace("ICU^1^A", "ICU^1^A^GOODHOPE")


def relayed(text: str, *relays: str) -> AdtMessage:
    return parse_adt(text.encode(), frozenset(relays)).read(AT)


def test_a_relay_is_no_facility_and_the_place_of_the_patient_is() -> None:
    found = relayed(RELAYED, "meridian")
    assert (found.event.facility, found.facility_npi) == ("GOODHOPE", None), "the NPI is that of another place"
    told = relayed(RELAYED)
    assert (told.event.facility, told.facility_npi) == ("MERIDIAN", "1215000062")


def test_the_npi_of_the_place_goes_with_it() -> None:
    found = relayed(RELAYED.replace("MERIDIAN^1215000062", "GOODHOPE^1215000062"), "meridian")
    assert (found.event.facility, found.facility_npi) == ("GOODHOPE", "1215000062")


def test_behind_a_relay_that_names_no_place_the_facility_is_unknown() -> None:
    assert relayed(WHOLE.replace("|MERIDIAN^1215000062^NPI", ""), "meridian").event.facility == ""


# -- two patients ----------------------------------------------------------------------------------------------------------


def test_every_patient_of_a_message_is_seen() -> None:
    second = "PID|2||MRN2^^^MERIDIAN^MR||OKAFOR^DESMOND||19480930|M||||||||||ACC2\rPV1|2|I|4W^1||||||||||||||||V2\r"
    (found,) = read(WHOLE + second).further_patients
    assert ([one.value for one in found.numbers], found.account, found.visit) == (["MRN2"], "ACC2", "V2")
    assert read(WHOLE).further_patients == ()
