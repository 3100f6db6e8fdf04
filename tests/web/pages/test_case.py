"""The case page over a running case: what stands on it, that reading a record is recorded once, and a case as it stood."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.journal import EntryKind
from services.queries.authorization_detail import load_authorization_detail
from services.queries.case_sentence import status_sentence
from store import documents, journal, letters
from tests.paths import ROOT
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app
from web.pages.letters import letter_policy

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
        assert '<mark id="p1">6 months</mark>' in read and "#p1" in read
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


@pytest.mark.parametrize("part", ["", "/journal", "/clocks", "/documents/abcdefgh", "/letters/x", "/letters/x/page"])
async def test_a_case_that_is_not_on_file_has_no_page(browse: object, part: str) -> None:
    answer = await browse("nurse.adams").get(f"/cases/PA-NOTHINGHERE{part}")  # type: ignore[operator]
    assert answer.status_code == 404


async def test_a_page_of_a_case_with_much_in_it_stays_small(lab: Lab) -> None:
    case_id = (await lab.submit(SAMPLE)).case_id
    assert case_id is not None
    with lab.store.begin() as s:
        now = load_authorization_detail(s, case_id).request.received_at
        for number in range(30):
            kept = documents.put(s, f"Note {number}. ".encode() * 900, f"Progress note {number}", "text/plain", now)
            documents.attach(s, case_id, kept.document_id, now)
    async with opened(lab, "nurse.adams") as nurse:
        page = await nurse.get(f"/cases/{case_id}?document={kept.document_id}")
    assert "1 of 31 read by you" in page.text and len(page.content) < 60_000
