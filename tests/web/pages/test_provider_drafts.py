"""A request by form: the evidence that the criteria ask for before it is sent, drafts that are kept, an approval at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from activities.delivery import hand_over_standalone
from activities.integrations.file_outbox import FileOutbox
from demo.time_skipping_lab import Lab
from domain.vocabulary import Channel
from engine import edge_clock
from services.commands.draft_upkeep import tend_drafts
from store import cases, directory, inbox
from store.correspondence import standalone_letters
from store.portal import drafts
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
CLINIC, OTHER = "1999999984", "1215000013"
NEW = "/provider/new"


def oxygen(day: str, end: str) -> dict[str, Any]:
    return {
        "member": "MBR1000001",
        "born": "1951-04-12",
        "diagnoses": "J44.9",
        "kind": "medical",
        "urgency": "standard",
        "lines": "1",
        "code-1": "E1390",
        "words-1": "Oxygen concentrator",
        "qty-1": "3",
        "unit-1": "month",
        "start-1": day,
        "end-1": end,
        "place-1": "12",
        "servicing": "1215000021",
        "ordering": "1777777719",
        "go": "next",
    }


async def test_a_provider_submits_by_form_to_an_approval(lab: Lab) -> None:
    """Home oxygen: the form asks what the criteria ask, one record shows it, and the case is approved by rule."""
    context = await lab_context(lab)
    transport = httpx.ASGITransport(build_app(context))
    clinic = WebClient(httpx.AsyncClient(transport=transport, base_url="http://umpire.test"), CLINIC)
    today = context.services.clock().date()
    day, end = today + timedelta(days=7), today + timedelta(days=97)

    first = await clinic.post(NEW, NEW, act="a", **oxygen(day.isoformat(), end.isoformat()))
    assert first.status_code == 303, first.text
    draft = first.headers["location"].partition("?")[0]
    record = {"file": ("visit.txt", b"Seen today. Saturation 86 % on room air at rest. Oxygen ordered and reviewed.")}
    added = await clinic.post(f"{draft}/evidence", "/provider/lookup", files=record, title="Visit note", go="upload")
    assert added.headers["location"] == f"{draft}?step=2"
    for _round in range(8):
        page = (await clinic.get(f"{draft}?step=2")).text
        if "With these answers the criteria are met" in page:
            break
        await clinic.post(
            f"{draft}/evidence",
            "/provider/lookup",
            go="again",
            **_answers(page, (today - timedelta(days=3)).isoformat()),
        )
    assert "With these answers the criteria are met" in page, _asked(page)
    review = await clinic.get(f"{draft}?step=3")
    assert "Criteria met as told" in review.text and "PA-" not in review.text and "INBOX-" not in review.text
    sent = await clinic.post(f"{draft}/send", "/provider/lookup")
    assert sent.status_code == 303, sent.text
    await lab.settle()
    receipt = await clinic.get(sent.headers["location"])
    assert "We have your request" in receipt.text and "Approved on" in receipt.text
    with lab.store.read() as s:
        item = inbox.get(s, int(sent.headers["location"].rpartition("/")[2]))
        view = cases.get(s, item.case_id or "")
        assert drafts.of_account(s, f"provider:{CLINIC}", context.services.clock()) == ()
    assert view is not None and view.status.value == "approved"
    assert (item.channel, item.sender) == (Channel.PORTAL, CLINIC)
    other = WebClient(httpx.AsyncClient(transport=transport, base_url="http://umpire.test"), OTHER)
    assert (await other.get(sent.headers["location"])).status_code == 404


async def test_a_draft_has_no_number_and_says_when_it_is_deleted(browse: Browse, plan_store: Store) -> None:
    clinic = browse(CLINIC)
    half = {"member": "MBR1000001", "code-1": "E1390", "words-1": "Oxygen", "go": "save"}
    for _twice in range(2):
        saved = await clinic.post(NEW, NEW, act="same", **half)
        assert (saved.status_code, saved.headers["location"]) == (303, "/provider")
    listed = (await clinic.get("/provider")).text
    assert listed.count("Draft, not sent") == 1, "a form sent twice makes one draft"
    assert re.search(r"Draft of \w{3} \d{1,2}, \d{1,2}:\d\d [AP]M", listed)
    assert "has no number and authorizes nothing" in listed and "It is deleted on" in listed
    assert not re.search(r"PA-|INBOX-|A-20", listed)
    with plan_store.read() as s:
        (kept,) = drafts.of_account(s, f"provider:{CLINIC}", edge_clock.now())
    assert (await browse(OTHER).get(f"/provider/drafts/{kept.draft_id}")).status_code == 404
    shown = await clinic.get(f"/provider/drafts/{kept.draft_id}?step=3")
    assert 'value="MBR1000001"' in shown.text and "Date of birth" in shown.text, "what is missing comes first"
    gone = await clinic.post(f"/provider/drafts/{kept.draft_id}/delete", "/provider/lookup")
    assert gone.status_code == 303
    assert (await clinic.get(f"/provider/drafts/{kept.draft_id}")).status_code == 404


async def test_problems_come_back_at_their_fields_and_the_draft_is_kept(browse: Browse) -> None:
    day = edge_clock.now().date() + timedelta(days=7)
    wrong = oxygen(day.isoformat(), (day - timedelta(days=3)).isoformat())
    for changed, field in (
        ({}, "end-1"),
        ({"end-1": "", "code-1": "NOT A CODE"}, "code-1"),
        ({"end-1": "", "diagnoses": "hoarse"}, "diagnoses"),
        ({"end-1": "", "born": "1951-04-13"}, "member"),
        ({"end-1": "", "member": "MBR9999999"}, "member"),
        ({"end-1": "", "qty-1": "three"}, "qty-1"),
        ({"end-1": "", "servicing": "12"}, "servicing"),
    ):
        shown = await browse(CLINIC).post(NEW, NEW, act=field + str(changed), **wrong | changed)
        assert shown.status_code == 422 and f'id="{field}-e"' in shown.text, (field, shown.text[-3000:])
    assert (
        "Nobody with this number and this date of birth"
        in (await browse(CLINIC).post(NEW, NEW, act="m", **wrong | {"end-1": "", "born": "1951-04-13"})).text
    )


async def test_a_draft_is_reminded_of_before_it_expires_and_then_deleted_with_its_files(
    web_context: WebContext, plan_store: Store, browse: Browse
) -> None:
    now = edge_clock.now()
    long_ago = now - drafts.KEPT_FOR
    with plan_store.begin() as s:
        for name, started in (("new", now), ("old", long_ago + timedelta(days=1)), ("over", long_ago)):
            drafts.start(s, name, CLINIC, f"provider:{CLINIC}", {}, started)
            drafts.add_file(s, name, "note.txt", "Note", b"note", started)
    listed = (await browse(CLINIC).get("/provider")).text
    assert "One draft is deleted soon" in listed and listed.count("Draft, not sent") == 2
    first = await tend_drafts(web_context.services, web_context.print_reminder)
    assert (first.reminded, first.deleted) == (1, 1)
    assert tuple(await tend_drafts(web_context.services, web_context.print_reminder)) == (0, 0), "safe to repeat"
    with plan_store.read() as s:
        assert [len(drafts.files(s, name)) for name in ("new", "old", "over")] == [1, 1, 0]
        reminded = drafts.get(s, "old", f"provider:{CLINIC}", now)
    assert reminded is not None and reminded.reminded_at is not None
    with plan_store.begin() as s:
        drafts.save(s, "old", {}, now)
        again = drafts.get(s, "old", f"provider:{CLINIC}", now)
    assert again is not None and again.reminded_at is None and again.expires_at > now + timedelta(days=13)


async def test_a_draft_is_reminded_of_by_one_letter_that_no_authorization_looks_like(
    web_context: WebContext, plan_store: Store, browse: Browse, tmp_path: Path
) -> None:
    now = edge_clock.now()
    owner, started = f"provider:{CLINIC}", now - drafts.KEPT_FOR + timedelta(days=1)
    said = {"member": "MBR1000001", "words-1": "Oxygen"}
    with plan_store.begin() as s:
        drafts.start(s, "old", CLINIC, owner, said, started)
    assert "and once by fax to 217-555-0111" in (await browse(CLINIC).get("/provider")).text
    await tend_drafts(web_context.services, web_context.print_reminder)
    assert "A reminder by fax to 217-555-0111 is on its way" in (await browse(CLINIC).get("/provider")).text
    carrier = FileOutbox(tmp_path / "outbox")
    assert hand_over_standalone(plan_store, carrier, now) == 1
    assert "A reminder went by fax to 217-555-0111 on" in (await browse(CLINIC).get("/provider")).text
    with plan_store.read() as s:
        text = standalone_letters.get(s, standalone_letters.draft_reminder_id("old")).rendered.text
    assert "draft of " in text and "It authorizes nothing" in " ".join(text.split())
    assert not re.search(r"PA-|INBOX-|A-20|MBR1000001|Oxygen", text), (
        "no number of a case, and nothing about the patient"
    )
    with plan_store.begin() as s:
        drafts.save(s, "old", said, started)
    assert (await tend_drafts(web_context.services, web_context.print_reminder)).reminded == 1
    assert hand_over_standalone(plan_store, carrier, now) == 0, "once per draft"


async def test_a_provider_without_fax_and_address_is_told_that_only_the_page_reminds(
    web_context: WebContext, plan_store: Store, browse: Browse, tmp_path: Path
) -> None:
    now = edge_clock.now()
    with plan_store.begin() as s:
        office = directory.provider(s, CLINIC)
        assert office is not None
        directory.put_provider(s, office.model_copy(update={"fax": None, "address": ()}))
        drafts.start(s, "old", CLINIC, f"provider:{CLINIC}", {}, now - drafts.KEPT_FOR + timedelta(days=1))
    told = "and here alone: no fax number or address of yours is on file"
    assert told in (await browse(CLINIC).get("/provider")).text
    assert (await tend_drafts(web_context.services, web_context.print_reminder)).reminded == 1
    assert hand_over_standalone(plan_store, FileOutbox(tmp_path / "outbox"), now) == 0
    assert told in (await browse(CLINIC).get("/provider")).text


def _asked(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="i-(\d+)" value="([^"]+)"', page)


def _answers(page: str, today: str) -> dict[str, Any]:
    """Each open question answered as the visit note says, and shown by it."""
    number = re.findall(r'<option value="(\d+)"[^>]*>Visit note', page)[0]
    said: dict[str, Any] = {}
    for place, fact in _asked(page):
        is_number = f'id="v-{place}" name="v-{place}" value=' in page
        negative = any(word in fact for word in ("without", "terminal", "inpatient"))
        value = ("55" if "pao2" in fact else "86") if is_number else "no" if negative else "yes"
        said |= {f"i-{place}": fact, f"v-{place}": value, f"d-{place}": today, f"s-{place}": number}
    return said
