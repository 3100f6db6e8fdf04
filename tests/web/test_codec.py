"""The codec server opens histories for those who may see every case, for one page's scripts, and says who has seen what."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from domain.vocabulary import Role
from engine import edge_clock
from engine.client import data_converter
from services.commands import api_keys
from services.commands.api_keys import ApiScope
from store.accounts import accounts, case_views
from store.session import Store
from tests.web.conftest import SETTINGS
from web.codec import NO_CASE, SEES_EVERYTHING, CodecServer
from web.security.sessions import start_session

RING = {"new": bytes(range(32)), "old": bytes(range(32, 64))}
UI = "http://127.0.0.1:8233"
CLEAR = Payload(metadata={"encoding": b"json/plain"}, data=b'{"case_id":"PA-7K3QX2MDVH5A","note":"two canes"}')


@pytest.fixture
async def tools(plan_store: Store) -> AsyncIterator[httpx.AsyncClient]:
    codec = data_converter(RING).payload_codec
    assert codec is not None
    app = CodecServer(plan_store, codec, SETTINGS, UI, edge_clock.now).build()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8088") as client:
        yield client


def key_of(store: Store, reviewer: str) -> dict[str, str]:
    with store.begin() as s:
        _, token = api_keys.create_key(s, reviewer, "ui", [ApiScope.READ], timedelta(days=1), edge_clock.now())
    return {"authorization": f"Bearer {token}"}


def cookie_of(store: Store, reviewer: str) -> dict[str, str]:
    with store.begin() as s:
        (account,) = (one for one in accounts.list_all(s) if one.subject == reviewer)
        token = start_session(s, account, edge_clock.now(), SETTINGS, None)
    return {"cookie": f"umpire_session={token}"}


async def sealed(*payloads: Payload) -> dict[str, object]:
    codec = data_converter(RING).payload_codec
    assert codec is not None
    return json_format.MessageToDict(Payloads(payloads=await codec.encode(payloads)))


def opened(answer: httpx.Response) -> list[Payload]:
    return list(json_format.ParseDict(answer.json(), Payloads()).payloads)


async def test_compliance_opens_a_payload_with_a_key_and_is_recorded(
    tools: httpx.AsyncClient, plan_store: Store
) -> None:
    body = await sealed(CLEAR)
    assert "two canes" not in base64.b64decode(body["payloads"][0]["data"]).decode(errors="replace")  # type: ignore[index]
    answer = await tools.post("/decode", json=body, headers=key_of(plan_store, "compliance.ortiz"))
    assert answer.status_code == 200 and opened(answer) == [CLEAR]
    with plan_store.read() as s:
        (sight,) = case_views.select_sights(s, 10)
    assert (sight.case_id, sight.subject, sight.what) == ("PA-7K3QX2MDVH5A", "compliance.ortiz", "history")


async def test_what_names_no_case_is_recorded_too(tools: httpx.AsyncClient, plan_store: Store) -> None:
    body = await sealed(Payload(metadata={"encoding": b"json/plain"}, data=b"1"))
    assert (await tools.post("/decode", json=body, headers=key_of(plan_store, "compliance.ortiz"))).status_code == 200
    with plan_store.read() as s:
        assert [one.case_id for one in case_views.select_sights(s, 10)] == [NO_CASE]


async def test_whoever_is_signed_in_to_the_workbench_decodes_from_temporals_page_alone(
    tools: httpx.AsyncClient, plan_store: Store
) -> None:
    body, cookie = await sealed(CLEAR), cookie_of(plan_store, "compliance.ortiz")
    there = await tools.post("/decode", json=body, headers=cookie | {"origin": UI})
    assert opened(there) == [CLEAR]
    assert there.headers["access-control-allow-origin"] == UI
    assert there.headers["access-control-allow-credentials"] == "true"
    for origin in ({"origin": "http://evil.example"}, {}):
        elsewhere = await tools.post("/decode", json=body, headers=cookie | origin)
        assert elsewhere.status_code == 401 and "two canes" not in elsewhere.text
        assert "access-control-allow-origin" not in elsewhere.headers


async def test_the_browser_asks_first_and_only_the_one_origin_is_let_in(tools: httpx.AsyncClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,x-namespace"}
    assert (await tools.options("/decode", headers=asked | {"origin": UI})).status_code == 200
    assert (await tools.options("/decode", headers=asked | {"origin": "http://evil.example"})).status_code == 400


@pytest.mark.parametrize("reviewer", ["nurse.adams", None])
async def test_nobody_else_opens_anything_and_nothing_is_recorded(
    tools: httpx.AsyncClient, plan_store: Store, reviewer: str | None
) -> None:
    headers = key_of(plan_store, reviewer) if reviewer else {"authorization": "Bearer umpire_" + "0" * 64}
    answer = await tools.post("/decode", json=await sealed(CLEAR), headers=headers)
    assert answer.status_code == (403 if reviewer else 401)
    assert "canes" not in answer.text
    with plan_store.read() as s:
        assert case_views.select_sights(s, 10) == ()


async def test_what_is_sealed_here_opens_with_the_keyring(tools: httpx.AsyncClient, plan_store: Store) -> None:
    body = json_format.MessageToDict(Payloads(payloads=[CLEAR]))
    answer = await tools.post("/encode", json=body, headers=key_of(plan_store, "compliance.ortiz"))
    (payload,) = opened(answer)
    assert payload.metadata["key-id"] == b"new"
    codec = data_converter(RING).payload_codec
    assert codec is not None and list(await codec.decode([payload])) == [CLEAR]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"payloads": 7}', b'{"payloads": [{"data": 7}]}', b"[" * 100_000])
async def test_nonsense_is_answered_with_what_to_send(tools: httpx.AsyncClient, plan_store: Store, body: bytes) -> None:
    headers = key_of(plan_store, "compliance.ortiz") | {"content-type": "application/json"}
    answer = await tools.post("/decode", content=body, headers=headers)
    assert answer.status_code == 400 and "payloads" in answer.json()["message"]


def test_only_roles_that_see_every_confidential_case_decode() -> None:
    assert {Role.COMPLIANCE, Role.MEDICAL_DIRECTOR} == SEES_EVERYTHING
