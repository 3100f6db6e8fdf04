"""A sender hears what became of its message, in its own separators, and nothing about a patient."""

from __future__ import annotations

import hl7
import pytest

from interop.hl7.acks import AckCode, build_acknowledgment, is_acknowledgment
from tests.interop.hl7.adt_messages import AT, WHOLE


def ack(raw: str | bytes, code: AckCode = AckCode.AA, text: str = "Kept") -> hl7.Message:
    content = raw.encode() if isinstance(raw, str) else raw
    return hl7.parse(build_acknowledgment(content, code, text, AT, "U1").decode())


def test_an_acknowledgment_names_the_message_and_goes_back_to_its_sender() -> None:
    answer = ack(WHOLE, AckCode.AE, "Kept, a person must look: intake.member_unknown at PID-3")
    assert str(answer["MSA"][0]) == "MSA|AE|C-1|Kept, a person must look: intake.member_unknown at PID-3"
    header = answer["MSH"][0]
    assert [str(header[number]) for number in (3, 4, 5, 6)] == ["UMPIRE", "PLAN", "MERADT", "MERIDIAN"]
    assert str(header[7]) == "20260320120000+0000", "our clock with its offset, not the machine's zone"
    assert (str(header[9]), str(header[10]), str(header[12])) == ("ACK^A01^ACK", "U1", "2.5.1")


def test_what_cannot_be_read_is_answered_too() -> None:
    for raw in (b"", b"nonsense", b"MSH", b"MSH|^~\\&|A", bytes(range(256))):
        assert str(ack(raw, AckCode.AR, "Not taken")["MSA"][0]).startswith("MSA|AR|")


def test_a_short_header_is_answered_with_its_control_id() -> None:
    assert str(ack("MSH|^~\\&|A|B|||2026||ADT|C-9")["MSA"][0]) == "MSA|AA|C-9|Kept"


def test_words_of_an_answer_can_break_no_field() -> None:
    assert len(build_acknowledgment(WHOLE.encode(), AckCode.AR, "a|b^c\rPID|1" + "x" * 200, AT, "U1").split(b"\r")) == 3


@pytest.mark.parametrize(
    ("kind", "expected"), [("ACK^A01", True), ("ACK", True), ("ADT^A01", False), ("ORU^R01", False)]
)
def test_an_answer_is_known_as_one(kind: str, expected: bool) -> None:
    assert is_acknowledgment(WHOLE.replace("ADT^A01^ADT_A01", kind).encode()) is expected
    assert not is_acknowledgment(b"nonsense")
