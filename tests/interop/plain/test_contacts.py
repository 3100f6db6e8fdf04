"""Messages that a telephone system writes, and concerns, as plain JSON: read, or refused with the place of each mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotReadable
from interop.plain.callbacks_and_concerns import (
    CONCERN,
    CallbackMessage,
    ConcernReport,
    as_bytes,
    is_callback_or_concern,
    read_callback_or_concern,
)
from tests.paths import SAMPLES

MESSAGES = sorted((SAMPLES / "messages").glob("*.json"))
MESSAGE: dict[str, Any] = {
    "format": "umpire-callback/1",
    "from_whom": "member",
    "caller_name": "A Caller",
    "phone": "555-0100",
    "about": "benefits",
}


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_the_samples_are_read(path: Path) -> None:
    assert isinstance(read_callback_or_concern(path.read_bytes()), CallbackMessage)
    assert is_callback_or_concern(path.read_bytes())


def test_what_is_written_is_read_again() -> None:
    concern = ConcernReport(format=CONCERN, kind="safety", what="Seen.", raised_by="nurse.adams", about_case="PA-A")
    assert read_callback_or_concern(as_bytes(concern)) == concern


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"left_at": "2026-11-27T19:40:00"}, "$.left_at"),
        ({"phone": ""}, "$.phone"),
        ({"about": "my illness"}, "$.about"),
        ({"language": "Spanish, please"}, "$.language"),
        ({"tty": "maybe"}, "$.tty"),
        ({"mood": "angry"}, "$.mood"),
        ({"format": "umpire-callback/2"}, "$.format"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_without_quoting_it(change: dict[str, Any], place: str) -> None:
    with pytest.raises(NotReadable) as wrong:
        read_callback_or_concern(json.dumps(MESSAGE | change).encode())
    assert [problem.path for problem in wrong.value.problems] == [place]
    assert "illness" not in str(wrong.value) and "angry" not in str(wrong.value)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"format": 1}', b"\xff\xfe", b"MSH|^~\\&|"])
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(NotReadable):
        read_callback_or_concern(raw)
