"""The case page over a running case: what stands on it, that reading a record is recorded once, and a case as it stood."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape

import httpx
import pytest

from demo.time_skipping_lab import Lab, rulebook
from domain.journal import Actor, EntryKind
from services.queries.authorization_detail import load_authorization_detail
from services.queries.case_sentence import status_sentence
from store import criteria_traces, documents, journal, letters, read_models, requests
from store.session import Store
from tests.paths import ROOT
from tests.store.samples import CASE, NOON, case_view, draft, line, request
from tests.store.samples import json as store_json
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app
from web.pages.letters import letter_policy
from web.presentation.cases.case_page import build_case_page

Browse = Callable[[str | None], WebClient]
SAMPLE = (ROOT / "samples" / "requests" / "lumbar-fusion.json").read_bytes()


@asynccontextmanager
async def opened(lab: Lab, subject: str) -> AsyncIterator[WebClient]:
    """A browser of this person over the lab as it is now."""
    transport = httpx.ASGITransport(build_app(await lab_context(lab)))
    async with httpx.AsyncClient(transport=transport, base_url="http://umpire.test") as http:
        yield WebClient(http, subject)


def text_of(html: str, element: str) -> str:
    """The text of the element with this id."""
    found = re.search(rf'id="{element}"[^>]*>(.*?)</p>', html, re.DOTALL)
    assert found is not None
    return unescape(re.sub(r"<[^>]+>", "", found[1]))


async def test_a_case_is_read_and_its_record_opened_once_by_each_reader(lab: Lab) -> None:
    case_id = (await lab.submit(SAMPLE)).case_id
    assert case_id is not None
    address, before = f"/cases/{case_id}", await lab.now()
    with lab.store.read() as s:
        detail = load_authorization_detail(s, case_id)
    (record,) = detail.documents
    async with opened(lab, "nurse.adams") as nurse:
        unread = (await nurse.get(address)).text
        assert text_of(unread, "sentence") == status_sentence(detail.view, case_id)
        assert "Nearest to met: FUS-2, two of three hold." in unread and "0 of 1 read by you" in unread
        assert "with back pain that limits walking" not in unread, "a record that nobody opened is not shown"
        ahead = await nurse.http.get(f"{address}?document={record.document_id}", headers={"sec-purpose": "prefetch"})
        assert "with back pain that limits walking" not in ahead.text
    await lab.advance(minutes=5)  # a browser has the time of its opening
    async with opened(lab, "nurse.adams") as nurse, opened(lab, "md.ortho.chen") as other:
        read = (await nurse.get(f"{address}?document={record.document_id}")).text
        assert "with back pain that limits walking" in read and "1 of 1 read by you" in read
        assert '<mark id="p2">Physical therapy and anti-inflammatory medicine for 6 months</mark>' in read
        await lab.settle()
        for again in (
            address,
            f"{address}/documents/{record.document_id}",
            f"{address}/documents/{record.document_id[:16]}/file",
        ):
            answer = await nurse.get(again)
            assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["content-security-policy"]
        await lab.settle()
        assert "0 of 1 read by you" in (await other.get(address)).text
        with lab.store.read() as s:
            entries = journal.entries(s, case_id)
        assert [str(one.actor) for one in entries if one.kind is EntryKind.RECORD_OPENED] == ["reviewer:nurse.adams"]

        # -- as it stood ------------------------------------------------------------------------------------------------
        then = (await nurse.get(address, at=(before + timedelta(seconds=30)).isoformat())).text
        assert "0 of 1 read by you then" in then and "As it stood at" in then and "opened the record" not in then
        main = then[then.index("<main") :]
        assert "<form" not in main and "/tasks/" not in main, "nothing can be done in the past"
        early = await nurse.get(address, at=(before - timedelta(days=1)).isoformat())
        assert (early.status_code, "had not begun by then" in early.text) == (404, True)
        assert (await nurse.get(address, at="yesterday")).status_code == 409

        # -- its parts --------------------------------------------------------------------------------------------------
        survey = (await nurse.get(f"{address}/clocks")).text
        assert "MA-OD-STD-PA" in survey and "Nearly bind" in survey
        assert "Request received" in (await nurse.get(f"{address}/journal")).text
        with lab.store.read() as s:
            one = letters.of_case(s, case_id)[0]
        letter = await nurse.get(f"{address}/letters/{one.letter_id}")
        assert one.rendered.subject in unescape(letter.text) and "/page" in letter.text
        page = await nurse.get(f"{address}/letters/{one.letter_id}/page")
        assert page.text == one.rendered.html
        assert page.headers["content-security-policy"] == letter_policy(one.rendered.html)
        assert (await nurse.get(f"/cases/PA-ANOTHER/letters/{one.letter_id}")).status_code == 404


def test_a_stored_letter_is_shown_with_its_own_style_and_nothing_else() -> None:
    policy = letter_policy("<style>p{color:red}</style><script>alert(1)</script>")
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "script-src" not in policy
    assert policy.endswith("sandbox") and "unsafe" not in policy


async def test_an_open_page_is_told_what_came_since_and_not_what_its_reader_did(
    browse: Browse, plan_store: Store
) -> None:
    own = draft(3, EntryKind.CASE_NOTED).model_copy(update={"actor": Actor(kind="reviewer", id="nurse.adams")})
    with plan_store.begin() as s:
        view = store_json(case_view())[0]
        entries = [draft(1, case=view), draft(2, EntryKind.INFORMATION_RECEIVED), own, draft(4, EntryKind.ESCALATED)]
        read_models.record_entries(s, CASE, entries)
    nurse = browse("nurse.adams")
    told = await nurse.get(f"/cases/{CASE}/news", after=1)
    assert "New on this case since you opened it:</b> information from the provider and 1 other entry." in told.text
    assert (await nurse.get(f"/cases/{CASE}/news", after=4)).status_code == 204
    assert (await nurse.get("/cases/PA-NOTHINGHERE/news", after=1)).status_code == 404


async def test_a_case_that_no_worker_has_opened_yet_says_so_and_can_be_read(browse: Browse, plan_store: Store) -> None:
    with plan_store.begin() as s:
        requests.save(s, CASE, request())
    answer = await browse("nurse.adams").get(f"/cases/{CASE}")
    assert answer.status_code == 200
    assert "is being opened: its request is stored and waits for a worker." in answer.text


@pytest.mark.parametrize("part", ["", "/journal", "/clocks", "/documents/abcdefgh", "/letters/x", "/letters/x/page"])
async def test_a_case_that_is_not_on_file_has_no_page(browse: Browse, part: str) -> None:
    answer = await browse("nurse.adams").get(f"/cases/PA-NOTHINGHERE{part}")
    assert answer.status_code == 404


async def test_a_page_of_a_case_with_much_in_it_stays_small(lab: Lab) -> None:
    case_id = (await lab.submit(SAMPLE)).case_id
    assert case_id is not None
    with lab.store.begin() as s:
        now = load_authorization_detail(s, case_id).request.received_at
        for number in range(30):
            kept = documents.put(s, f"Note {number}. ".encode() * 900, f"Progress note {number}", "text/plain", now)
            documents.attach(s, case_id, kept.document_id, now)
        archive = documents.put(s, b"PK\x03\x04", "Archive", "application/zip", now)
        documents.attach(s, case_id, archive.document_id, now)
    async with opened(lab, "nurse.adams") as nurse:
        page = await nurse.get(f"/cases/{case_id}?document={kept.document_id}")
        other = (await nurse.get(f"/cases/{case_id}?document={archive.document_id}")).text
    assert "download it to read it" in other and "1 of 32 read by you" in other, "what is not shown is not opened"
    assert "1 of 32 read by you" in page.text and len(page.content) < 60_000


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


async def test_what_others_wrote_is_text_on_every_page_whatever_it_holds(lab: Lab) -> None:
    said = json.loads(SAMPLE)
    said["documents"][0] |= {
        "text": f"{HOSTILE} Scoliosis of the lumbar spine, 35 degrees",
        "title": HOSTILE,
        "content_type": "text/html",
    }
    said["lines"][0]["description"] = HOSTILE
    said["requesting_provider"]["name"] = HOSTILE
    case_id = (await lab.submit(json.dumps(said).encode())).case_id
    assert case_id is not None
    with lab.store.read() as s:
        (record,) = documents.of_case(s, case_id)
        sent = letters.of_case(s, case_id)
    address = f"/cases/{case_id}"
    pages = [
        f"{address}?document={record.document_id}",
        f"{address}/documents/{record.document_id}",
        f"{address}/journal",
    ]
    pages += [f"{address}/letters/{one.letter_id}{part}" for one in sent for part in ("", "/page")]
    async with opened(lab, "nurse.adams") as nurse:
        for page in pages:
            shown = await nurse.get(page)
            assert shown.status_code == 200, page
            assert "<script>alert" not in shown.text and "<img src=x" not in shown.text, page
        read = (await nurse.get(pages[0])).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in read and "<mark" in read


def test_of_many_lines_only_so_many_criteria_stand_on_one_page_and_the_chosen_line_is_among_them(
    plan_store: Store,
) -> None:
    leaves = [
        {
            "criterion": {"id": f"L{n}", "kind": "leaf", "text": "x", "cite": None, "n": None, "fact": None, "op": None}
            | {"value": None, "unit": None},
            "state": "unknown",
            "children": [],
            "reading": None,
            "gap": None,
        }
        for n in range(60)
    ]
    root = leaves[0] | {"children": leaves[1:], "criterion": leaves[0]["criterion"] | {"kind": "all"}}
    verdict = {"trace": root, "title": "T", "guideline_id": "G", "version": "1", "citation": "C", "flags": []}
    numbers = [str(number) for number in range(1, 6)]
    with plan_store.begin() as s:
        requests.save(s, CASE, request())
        kept = {
            number: criteria_traces.save(s, CASE, number, 1, "G", verdict | {"state": "unknown"}) for number in numbers
        }
        lines = [line(number, verdict_id=kept[number]) for number in numbers]
        view = store_json(case_view(request_version=1))[0]
        read_models.record_entries(s, CASE, [draft(1, case=view, lines=store_json(*lines))])
    with plan_store.read() as s:
        detail = load_authorization_detail(s, CASE)
    shown = {
        chosen: [one.line_id for one in build_case_page(detail, rulebook(), NOON, chosen).sections if not one.left_out]
        for chosen in ("", "5")
    }
    assert shown == {"": ["1", "2"], "5": ["1", "5"]}
