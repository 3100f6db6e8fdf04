"""Stays, plans, calls, criteria and concerns in a browser: whole flows by keyboard alone, and pages that anybody can read."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="session")
def stay(site: Site) -> str:
    """The number of a stay that intake entered an hour ago and that waits for the hospital's clinical update."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    site.umpire(
        "admit", "--by-hand", "--facility", "MERIDIAN", "--facility-npi", "1215000062", "--visit", "V-BROWSER",
        "--member", "MBR1000011", "--class", "inpatient", "--unit", "Med-Surg", "--admitted-at", at, "--as", "intake.kim",
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = [one for one in site.umpire("stays") if one["stay"]["visit_number"] == "V-BROWSER"]
        if found and found[0]["case"] and found[0]["case"]["waiting"]:
            return str(found[0]["stay"]["stay_id"])
        assert time.monotonic() < until, found
        time.sleep(0.3)


def press_until(visitor: Visitor, wanted: str, most: int = 60) -> None:
    """Press Tab until the element of this selector has the focus."""
    for _ in range(most):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by the keyboard")


def test_a_clinical_update_is_given_by_the_keyboard_alone(visit: Visit, stay: str) -> None:
    nurse = visit("nurse.adams")
    nurse.open("/stays")
    press_until(nurse, f'a[href="/stays/{stay}"]')
    nurse.page.keyboard.press("Enter")
    nurse.page.wait_for_url(f"**/stays/{stay}")
    press_until(nurse, f'a[href="/stays/{stay}/update"]')
    nurse.page.keyboard.press("Enter")
    nurse.page.wait_for_url("**/update")
    press_until(nurse, "#f-note")
    nurse.page.keyboard.type("The attending says that she eats and walks, and needs oxygen at night.")
    press_until(nurse, "form.form button.pri")
    nurse.page.keyboard.press("Enter")
    nurse.page.wait_for_url(f"**/stays/{stay}")
    assert nurse.page.locator(".note").first.text_content(timeout=5000), nurse.page.content()
    assert nurse.errors == []


def test_every_day_of_the_stay_is_on_its_page_once_and_in_order_with_a_word(visit: Visit, stay: str) -> None:
    nurse = visit("nurse.adams")
    nurse.open(f"/stays/{stay}")
    days = nurse.page.locator("ol.days li").all_inner_texts()
    assert days
    assert len(days) == len(set(days))
    assert all(len(day.split()) >= 4 for day in days)
    assert nurse.page.locator("ol.days li.today").count() == 1
    assert nurse.page.locator('main a[href*="deny"], main form[action*="deny"]').count() == 0


def test_a_message_is_logged_without_scripts_and_its_call_is_at_the_desk(visit: Visit, site: Site) -> None:
    intake = visit("intake.kim", script=False)
    intake.open("/calls/new")
    intake.page.select_option("#f-kind", "provider")
    intake.page.fill("#f-name", "Dana Ruiz")
    intake.page.fill("#f-phone", "704-555-0160")
    intake.page.select_option("#f-about", "status_of_request")
    intake.page.fill("#f-language", "es")
    intake.page.click("form.form button.pri")
    assert "caller.organization" in intake.page.inner_text(".err")
    assert intake.page.input_value("#f-name") == "Dana Ruiz"
    intake.page.fill("#f-organization", "Lakeside Spine Center")
    intake.page.click("form.form button.pri")
    assert intake.page.url.endswith("/calls")
    until = time.monotonic() + PATIENCE_SECONDS
    while not intake.page.locator('th a[href^="/calls/CB-"]').count():
        assert time.monotonic() < until, intake.page.content()
        time.sleep(0.3)
        intake.page.reload()
    intake.page.locator('th a[href^="/calls/CB-"]').first.click()
    said = intake.page.inner_text("main")
    assert said.index("Needs:") < said.index("Hello, my name is")
    assert "at Example Health" in said


def test_criteria_are_found_read_out_and_recorded(visit: Visit) -> None:
    intake = visit("intake.kim")
    intake.open("/criteria")
    intake.page.fill("#service", "skilled nursing")
    intake.page.keyboard.press("Enter")
    intake.page.click('a[href^="/criteria/SNF"]')
    assert "It asks for the days of skilled nursing in a week to be at least 7." in intake.page.inner_text("main")
    intake.page.select_option("#f-kind", "provider")
    intake.page.fill("#f-name", "Dana Ruiz")
    intake.page.fill("#f-organization", "Lakeside Spine Center")
    intake.page.select_option("#f-way", "read_out")
    intake.page.click("section.foot button.pri")
    assert "Recorded." in intake.page.inner_text(".note")
    auditor = visit("compliance.ortiz")
    auditor.open("/criteria/asked")
    assert "Lakeside Spine Center" in auditor.page.inner_text("main")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_on_the_pages_of_stays_calls_and_criteria(
    visit: Visit, stay: str, dark: bool, width: int
) -> None:
    nurse = visit("nurse.adams", width=width, dark=dark)
    plan = stay.replace("ST-", "DP-")
    found = {}
    for address in (
        "/stays", f"/stays/{stay}", f"/stays/{stay}/update", f"/stays/{stay}/avoidable-day", "/discharge",
        f"/discharge/{plan}", f"/discharge/{plan}/qio", "/calls", "/calls/new", "/criteria", "/criteria/SNF",
        "/concerns", "/concerns/new",
    ):  # fmt: skip
        assert nurse.open(address).status == 200, address
        found[address] = [*nurse.faults(), *(["too wide"] if nurse.overflow() > 0 else [])]
    assert {address: faults for address, faults in found.items() if faults} == {}
    assert nurse.foreign_requests() == []
