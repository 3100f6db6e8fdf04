"""A hospital's message is read as it was meant, and nothing is read into it."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import NotReadable
from domain.stays.adt import AdtKind, PatientClass
from interop.hl7.adt import REJECTED, read_adt
from interop.hl7.envelope import open_envelope
from tests.interop.hl7.adt_messages import AT, SAMPLES, WHOLE, read, sample


def rules(message: str | bytes) -> set[str]:
    return {note.rule for note in read(message).notes}


def refused(text: str | bytes) -> list[str]:
    with pytest.raises(NotReadable) as wrong:
        read(text)
    return [problem.rule for problem in wrong.value.problems]


def test_every_field_that_a_review_needs_is_read() -> None:
    message = read(WHOLE)
    event = message.event
    assert (message.control_id, message.sending_facility, message.trigger) == ("C-1", "MERIDIAN", "A01")
    assert (message.facility_npi, message.account_number, message.patient_key) == ("1215000062", "ACC1", "MRN1")
    assert [one.value for one in message.member_ids] == ["MBR1000001"]
    assert (message.family_name, message.given_name, message.birth_date) == ("WHITFIELD", "ALMA", date(1951, 4, 12))
    assert (event.kind, event.patient_class, event.visit_number) == (AdtKind.ADMIT, PatientClass.INPATIENT, "V1")
    assert (event.unit, event.prior_unit, event.hospital_service) == ("ICU", "OBS", "MED")
    assert (event.admit_source, event.disposition, event.attending_npi) == ("7", "03", "1215000039")
    assert event.admitted_at == datetime(2026, 3, 3, 2, 55, tzinfo=UTC)
    assert event.discharged_at == datetime(2026, 3, 6, 16, 45, tzinfo=UTC)
    assert event.diagnoses == ("I21.4",)
    assert event.happened_at == datetime(2026, 3, 3, 2, 55, tzinfo=UTC), "EVN-6, when it happened"
    assert event.recorded_at == datetime(2026, 3, 3, 3, 10, tzinfo=UTC), "EVN-2, when it was written down"
    assert message.notes == ()


def test_an_event_that_travels_names_nobody() -> None:
    told = read(WHOLE).event.model_dump_json()
    assert not any(word in told for word in ("WHITFIELD", "ALMA", "1951", "MBR1000001", "MRN1"))


def test_the_same_bytes_give_the_same_event_and_another_body_another_one() -> None:
    assert read(WHOLE) == read(WHOLE)
    assert read(WHOLE).event.event_id == read(WHOLE.replace("\r", "\n")).event.event_id
    assert read(WHOLE).event.event_id != read(WHOLE.replace("ICU", "CCU")).event.event_id
    assert read(WHOLE).event.event_id != read(WHOLE.replace("|C-1|", "|C-2|")).event.event_id


# -- what happened, and when -----------------------------------------------------------------------------------------------


def test_the_header_says_what_happened_and_not_the_event_segment() -> None:
    message = read(WHOLE.replace("ADT^A01^ADT_A01", "ADT^A03^ADT_A03"))
    assert message.event.kind is AdtKind.DISCHARGE
    assert [note.rule for note in message.notes] == ["adt.trigger_differs"]


def test_without_a_trigger_in_the_header_the_event_segment_is_believed() -> None:
    assert read(WHOLE.replace("ADT^A01^ADT_A01", "ADT")).event.kind is AdtKind.ADMIT
    assert "adt.trigger_missing" in rules(WHOLE.replace("ADT^A01^ADT_A01", "ADT"))


@pytest.mark.parametrize("trigger", ["A11", "A12", "A13"])
def test_a_cancel_happens_when_somebody_cancels_and_not_when_what_it_cancels_happened(trigger: str) -> None:
    message = read(WHOLE.replace("ADT^A01", f"ADT^{trigger}"))
    assert message.event.happened_at == datetime(2026, 3, 3, 3, 10, tzinfo=UTC)


def test_an_instant_in_the_future_is_not_believed() -> None:
    message = read(WHOLE.replace("||||20260302205500-0600|", "||||20360302205500-0600|"))
    assert message.event.happened_at == message.event.recorded_at and message.event.admitted_at is None
    assert [note.path for note in message.notes if note.rule == "adt.future"] == ["EVN-6", "PV1-44"]


def test_a_planned_admission_may_lie_ahead() -> None:
    message = read(
        WHOLE.replace("ADT^A01", "ADT^A05").replace("|20260302205500-0600|2026", "|20260402080000-0600|2026")
    )
    assert message.event.admitted_at == datetime(2026, 4, 2, 14, 0, tzinfo=UTC)


def test_without_any_instant_the_receipt_counts() -> None:
    bare = WHOLE.replace("20260302211000-0600", "").replace("20260302205500-0600", "")
    assert read(bare).event.happened_at == AT


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20260302205500.123-0600", datetime(2026, 3, 3, 2, 55, 0, 123000, tzinfo=UTC)),
        ("202603022055+0530", datetime(2026, 3, 2, 15, 25, tzinfo=UTC)),
        ("20260302-0600", datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_every_precision(text: str, utc: datetime) -> None:
    assert read(WHOLE.replace("20260302205500-0600", text)).event.admitted_at == utc


@pytest.mark.parametrize(
    "text", ["2026", "202603", "20260231101010-0600", "20260302996100-0600", "yesterday", "20260302101010-9900"]
)
def test_what_is_no_instant_is_said_and_not_guessed(text: str) -> None:
    spoilt = WHOLE.replace("|20260302205500-0600|20260306104500-0600", f"|{text}|")
    assert read(spoilt).event.admitted_at is None
    assert "adt.time" in rules(spoilt)


def test_a_time_without_offset_is_the_facilitys_then_the_headers_then_the_members() -> None:
    local = WHOLE.replace("|20260302205500-0600|", "|20260302205500|")
    raw, chicago, phoenix = local.encode(), ZoneInfo("America/Chicago"), ZoneInfo("America/Phoenix")
    new_york = raw.replace(b"20260302211000-0600||ADT", b"20260302211000-0500||ADT")
    bare = new_york.replace(b"-0500", b"").replace(b"-0600", b"")
    hours = {
        "facility": read_adt(new_york, AT, chicago, phoenix).event.admitted_at,
        "header": read_adt(new_york, AT, None, phoenix).event.admitted_at,
        "member": read_adt(bare, AT, None, phoenix).event.admitted_at,
    }
    assert {name: at.hour if at else None for name, at in hours.items()} == {"facility": 2, "header": 1, "member": 3}
    assert read_adt(bare, AT).lacks_zone and not read_adt(bare, AT, None, phoenix).lacks_zone


# -- class, diagnoses, people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "unit", "expected"),
    [
        ("E", "ED", PatientClass.EMERGENCY),
        ("I", "OBS", PatientClass.INPATIENT),
        ("O", "CLINIC", PatientClass.OUTPATIENT),
        ("O", "OBS", PatientClass.OBSERVATION),
        ("o", "cdu", PatientClass.OBSERVATION),
        ("V", "3N", PatientClass.OBSERVATION),
        ("OBS", "3N", PatientClass.OBSERVATION),
        ("S", "3N", PatientClass.OBSERVATION),
        ("P", "3N", PatientClass.PREADMIT),
        ("R", "OBS", PatientClass.RECURRING),
        ("B", "LD", PatientClass.OBSTETRICS),
        ("U", "3N", PatientClass.UNKNOWN),
        ("QQ", "OBS", PatientClass.UNKNOWN),
        ("", "OBS", PatientClass.UNKNOWN),
    ],
)
def test_a_class_is_read_and_an_unknown_one_stays_unknown(code: str, unit: str, expected: PatientClass) -> None:
    assert read(WHOLE.replace("PV1|1|I|ICU", f"PV1|1|{code}|{unit}")).event.patient_class is expected


def test_diagnoses_are_icd_10_in_their_order_and_others_are_left_out_with_a_remark() -> None:
    more = WHOLE + "\r".join(
        [
            "DG1|2||N179^x^I10C",
            "DG1|3||71596^x^I9",
            "DG1|4||E11.9^x^ICD-10-CM||||||||||||||||||D",
            "DG1|5||422504002^x^SCT^I63.9^x^I10",
            "DG1|6|I10|J18.9^x",
            "DG1|7||not a code^x^I10",
            "",
        ]
    )
    assert read(more).event.diagnoses == ("I21.4", "N17.9", "I63.9", "J18.9")
    assert rules(more) == {"adt.diagnosis"}


def test_a_members_number_in_the_insurance_segment_is_found() -> None:
    bare = WHOLE.replace("~MBR1000001^^^PLAN^MB", "") + "IN1|1|PPO|HP1" + "|" * 33 + "MBR1000001\r"
    assert [one.value for one in read(bare).member_ids] == ["MBR1000001"]


def test_an_npi_with_a_wrong_check_digit_is_left_out() -> None:
    message = read(WHOLE.replace("1215000039", "1215000030").replace("1215000062", "1215000060"))
    assert message.event.attending_npi is None and message.facility_npi is None
    assert [note.rule for note in message.notes] == ["adt.npi", "adt.npi"]


def test_hl7s_null_is_nothing() -> None:
    assert read(WHOLE.replace("|20260306104500-0600", '|""')).event.discharged_at is None


# -- form ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_is_read(end: str) -> None:
    assert read(WHOLE.replace("\r", end)) == read(WHOLE)


def test_a_line_feed_within_a_field_ends_no_segment() -> None:
    assert read(WHOLE.replace("I21.4^x", "I21.4^heart\nattack")).event.diagnoses == ("I21.4",)


def test_latin_1_is_read_when_the_header_says_so_and_when_nothing_else_fits() -> None:
    latin = WHOLE.replace("WHITFIELD", "WHÌTFIELD").encode("latin-1")
    declared = latin.replace(b"UNICODE UTF-8", b"8859/1")
    silent = latin.replace(b"||||||UNICODE UTF-8", b"")
    assert read(declared).family_name == read(silent).family_name == read(latin).family_name == "WHÌTFIELD"
    assert (rules(declared), rules(silent), rules(latin)) == (set(), set(), {"adt.encoding"})
    assert read(WHOLE.replace("WHITFIELD", "WHÌTFIELD")).family_name == "WHÌTFIELD"


def test_escapes_and_other_separators_are_understood() -> None:
    assert read(WHOLE.replace("WHITFIELD", r"A\T\B\F\C\E\D\X41\\.br\E")).family_name == "A&B|C\\DA E"
    other = WHOLE.replace("|", "#").replace("^", "@")
    assert read(other).event == read(WHOLE).event.model_copy(update={"event_id": read(other).event.event_id})


@pytest.mark.parametrize("escape", [r"\.sp999999999\ ", r"\X4", r"\XZZ\ ", "\\", r"\.spx\ ", r"\C2842\ ", r"\Zlocal\ "])
def test_an_escape_that_cannot_be_read_harms_nothing_and_is_not_logged(
    escape: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        name = read(WHOLE.replace("WHITFIELD", f"WHITFIELD{escape}")).family_name
    assert name is not None and name.startswith("WHITFIELD") and len(name) < 40
    assert caplog.records == []


def test_segments_of_the_senders_own_are_left_alone() -> None:
    assert read(WHOLE + 'ZUM|1|""|x^^^y\r').event.visit_number == "V1"


def test_mllp_framing_and_a_byte_order_mark_are_taken_off() -> None:
    for raw in (b"\x0b" + WHOLE.encode() + b"\x1c\r", b"\xef\xbb\xbf" + WHOLE.encode(), WHOLE.encode("utf-16")):
        assert read(raw) == read(WHOLE)


# -- what is not taken -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "adt.no_header"),
        ("PID|1", "adt.no_header"),
        ("MSH", "adt.no_header"),
        ("MSH|", "adt.separators"),
        ("MSH|||||", "adt.separators"),
        ("MSH|^^^^|A", "adt.separators"),
        (WHOLE.replace("ADT^A01", "ORU^R01"), "adt.not_adt"),
        (WHOLE.replace("ADT^A01^ADT_A01", ""), "adt.not_adt"),
        (WHOLE.replace("ADT^A01^ADT_A01", "ADT").replace("EVN|A01", "EVN|"), "adt.no_trigger"),
        (WHOLE[: WHOLE.index("PV1")], "adt.truncated"),
        (WHOLE[: WHOLE.index("PID")], "adt.truncated"),
        (WHOLE[: WHOLE.index("|||MED")], "adt.truncated"),
        (WHOLE[: WHOLE.index("DG1") + 2], "adt.truncated"),
    ],
)
def test_what_is_no_whole_adt_message_is_refused_with_the_place(text: str, rule: str) -> None:
    assert refused(text) == [rule]
    assert rule in REJECTED


def test_a_message_without_its_end_mark_is_refused_however_much_it_says() -> None:
    """A last field that is cut itself looks like a whole one: a visit number would name another stay."""
    assert refused(WHOLE.rstrip("\r")) == ["adt.truncated"]
    assert refused("\x0b" + WHOLE) == ["adt.truncated"], "a frame without its end block"
    assert read("\x0b" + WHOLE.rstrip("\r") + "\x1c\r").event.visit_number == "V1"
    assert read(sample("12-truncated-A01") + b"\r").event.visit_number is None, (
        "with its end it is short, and not cut off"
    )


def test_a_message_that_is_too_large_is_refused() -> None:
    assert refused(WHOLE + "NTE|1||" + "x" * 9_000_000 + "\r") == ["adt.too_large"]


def test_problems_never_quote_the_message() -> None:
    for cut in range(0, len(WHOLE), 7):
        try:
            notes = read(WHOLE[:cut]).notes
        except NotReadable as wrong:
            notes = wrong.problems
        assert not any(word in str(note) for note in notes for word in ("WHITFIELD", "ALMA", "19510412", "MBR1000001"))


# -- envelopes -------------------------------------------------------------------------------------------------------------


def test_a_batch_is_split_and_its_count_is_checked() -> None:
    batch = f"FHS|^~\\&|A\rBHS|^~\\&|A\r{WHOLE}{WHOLE}BTS|2\rFTS|1\r".encode()
    found = open_envelope(batch)
    assert len(found.messages) == 2 and found.is_batch and found.problems == ()
    assert [read(one) for one in found.messages] == [read(WHOLE)] * 2
    assert [one.rule for one in open_envelope(batch.replace(b"BTS|2", b"BTS|3")).problems] == ["adt.batch_count"]
    assert [one.rule for one in open_envelope(batch.replace(b"FTS|1\r", b"")).problems] == ["adt.batch_cut"]
    assert [one.rule for one in open_envelope(b"FHS|^~\\&|A\rFTS|0\r").problems] == ["adt.batch_empty"]


def test_messages_in_a_row_are_a_batch_without_being_called_one() -> None:
    assert len(open_envelope((WHOLE + WHOLE).encode()).messages) == 2
    assert not open_envelope(WHOLE.encode()).is_batch


def test_every_sample_is_in_the_samples_table() -> None:
    told = (SAMPLES / "README.md").read_text()
    assert all(f"`{path.stem}`" in told for path in SAMPLES.glob("*.hl7"))


def test_a_number_that_is_too_long_for_one_is_none() -> None:
    message = read(WHOLE.replace("|V1^", "|" + "9" * 5000 + "^").replace("MRN1", "8" * 5000).replace("C-1", "7" * 5000))
    assert (message.event.visit_number, message.patient_key, message.control_id) == (None, None, "")
