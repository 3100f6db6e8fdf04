"""Attacks on the pages, end to end: what strangers send is text wherever it is shown, and what is ours is done for us alone."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from demo.time_skipping_lab import Lab
from engine.web_settings import Mode, WebSettings
from intake.admissions import admissions
from store import documents
from tests.interop.fhir import bundles
from tests.paths import ROOT
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.web.test_every_route import DOORS
from web import form_limits
from web.app import build_app
from web.context import WebContext
from web.presentation.safe_names import file_name

Browse = Callable[[str | None], WebClient]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
TURNED = "scan\u202egpj.exe\u2066"
_WORDS = {"text", "display", "title", "name", "family", "given", "note", "description", "valueString", "comment"}
_RUNS = re.compile(r"<script>|<img src=x|onerror=alert\(2\)>", re.I)
_ESCAPED = "&lt;script&gt;"


def poisoned(value: Any, said: str, key: str = "") -> Any:
    """The document with `said` in every text that its sender writes freely."""
    if isinstance(value, dict):
        return {name: poisoned(one, said, name) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, said, key) for one in value]
    return f"{value} {said}" if isinstance(value, str) and key in _WORDS else value


@asynccontextmanager
async def opened(lab: Lab, *subjects: str) -> AsyncIterator[list[WebClient]]:
    app = build_app(await lab_context(lab))
    made = [httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") for _ in subjects]
    yield [WebClient(http, subject) for http, subject in zip(made, subjects, strict=True)]
    for http in made:
        await http.aclose()


def links(page: str, beginning: str | tuple[str, ...]) -> set[str]:
    return {unescape(one) for one in re.findall(r'(?:href|src)="([^"]+)"', page) if one.startswith(beginning)}


@pytest.mark.parametrize("said", [SCRIPT, TURNED], ids=["script", "turned"])
async def test_what_a_fhir_bundle_says_is_text_on_every_page_of_its_case(lab: Lab, said: str) -> None:
    bundle = bundles.request_bundle()
    bundles.add_supporting_information(bundle, bundles.document(b"A note. " + said.encode()), "Note")
    sent = poisoned(bundle, said)
    await lab.submit(bundles.as_bytes(sent))  # another patient's name: it goes to the inbox
    (own,) = (one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    sent["entry"] = [own if one["resource"]["resourceType"] == "Patient" else one for one in sent["entry"]]
    done = await lab.submit(bundles.as_bytes(sent))
    assert done.case_id is not None, done
    beginning = f"/cases/{done.case_id}"
    async with opened(lab, "nurse.adams", "intake.kim", "supervisor.bell") as people:
        seen: dict[str, str] = {}
        for person in people:
            todo = {beginning, f"{beginning}?print=1", "/worklist?who=team", f"/find?q={done.case_id}", "/inbox"}
            if person is people[-1]:
                todo |= {"/oversight/clocks", "/oversight/access"}
            while todo:
                address = todo.pop()
                answer = await person.get(address)
                if address in seen or "text/html" not in answer.headers.get("content-type", ""):
                    continue
                seen[address] = answer.text
                todo |= {one.partition("#")[0] for one in links(answer.text, (beginning, "/inbox/"))} - set(seen)
    assert len(seen) > 8, sorted(seen)
    assert [address for address, page in seen.items() if _RUNS.search(page)] == []
    assert [address for address, page in seen.items() if "\u202e" in page and "/letters/" not in address] == []
    shown = _ESCAPED if said is SCRIPT else "[U+202E]gpj.exe"
    assert any(shown in page for page in seen.values()), "what was sent is shown nowhere, so nothing was tried"


async def test_what_an_adt_message_says_is_text_in_the_inbox_and_on_the_page_of_the_stay(lab: Lab) -> None:
    poison = "<script>alert(1)</script>"
    raw = (ROOT / "samples" / "adt" / "03-to-inpatient-A06.hl7").read_bytes().decode()
    for word in ("WHITFIELD", "ALMA", "Non-ST elevation myocardial infarction", "OKONJO", "I03"):
        raw = raw.replace(word, f"{word} {poison}")
    known = await admissions.receive_hl7(await lab.services(), raw.encode(), "MERIDIAN")
    unknown = raw.replace("MBR1000001", "MBR<script>").replace("MER-0003", "MER-9<script>").replace("V700001", "V9")
    kept = await admissions.receive_hl7(await lab.services(), unknown.encode(), "MERIDIAN")
    await lab.settle()
    assert known and kept
    async with opened(lab, "intake.kim", "nurse.adams") as (clerk, nurse):
        inbox = (await clerk.get("/inbox")).text
        pages = [inbox, *[(await clerk.get(one)).text for one in links(inbox, "/inbox/")]]
        stays = (await nurse.get("/stays")).text
        pages += [stays, *[(await nurse.get(one)).text for one in links(stays, "/stays/")]]
    assert len(pages) > 3
    assert [page for page in pages if _RUNS.search(page)] == []
    assert any(_ESCAPED in page for page in pages)


@pytest.mark.parametrize(
    ("title", "kind", "content", "is_text", "name"),
    [
        ("scan\u202egpj.exe", "application/x-msdownload", b"MZ\x00", False, "scan gpj.exe.bin"),
        ("../../etc/passwd", "text/plain", b"x", True, "etc passwd.txt"),
        ("a\r\nset-cookie: x=1", "text/html", b"<b>", True, "a set-cookie x=1.txt"),
        ("Letter.PDF", "text/plain", b"%PDF-1.7", False, "Letter.PDF"),
        ("page", "application/pdf", b"\x89PNG\r\n\x1a\n", False, "page.png"),
        ("   ", "application/octet-stream", b"\x00", False, "record.bin"),
        ("x" * 300, "", b"\x00", False, "x" * 100 + ".bin"),
        ("Befund \u00c4rztin", "application/pdf", b"%PDF-", False, "Befund \u00c4rztin.pdf"),
    ],
)
def test_a_file_is_downloaded_under_a_plain_name_that_says_what_it_is(
    title: str, kind: str, content: bytes, is_text: bool, name: str
) -> None:
    assert file_name(title, kind, content, is_text) == name


async def test_a_record_named_to_look_like_a_picture_is_downloaded_as_what_it_is(lab: Lab) -> None:
    bundle = bundles.request_bundle()
    data = base64.b64encode(b"MZ\x00\x01").decode()
    note = bundles.document(title="scan\u202egpj.exe", contentType="application/x-msdownload", data=data)
    bundles.add(bundle, note)
    case_id = (await lab.submit(bundles.as_bytes(bundle))).case_id
    assert case_id is not None
    with lab.store.read() as s:
        records = documents.of_case(s, case_id)
    async with opened(lab, "nurse.adams") as (nurse,):
        given = [(await nurse.get(f"/cases/{case_id}/documents/{one.document_id}/file")).headers for one in records]
    names = [unquote(one["content-disposition"].partition("''")[2]) for one in given]
    assert "scan gpj.exe.bin" in names
    assert {one["content-type"] for one in given} == {"application/octet-stream"}
    assert all(
        one["content-disposition"].startswith("attachment") and "sandbox" in one["content-security-policy"]
        for one in given
    )


@pytest.mark.parametrize(
    "host",
    ["umpire.test.evil.example", "evil.example:9080", "", "localhost.evil.example", "umpire.test@evil.example", "[::1"],
)
async def test_no_page_is_answered_to_a_name_that_somebody_else_points_at_us(
    web_context: WebContext, host: str
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(web_context)), base_url="http://x") as http:
        for path in ("/sign-in", "/api/v1/openapi.json", "/static/x/umpire.css", "/"):
            answer = await http.get(path, headers={"host": host})
            assert answer.status_code == 400 and "evil" not in answer.text, path
            assert "set-cookie" not in answer.headers and "content-security-policy" in answer.headers
        assert (await http.get("/healthz", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost:9080", "127.0.0.1", "[::1]:9080", "10.1.2.3:80", "UM.Example.com", "um.example.com:443"]
)
async def test_the_own_names_of_an_installation_and_addresses_in_numbers_are_answered(
    web_context: WebContext, host: str
) -> None:
    production = WebSettings("127.0.0.1", 9080, Mode.PRODUCTION, public_url="https://um.example.com")
    app = build_app(replace(web_context, settings=production))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        assert (await http.get("/sign-in", headers={"host": host})).status_code == 200
        assert (await http.get("/sign-in", headers={"host": "umpire.test"})).status_code == 400


async def test_no_form_of_another_site_does_anything_at_any_door(browse: Browse) -> None:
    """Each POST without the secret of the session, and with it from another site."""
    posts = [door for door in DOORS if door.method == "POST" and not door.path.startswith("/sign-in/oidc")]
    assert len(posts) > 40
    taken = []
    for subject in ("supervisor.bell", "1215000013"):
        person = browse(subject)
        page = (await person.get("/settings")).text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found is not None
        secret = unescape(found[1])
        for door in posts:
            bare = await person.http.post(door.address(), data={"user": "x"})
            foreign = await person.http.post(
                door.address(), data={"csrf": secret}, headers={"sec-fetch-site": "cross-site"}
            )
            taken += [(subject, door.path)] if (bare.status_code, foreign.status_code) != (403, 403) else []
    assert taken == []


@pytest.mark.parametrize(
    "path", ["..%2f..%2fapp.py", "../../app.py", "x/..%2f..%2f..%2fetc/passwd", "x//etc/passwd", "x/%2e%2e/x"]
)
async def test_no_file_outside_the_static_folder_is_given_out(browse: Browse, path: str) -> None:
    answer = await browse(None).http.get(f"/static/{path}")
    assert answer.status_code in (404, 303) and "root:" not in answer.text and "def build_app" not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
    ],
)
async def test_no_address_of_ours_leads_to_another_site(browse: Browse, target: str) -> None:
    nurse = browse("nurse.adams")
    await nurse.get("/settings")
    for address in ("/sign-in", "/worklist", "/find", "/settings", "/criteria"):
        for name in ("next", "back", "list", "at", "return"):
            answer = await nurse.http.get(address, params={name: target})
            led = answer.headers.get("location", "")
            assert not led.startswith(("//", "/\\", "http", "javascript", "\\")), (address, name, led)
            assert not re.search(r'(?:href|action|formaction)="(?://|/\\|https?:|javascript:)', answer.text, re.I), (
                address,
                name,
            )


async def test_a_form_of_a_million_fields_is_not_read(browse: Browse) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await browse(None).http.post("/sign-in", content=b"a&" * 1_000_000, headers=headers)
    assert answer.status_code == 413 and f"more than {form_limits.MOST_FIELDS:,} fields" in answer.text
