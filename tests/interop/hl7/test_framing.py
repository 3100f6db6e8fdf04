"""Frames, text that looks like segments, and work that grows with the message only."""

from __future__ import annotations

import time

import pytest

from interop.hl7.adt import parse_adt
from interop.hl7.envelope import open_envelope
from tests.interop.hl7.adt_messages import WHOLE, read
from tests.interop.hl7.test_adt import refused

SEEN = read(WHOLE).event


@pytest.mark.parametrize(
    "framed",
    [
        f"a greeting\r\n\x0b{WHOLE}\x1c\r",
        f"\x0b{WHOLE}\x1c",
        f"\x0b\x00{WHOLE}\x00\x1c\r\x00",
        f"{WHOLE}\x00",
    ],
)
def test_what_stands_around_a_frame_is_no_part_of_the_message(framed: str) -> None:
    assert read(framed).event == SEEN


@pytest.mark.parametrize(
    "text", ["BHS: heard on both sides", "QUJ", "MSHA is a word", "TVNIfF5+XCZ8", "PID: see above"]
)
def test_a_line_of_text_that_looks_like_a_segment_is_text(text: str) -> None:
    whole = WHOLE + f"OBX|1|TX|N||a note\r{text}\rthat goes on\r"
    message = read(whole)
    assert (message.event.visit_number, message.event.diagnoses) == ("V1", ("I21.4",))
    assert not open_envelope(whole.encode()).is_batch


@pytest.mark.parametrize("filler", ["x\n", "OBX|1|TX|||\r", "|", "\n\nQ", "ZZZ|" + "~" * 50 + "\r", "NTE|1\rabc\r"])
def test_megabytes_of_anything_are_read_in_seconds(filler: str) -> None:
    """Everything that is done with foreign bytes grows with their number, and with nothing else."""
    size = 2_000_000
    raw = (WHOLE + "OBX|1|TX|N||" + filler * (size // len(filler)) + "\r").encode()
    begun = time.process_time()
    open_envelope(raw)
    parsed = parse_adt(raw)
    assert time.process_time() - begun < 5
    assert parsed.message.last_name in ("OBX", "NTE", "ZZZ")


def test_a_patient_of_a_megabyte_is_refused_with_the_reason() -> None:
    assert refused(WHOLE + "PID|" + "|" * 1_000_000 + "\r") == ["adt.too_large"]
