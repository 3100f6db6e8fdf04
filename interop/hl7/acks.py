"""HL7 acknowledgments. They name a rule and a position in the message, and nothing about the patient."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from domain.errors import NotReadable
from interop.hl7.segments import parse_message

_LONGEST = 80
_ENOUGH = 64 * 1024
"""Bytes that hold the header: the rest of a message is not parsed again for its acknowledgment."""
_PLAIN = "MSH|^~\\&|UMPIRE||||{at}||ACK|{control_id}|P|2.5.1\rMSA|{code}|{answered}|{text}\r"


class AckCode(StrEnum):
    """HL7 table 0008. AE: stored, and staff must review it; sending it again unchanged has no effect."""

    AA = "AA"
    AE = "AE"
    AR = "AR"


def build_acknowledgment(raw: bytes, code: AckCode, text: str, at: datetime, control_id: str) -> bytes:
    """The acknowledgment of a message: MSH and MSA with the message's control id, which an unreadable header cannot give.

    `at` is aware; `control_id` is the acknowledgment's own. Ends with CR, without MLLP framing.
    """
    stamp = f"{at.astimezone(UTC):%Y%m%d%H%M%S}+0000"
    said = _plain(text)[:_LONGEST]
    answered = ""
    try:
        message = parse_message(raw[:_ENOUGH])
        header = message.first("MSH")
        answered = _plain(header.text(10) or "") if header is not None else ""
        answer = message.parsed.create_ack(code.value, message_id=control_id)
    except (NotReadable, LookupError, TypeError, ValueError, AssertionError):
        # A header too short for the package's own acknowledgment may still have its control id.
        return _PLAIN.format(at=stamp, control_id=control_id, code=code.value, answered=answered, text=said).encode()
    answer.segment("MSH").assign_field(stamp, 7)
    answer.segment("MSA").assign_field(said, 3)
    return str(answer).rstrip("\r").encode("utf-8", "replace") + b"\r"


def _plain(text: str) -> str:
    """Without anything that could separate fields."""
    return "".join(one if one.isalnum() or one in " .,:;()-_'" else " " for one in text)


def is_acknowledgment(raw: bytes) -> bool:
    """Whether this is itself an acknowledgment, which gets none in return."""
    try:
        header = parse_message(raw[:_ENOUGH]).first("MSH")
    except NotReadable:
        return False
    return header is not None and (header.text(9) or "").upper() in ("ACK", "MCF")
