"""Programs that send what nobody should: each gets a problem, nothing is stored, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import Unavailable
from services.context import ServiceContext
from store import inbox
from store.session import Store
from tests.web.api.conftest import Open
from tests.web.api.programs import make_token, over
from web.api.limits import DEEPEST_JSON, LARGEST_DOCUMENT, LARGEST_JSON, depth_of
from web.context import WebContext

NOTE = "/cases/PA-SAMPLE00001/acts/note"
JSON = {"content-type": "application/json"}


def _is_problem(answer: httpx.Response, status: int) -> bool:
    told = answer.json()
    is_one = answer.headers["content-type"] == "application/problem+json" and told["status"] == status
    return is_one and answer.status_code == status


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 422),
        (b"\xff\xfe{}", JSON, 422),
        (b"[" * 5000, JSON, 400),
        (b'{"text": ' + b"[" * (DEEPEST_JSON + 1) + b"]" * (DEEPEST_JSON + 1) + b"}", JSON, 400),
        (b'{"text": "' + b"x" * LARGEST_JSON + b'"}', JSON, 413),
        (b'{"text": 1e999999}', JSON, 422),
        (b'{"text": "a", "text": "b", "who": 1}', JSON, 422),
        (b"text=a", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"<a/>", {"content-type": "text/xml"}, 415),
        (b'{"text": "a"}', {"content-type": "application/json-but-not"}, 415),
        (b'{"text": "a"}', {"content-type": ""}, 415),
        (b"", JSON, 422),
    ],
)
async def test_a_body_that_nobody_can_mean_is_told(
    program: Open, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await program("nurse.adams").http.post(NOTE, content=body, headers={**headers, "idempotency-key": "k" * 9})
    assert _is_problem(answer, status), (answer.status_code, answer.text)


async def test_a_document_that_is_too_large_is_not_read_to_its_end(program: Open, plan_store: Store) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * (LARGEST_DOCUMENT // 8)

    answer = await program("intake.kim").http.post(
        "/submissions?kind=request", content=parts(), headers={"idempotency-key": "k" * 9}
    )
    assert _is_problem(answer, 413)
    with plan_store.read() as s:
        assert inbox.list_open(s) == ()


@pytest.mark.parametrize("key", ["", "short", "k" * 256, "with space inside", "k\u00e9y-of-many"])
async def test_an_idempotency_key_that_is_none_is_told(program: Open, key: str) -> None:
    headers = {b"idempotency-key": key.encode("latin-1"), b"content-type": b"application/json"}
    answer = await program("nurse.adams").http.post(NOTE, content=b'{"text": "a"}', headers=headers)
    assert _is_problem(answer, 422)


ADDRESSES = [
    ("GET", "/nowhere", 404),
    ("GET", "/cases/", 404),
    ("GET", "/cases/..%2f..%2fetc%2fpasswd", 404),
    ("GET", "/cases/%00", 422),
    ("GET", "/cases/%0a", 422),
    ("GET", "/cases/" + "A" * 5000, 422),
    ("GET", "/cases/PA-1/documents/" + "g" * 64 + "/content", 422),
    ("GET", "/cases/PA-1/letters/x?format=exe", 422),
    ("DELETE", "/cases/PA-1", 405),
    ("PUT", "/worklist", 405),
    ("TRACE", "/worklist", 405),
    ("GET", "/worklist?after=%00", 422),
    ("GET", "/worklist?after=bnVsbA", 422),
    ("GET", "/cases?after=W10", 422),
    ("GET", "/worklist?limit=0", 422),
    ("GET", "/worklist?limit=9e9", 422),
    ("GET", "/cases?due_before=2026-03-02T14:00", 422),
    ("GET", "/cases?due_before=0001-01-01T00:00:00%2b14:00", 422),
    ("GET", "/worklist?due_before=9999-12-31T23:59:59-12:00", 422),
    ("GET", "/oversight/views?after=0001-01-01T00:00:00%2b14:00_a_b", 422),
]


async def test_an_address_that_leads_nowhere_is_told(program: Open) -> None:
    caller = program("supervisor.bell").http
    for method, path, status in ADDRESSES:
        answer = await caller.request(method, path)
        assert _is_problem(answer, status), (method, path, answer.status_code, answer.text)


@pytest.mark.parametrize("name", ["x-forwarded-user", "x-user", "x-original-url", "x-http-method-override", "cookie"])
async def test_no_other_header_says_who_calls(program: Open, name: str) -> None:
    assert (await program(None).http.get("/worklist", headers={name: "nurse.adams"})).status_code == 401


@given(
    st.recursive(
        st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_depth_of_json_is_that_of_its_lists_and_objects(value: Any) -> None:
    def depth(one: Any) -> int:
        if isinstance(one, list):
            return 1 + max(map(depth, one), default=0)
        return 1 + max(map(depth, one.values()), default=0) if isinstance(one, dict) else 0

    assert depth_of(json.dumps(value).encode()) == depth(value)


async def test_a_store_that_does_not_answer_is_unavailable_and_a_fault_of_ours_tells_nothing(
    web_context: WebContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"authorization": f"Bearer {make_token(web_context, 'nurse.adams')}"}
    async with over(web_context) as http:
        for error, status in ((Unavailable("The store does not answer."), 503), (ValueError("Ana Lopez"), 500)):

            async def fail(*_given: object, error: Exception = error) -> None:
                raise error

            with monkeypatch.context() as broken:
                broken.setattr(ServiceContext, "read", fail)
                answer = await http.get("/worklist", headers=headers)
            assert _is_problem(answer, status)
            assert ("retry-after" in answer.headers) is (status == 503)
    assert "Ana Lopez" not in answer.text + caplog.text


def test_a_string_that_never_ends_is_read_once() -> None:
    quotes = b'\\"' * (LARGEST_JSON // 2)
    assert depth_of(b'[["' + quotes) == 2  # each quote in it would be one more look at all of it
