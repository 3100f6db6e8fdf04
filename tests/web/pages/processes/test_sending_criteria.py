"""Criteria that are sent: a letter on file with who asked, handed to the carrier once, shown as sent everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from activities.delivery import hand_over_standalone
from activities.integrations.eligibility import DirectoryEligibility
from activities.integrations.file_outbox import FileOutbox
from domain.letters.standalone import LetterWay
from services.queries.disclosures import SendingStatus, list_disclosures
from store.correspondence import standalone_letters
from store.correspondence.standalone_letters import StandaloneLetter
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW
from web.context import WebContext
from worker import Dependencies, watch_over_mail

Browse = Callable[[str | None], WebClient]
ASKED = {
    "kind": "provider",
    "name": "Dana Ruiz",
    "organization": "Lakeside Spine Center",
    "way": "fax",
    "sent_to": "312-555-0100",
    "act": "0198f0aa-0000-7000-8000-000000000002",
}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def waiting(store: Store) -> tuple[StandaloneLetter, ...]:
    with store.read() as s:
        return standalone_letters.list_waiting(s, 10)


async def test_criteria_asked_for_by_fax_are_a_letter_on_file_with_who_asked_once(
    browse: Browse, plan_store: Store
) -> None:
    intake = browse("intake.kim")
    for _ in range(2):
        answer = await intake.post("/criteria/SNF?service=snf", **ASKED)
        assert (answer.status_code, answer.headers["location"]) == (303, "/criteria?service=snf")
    (letter,) = waiting(plan_store)
    with plan_store.read() as s:
        (kept,) = list_disclosures(s, 10)
    assert (kept.letter_id, kept.sending, kept.caller_name) == (letter.letter_id, SendingStatus.TO_BE_SENT, "Dana Ruiz")
    assert (letter.recipient, letter.way, letter.sent_to) == (
        "Dana Ruiz, Lakeside Spine Center",
        LetterWay.FAX,
        "312-555-0100",
    )
    for page in (letter.rendered.html, letter.rendered.text):
        said = " ".join(page.split())
        assert "The criteria that you asked for" in page or "THE CRITERIA THAT YOU ASKED FOR" in page
        assert "It asks for the days of skilled nursing in a week to be at least 7." in said
        assert "42 CFR 409.30-409.35" in said and "2024-01-01.3" in said and "Fax 312-555-0100" in said
        assert "It is no decision on anybody&#39;s care." in said or "It is no decision on anybody's care." in said
    assert "To be sent" in (await intake.get("/criteria")).text


async def test_the_worker_sends_what_was_asked_for_and_the_lists_say_so(
    browse: Browse, web_context: WebContext, plan_store: Store, tmp_path: Path
) -> None:
    await browse("intake.kim").post("/criteria/SNF", **ASKED)
    outbox = FileOutbox(tmp_path / "outbox")
    parts = Dependencies(plan_store, web_context.rulebook, DirectoryEligibility(plan_store), outbox)
    watching = asyncio.create_task(watch_over_mail(web_context.services, parts, 0.01, 0.01))
    while await asyncio.to_thread(waiting, plan_store):
        pass
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    with plan_store.read() as s:
        (kept,) = list_disclosures(s, 10)
    assert (kept.sending, kept.sent_at) == (SendingStatus.SENT, NOW)
    assert kept.letter_id is not None
    named = kept.letter_id.replace(":", "_")
    assert sorted(path.name for path in (tmp_path / "outbox").rglob("criteria*")) == [f"{named}.html", f"{named}.txt"]
    compliance = browse("compliance.ortiz")
    asked = (await compliance.get("/criteria/asked")).text
    assert "Sent " in asked and "Dana Ruiz" in asked and "312-555-0100" in asked
    letter = await compliance.get(f"/criteria/asked/{kept.letter_id}")
    assert letter.status_code == 200 and f"{named}.html" in letter.text
    assert "Sent " in (await browse("intake.kim").get("/criteria")).text
    assert (await browse("intake.kim").get(f"/criteria/asked/{kept.letter_id}")).status_code == 403


@pytest.mark.parametrize(
    ("on_file", "way", "name", "part"),
    [
        ("MBR1000001", "mail", "Alma Whitfield", "12 Sample Street, Springfield, IL 62702"),
        ("1999999984", "fax", "", "217-555-0111"),
    ],
)
async def test_criteria_go_to_the_address_on_file_when_its_number_is_given(
    browse: Browse, plan_store: Store, on_file: str, way: str, name: str, part: str
) -> None:
    answer = await browse("intake.kim").post("/criteria/SNF", **ASKED | {"way": way, "sent_to": "", "on_file": on_file})
    assert answer.status_code == 303, answer.text
    (letter,) = waiting(plan_store)
    assert name in letter.recipient and part in letter.sent_to
    assert on_file not in letter.rendered.text


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"sent_to": ""}, "criteria.sent_to"),
        ({"sent_to": "555-0100"}, "criteria.sent_to"),
        ({"way": "email", "sent_to": "dana at clinic"}, "criteria.sent_to"),
        ({"way": "mail", "sent_to": "Chicago"}, "criteria.sent_to"),
        ({"on_file": "1999999984"}, "criteria.sent_to"),
        ({"sent_to": "", "on_file": "MBR1000001"}, "criteria.on_file"),
        ({"sent_to": "", "on_file": "MBR9999999"}, "criteria.on_file"),
        ({"plan": "nobody"}, "criteria.plan"),
    ],
)
async def test_nothing_is_sent_to_where_nobody_can_be_reached(
    browse: Browse, plan_store: Store, changed: dict[str, str], rule: str
) -> None:
    answer = await browse("intake.kim").post("/criteria/SNF", **ASKED | changed)
    assert answer.status_code == 422 and rule in answer.text
    assert waiting(plan_store) == ()
    with plan_store.read() as s:
        assert list_disclosures(s, 10) == ()


async def test_what_was_read_out_makes_no_letter(browse: Browse, plan_store: Store, tmp_path: Path) -> None:
    await browse("intake.kim").post("/criteria/SNF", **ASKED | {"way": "read_out", "sent_to": ""})
    with plan_store.read() as s:
        (kept,) = list_disclosures(s, 10)
    assert (kept.sending, kept.letter_id) == (SendingStatus.BY_PEOPLE, None)
    assert hand_over_standalone(plan_store, FileOutbox(tmp_path / "outbox"), NOW) == 0
    assert "By people" in (await browse("compliance.ortiz").get("/criteria/asked")).text
