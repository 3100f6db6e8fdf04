"""Forms that are too large are answered before anything parses them, whoever sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.web.browsers import WebClient
from web import form_limits

FORM = {"content-type": "application/x-www-form-urlencoded"}
UPLOAD = {"content-type": "multipart/form-data; boundary=b"}


FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


async def _endless(sent: list[int], size: int, begin: bytes = b"") -> AsyncIterator[bytes]:
    """A body that says nothing of its length."""
    yield begin
    while True:
        sent.append(size)
        yield b"a" * size


@pytest.mark.parametrize(
    ("subject", "path", "headers", "begin", "most"),
    [
        (None, "/sign-in", FORM, b"user=a&user=b", "LARGEST_FORM"),
        ("1215000013", "/provider/drafts/x/evidence", UPLOAD, FILE, "LARGEST_UPLOAD"),
    ],
)
async def test_a_form_that_is_too_large_is_told_and_not_read_to_its_end(
    browse: Callable[[str | None], WebClient],
    monkeypatch: pytest.MonkeyPatch,
    subject: str | None,
    path: str,
    headers: dict[str, str],
    begin: bytes,
    most: str,
) -> None:
    monkeypatch.setattr(form_limits, most, 2**20)
    browser, sent = browse(subject), list[int]()
    await browser.get("/settings")
    answer = await browser.http.post(path, content=_endless(sent, 2**18, begin), headers=headers)
    assert (answer.status_code, len(sent)) == (413, 4)
    assert "larger than 1 MB" in answer.text and "content-security-policy" in answer.headers


async def test_a_form_that_says_it_is_too_large_is_not_read_at_all(browse: Callable[[str | None], WebClient]) -> None:
    sent = list[int]()
    for said in (str(form_limits.LARGEST_FORM + 1), "9" * 5000):
        headers = FORM | {"content-length": said}
        answer = await browse(None).http.post("/sign-in", content=_endless(sent, 1), headers=headers)
        assert (answer.status_code, sent) == (413, [])


async def test_a_form_within_the_limit_is_read(browse: Callable[[str | None], WebClient]) -> None:
    answer = await browse("nurse.adams").post("/settings", page="/settings", theme="dark", other="x" * 2**19)
    assert answer.status_code == 303
