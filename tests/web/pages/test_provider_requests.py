"""A provider's own requests on their pages: what waits for them, answered item by item, and no one else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from store import cases, documents, inbox, journal, requests
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "requests"
CLINIC, OTHER = "1999999984", "1215000013"


def client(app: object, subject: str) -> WebClient:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    return WebClient(httpx.AsyncClient(transport=transport, base_url="http://umpire.test"), subject)


async def test_an_information_request_is_answered_by_value_and_record_and_the_sentence_names_no_reviewer(
    lab: Lab,
) -> None:
    outcome = await lab.submit((SAMPLES / "cpap-missing-facts.json").read_bytes())
    case_id = outcome.case_id or ""
    clinic = client(build_app(await lab_context(lab)), CLINIC)
    page = f"/provider/requests/{case_id}"

    listed = (await clinic.get("/provider")).text
    assert "One request waits for you." in listed and "more fact from you" in listed
    shown = await clinic.get(page)
    assert shown.status_code == 200 and "What we need to know" in shown.text
    assert "nurse.adams" not in shown.text + listed and "Grace Adams" not in shown.text + listed
    assert (await clinic.get("/provider/requests/PA-NOBODY")).status_code == 404
    another = client(build_app(await lab_context(lab)), OTHER)
    assert (await another.get(page)).status_code == 404
    refused = await another.post(f"{page}/withdraw", "/provider", sure="yes")
    assert refused.status_code == 404

    item: dict[str, Any] = {"i-0": _item_id(shown.text)}
    empty = await clinic.post(f"{page}/answers", page, **item)
    assert empty.status_code == 422 and "Answer at least one item" in empty.text
    wrong = await clinic.post(f"{page}/answers", page, **item, **{"v-0": "many"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.text
    forged = await clinic.post(f"{page}/answers", page, files={"f-0": ("x.exe", b"MZ\x00\x01")}, **item)
    assert forged.status_code == 422 and "open a file of this kind" in forged.text

    record = {"f-0": ("sleep test.txt", b"Polysomnography: AHI 22")}
    sent = await clinic.post(f"{page}/answers", page, files=record, **item, **{"v-0": "22", "d-0": "2026-11-02"})
    assert (sent.status_code, sent.headers["location"]) == (303, page)
    assert "We have your answers" in (await clinic.get(page)).text
    again = await clinic.post(f"{page}/answers", page, files=record, **item, **{"v-0": "22", "d-0": "2026-11-02"})
    assert again.status_code in (303, 422), "the same once more is one answer"
    await lab.settle()
    with lab.store.read() as s:
        newest = requests.load(s, case_id).request
        arrival = inbox.of_case(s, case_id)[-1]
        held = documents.of_case(s, case_id)
    fact = next(one for one in newest.facts if one.id == item["i-0"])
    assert (fact.value, fact.source.kind.value) == (22, "document")
    assert arrival.channel is Channel.PORTAL and arrival.received_at is not None
    assert any(one.title.startswith("sleep test.txt (for: ") for one in held)


async def test_a_provider_withdraws_their_own_request_and_the_case_hears_it_as_their_word(lab: Lab) -> None:
    raw = json.loads((SAMPLES / "lumbar-fusion.json").read_text())
    outcome = await lab.submit(json.dumps(raw).encode(), Channel.API, "clearinghouse-7")
    case_id = outcome.case_id or ""
    owner = client(build_app(await lab_context(lab)), raw["requesting_provider"]["npi"])
    page = f"/provider/requests/{case_id}"
    unsure = await owner.post(f"{page}/withdraw", page, why="Another date")
    assert unsure.status_code == 422 and "Another date" in unsure.text
    faster = await owner.post(f"{page}/expedite", page, statement="yes", act="one")
    assert faster.headers["location"] == page
    done = await owner.post(f"{page}/withdraw", page, sure="yes", why="Another date", act="two")
    assert done.headers.get("location") == page, done.text
    await lab.settle()
    with lab.store.read() as s:
        view = cases.get(s, case_id)
        entry = next(one for one in journal.entries(s, case_id) if one.kind.value == "withdrawn")
    assert view is not None and view.status.value == "withdrawn"
    assert (entry.actor.kind, entry.actor.id) == ("provider", raw["requesting_provider"]["npi"])
    owner = client(build_app(await lab_context(lab)), raw["requesting_provider"]["npi"])
    shown = await owner.get(page)
    assert "Withdrawn on" in shown.text and "Take the whole request back" not in shown.text
    assert "/letters/" in shown.text
    letter = await owner.get(_first_letter(shown.text))
    assert letter.status_code == 200 and 'class="card paper"' in letter.text


@pytest.mark.parametrize("subject", ["nurse.adams"])
async def test_staff_do_not_see_the_pages_of_providers(browse: object, subject: str) -> None:
    opened: WebClient = browse(subject)  # type: ignore[operator]
    assert (await opened.get("/provider")).status_code == 403


def _item_id(page: str) -> str:
    return page.partition('name="i-0" value="')[2].partition('"')[0]


def _first_letter(page: str) -> str:
    return page.partition('<ul class="list"><li><a href="')[2].partition('"')[0]
