"""A nurse refers, a physician of the wrong field is refused, and the right one reads the letter and signs with a password."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest

from tests.browser.site import Site, Visitor
from tests.paths import ROOT
from web.security.synthetic_people import PASSWORD

Visit = Callable[..., Visitor]
CHEN, NOVAK = "md.ortho.chen", "md.derm.novak"
_DAYS = count()
TEXTS = {
    "asked-1": "Fusion of one joint of the lower spine.",
    "plain-1": "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far.",
    "rule-1": "Spine fusion for a curve of the spine is covered after 12 months of other treatment.",
    "change-1": "Records that show 12 months of treatment without surgery.",
    "gap-1": "Six months of treatment are missing.",
}


@pytest.fixture
def case(site: Site) -> str:
    """A fusion whose criteria are not met, at the physician, with the call held. Each test has its own days of service."""
    asked = json.loads((ROOT / "samples" / "requests" / "lumbar-fusion.json").read_text())["lines"]
    days = {"start": (date(2027, 2, 1) + timedelta(days=next(_DAYS))).isoformat()}
    case_id = site.submit("lumbar-fusion", lines=[{**line, **days, "end": days["start"]} for line in asked])
    nurse = ("--as", "nurse.adams")
    wait_for(site, f"{case_id}-T1")
    said = "6 of 12 months of treatment without surgery are documented."
    site.umpire("complete", f"{case_id}-T1", *nurse, "--outcome", "refer", "--recommendation", said)
    call = ("--called", "Dr. Okonjo", "--number", "217-555-0140")
    wait_for(site, f"{case_id}-T2")
    site.umpire("peer-to-peer", case_id, *nurse, "--result", "held", *call)
    return case_id


def wait_for(site: Site, task_id: str) -> None:
    until = time.monotonic() + 60.0
    while task_id not in {one["task_id"] for one in site.umpire("worklist")}:
        assert time.monotonic() < until, task_id
        time.sleep(0.3)


def write(visitor: Visitor) -> None:
    page = visitor.page
    page.check('input[name="outcome.1"][value=denied]')
    for answer in page.query_selector_all("input[value=not_met]"):
        answer.check()
    for note in page.query_selector_all('input[name^="note."]'):
        note.fill("6 months of physical therapy are documented.")
    for field, said in TEXTS.items():
        page.fill(f"#{field}", said)
    page.check("#free")
    page.check("#attested")


def test_the_wrong_field_is_not_offered_the_task_and_the_right_one_signs_what_was_read(
    site: Site, visit: Visit, case: str
) -> None:
    address = f"/tasks/{case}-T2/decision"
    wrong = visit(NOVAK)
    wrong.open(f"/tasks/{case}-T2")
    assert wrong.page.query_selector("button:has-text('Claim')") is None
    assert "The task needs a specialist in neurosurgery or orthopedic surgery." in wrong.page.inner_text("main")
    assert wrong.faults() == []

    site.umpire("claim", f"{case}-T2", "--as", CHEN)
    early = visit(CHEN)
    early.open(address)
    write(early)
    early.page.evaluate("() => { const f = document.getElementById('decision'); f.action += '/sign'; f.submit(); }")
    early.page.wait_for_selector(".err")
    assert early.page.evaluate("document.activeElement.classList.contains('err')")
    refused = early.page.inner_text(".err")
    assert "Not signed. One rule stands against it." in refused
    assert "Not opened yet: 1 record of the case." in refused
    assert early.faults() == [] and early.page.input_value("#gap-1") == TEXTS["gap-1"]

    right = visit(CHEN)
    right.open(address)
    write(right)
    right.page.wait_for_selector("text=Peer-to-peer held", state="attached")
    assert not right.page.query_selector("[name=password]")
    with right.page.expect_navigation(url="**/documents/**", wait_until="load"):
        right.page.click(".checks a:has-text('Open ')")
    right.open(address)
    assert right.page.input_value("#plain-1") == TEXTS["plain-1"]
    letter = right.page.locator(".paper").first
    right.page.fill("#change-1", "Records of 12 months of treatment.")
    letter.filter(has_text="Records of 12 months of treatment.").wait_for()
    assert right.faults() == [] and right.errors == []
    read = letter.inner_text()
    right.page.fill("#pw", "a guess")
    right.page.press("#pw", "Enter")
    right.page.wait_for_selector("#pw-e")
    assert right.page.input_value("#asked-1") == TEXTS["asked-1"]
    right.page.fill("#pw", PASSWORD)
    right.page.press("#pw", "Enter")
    right.page.wait_for_selector("text=Signed and sent.")
    assert {one["case_id"]: one["status"] for one in site.umpire("cases")}[case] == "denied"
    assert "Records of 12 months of treatment." in read


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_accessible_reflows_and_works_without_scripts(
    site: Site, visit: Visit, case: str, dark: bool
) -> None:
    visitor = visit(CHEN, width=390, dark=dark)
    visitor.open(f"/tasks/{case}-T2/decision")
    assert visitor.faults() == []
    write(visitor)
    visitor.page.wait_for_selector(".paper")
    assert visitor.faults() == []
    for width in (320, 390, 768, 1024, 1440):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        assert visitor.overflow() <= 0, width
    assert visitor.inline_parts() == 0 and visitor.foreign_requests() == [] and visitor.errors == []
    plain = visit(CHEN, script=False)
    plain.open(f"/tasks/{case}-T2/decision")
    assert plain.page.is_checked('input[name="outcome.1"][value=denied]')
    plain.page.click("text=Show the letter")
    assert "We did not approve your request" in plain.page.inner_text(".paper")
