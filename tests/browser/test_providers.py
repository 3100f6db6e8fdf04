"""Providers in a browser: a request by form to its approval, an information request item by item, and a peer-to-peer moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine import edge_clock
from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
CLINIC, SPINE = "1999999984", "1215000013"
TODAY = edge_clock.now().date()
OXYGEN = {
    "member": "MBR1000011",
    "born": "1953-10-07",
    "diagnoses": "J44.9",
    "code-1": "E1390",
    "words-1": "Oxygen concentrator for the night",
    "qty-1": "2",
    "start-1": (TODAY + timedelta(days=7)).isoformat(),
    "end-1": (TODAY + timedelta(days=67)).isoformat(),
    "servicing": "1215000021",
    "ordering": "1777777719",
}
NOTE = {
    "name": "visit.txt",
    "mimeType": "text/plain",
    "buffer": b"Saturation 86 % at rest. Oxygen ordered and reviewed.",
}


def fill(page: Any, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.fill(f"[name='{name}']", value)


def test_a_provider_submits_by_form_to_an_approval(site: Site, visit: Visit) -> None:
    visitor = visit(CLINIC)
    page = visitor.page
    visitor.open("/provider/new")
    fill(page, OXYGEN)
    page.select_option("[name='unit-1']", "month")
    page.select_option("[name=kind]", "medical")
    page.select_option("[name=urgency]", "standard")
    page.click("text=Go on to the evidence")
    assert visitor.faults() == [] and "step=2" in page.url
    page.set_input_files("[name=file]", NOTE)
    page.fill("[name=title]", "Visit note")
    page.click("text=Add it")
    day = (TODAY - timedelta(days=3)).isoformat()
    for _round in range(6):
        if page.locator("text=With these answers the criteria are met").count():
            break
        for place in range(page.locator("input[name^='i-']").count()):
            fact = page.input_value(f"input[name='i-{place}']")
            field = page.locator(f"[name='v-{place}']")
            if field.evaluate("field => field.tagName") == "SELECT":
                no = any(word in fact for word in ("without", "terminal", "inpatient"))
                field.select_option("no" if no else "yes")
            else:
                field.fill("55" if "pao2" in fact else "86")
            page.fill(f"[name='d-{place}']", day)
            page.select_option(f"[name='s-{place}']", label="Visit note")
        page.click("text=Check the criteria with these answers")
    page.click("text=Go on to read it over")
    assert visitor.faults() == []
    page.click("text=Send the request")
    assert "We have your request" in page.inner_text("h1")
    for _look in range(60):
        if "Approved on" in page.inner_text("main"):
            break
        page.wait_for_timeout(500)
        page.reload()
    assert "Approved on" in page.inner_text("main")
    assert visitor.errors == []


def test_an_information_request_is_answered_in_part_and_then_whole(site: Site, visit: Visit) -> None:
    visitor = visit(CLINIC)
    page = visitor.page
    visitor.open("/provider")
    request = page.locator("article.req", has_text="Power wheelchair").first
    request.locator("h3 a").click()
    assert "We need 2 more facts from you" in page.inner_text(".state")
    page.fill("[name='v-0']", (TODAY - timedelta(days=20)).isoformat())
    page.click("text=Send the answers")
    assert "We have your answers" in page.inner_text("main")
    assert page.locator(".items .tag.ok").count() == 1 and page.locator("[name='v-1']").count() == 1
    assert visitor.faults() == []
    case = page.url.partition("?")[0].rsplit("/", 1)[-1]
    assert site.umpire("show", case)["case"]["status"] == "open", "half an answer ends nothing"
    left = page.locator("[name='v-1']")
    if left.evaluate("field => field.tagName") == "SELECT":
        left.select_option("yes")
    else:
        left.fill((TODAY - timedelta(days=20)).isoformat() if left.get_attribute("type") == "date" else "1")
    page.click("text=Send the answers")
    assert "We have your answers" in page.inner_text("main")
    for _look in range(120):
        if not page.locator("[name='v-1'], [name='v-0']").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert page.locator("[name='v-1'], [name='v-0']").count() == 0, "an item that was answered is asked again"


def test_a_peer_to_peer_is_picked_and_moved(site: Site, visit: Visit) -> None:
    case = site.another_fusion()
    task = next(one["task_id"] for one in site.umpire("show", case)["tasks"] if one["kind"] == "nurse_review")
    site.umpire("claim", task, "--as", "nurse.adams")
    said = "6 of 12 months of treatment without surgery are documented."
    site.umpire("complete", task, "--as", "nurse.adams", "--outcome", "refer", "--recommendation", said)
    surgeon = visit("md.ortho.chen")
    surgeon.open("/peer-to-peer")
    fill(surgeon.page, {"day": (TODAY + timedelta(days=1)).isoformat(), "from": "13:00", "to": "14:00"})
    surgeon.page.click("text=Enter them")
    assert surgeon.faults() == []

    provider = visit(SPINE)
    page = provider.page
    provider.open(f"/provider/requests/{case}/peer-to-peer")
    page.locator("input[name=slot]").nth(0).check()
    page.fill("#person-book", "Dr. Nadia Okonjo")
    page.click("text=Book it")
    assert "The call is booked" in page.inner_text("main")
    page.locator("input[name=slot]").nth(0).check()
    page.click("text=Move it")
    assert "The call is moved" in page.inner_text("main") and "Chen" not in page.inner_text("main")
    assert provider.faults() == []
    surgeon.open(f"/cases/{case}/peer-to-peer")
    assert "Dr. Nadia Okonjo" in surgeon.page.inner_text(".state")


def test_the_pages_of_providers_are_accessible_and_reflow(site: Site, visit: Visit) -> None:
    visitor = visit(CLINIC)
    for address in ("/provider", "/provider/lookup", "/provider/new"):
        assert visitor.open(address).status == 200
        assert visitor.faults() == [], address
        for width in (320, 390, 768, 1024, 1440):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            assert visitor.overflow() <= 0, (address, width)
        assert visitor.inline_parts() == 0
    assert visitor.foreign_requests() == [] and visitor.errors == []
