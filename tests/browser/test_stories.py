"""Whole days of work in a browser: what people do from the first click to the last letter, over a running Umpire."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]


def case_of(site: Site, words: str) -> str:
    """The number of the first case that is found by these words."""
    return str(site.umpire("find", words)["cases"][0]["case_id"])


def status_of(site: Site, case_id: str) -> str:
    return str(site.umpire("show", case_id)["case"]["status"])


def claim(visitor: Visitor, task: str) -> None:
    visitor.open(f"/tasks/{task}")
    visitor.send(visitor.page.get_by_role("button", name="Claim this task"))


def test_of_two_who_claim_one_task_at_once_one_gets_it_and_the_other_reads_who(site: Site, visit: Visit) -> None:
    case = site.another_fusion()
    first, second = visit("nurse.adams"), visit("nurse.lopez")
    for visitor in (first, second):
        visitor.open(f"/tasks/{case}-T1")
    first.send(first.page.get_by_role("button", name="Claim this task"))
    second.send(second.page.get_by_role("button", name="Claim this task"))
    assert "Your task" in first.page.inner_text("main")
    assert "Grace Adams" in second.page.inner_text("main")
    assert "Your task" not in second.page.inner_text("main")


def test_what_is_typed_survives_a_session_that_ends_meanwhile(site: Site, visit: Visit) -> None:
    case = case_of(site, "Raman")
    nurse = visit("nurse.lopez")
    nurse.open(f"/cases/{case}/acts/note")
    nurse.page.locator("main textarea").first.fill("The clinic calls back on Friday.")
    site.end_sessions("reviewer:nurse.lopez")
    nurse.page.locator("main form button").last.click()
    nurse.page.wait_for_url("**/sign-in?**")
    assert "comes back as you left it" in nurse.page.inner_text("main")
    assert nurse.faults() == []
    nurse.page.click('button[value="reviewer:nurse.lopez"]')
    nurse.page.wait_for_url(f"**/cases/{case}/acts/note?kept=**")
    assert "Your form is as you left it. Nothing was sent yet." in nurse.page.inner_text("main")
    assert nurse.page.locator("main textarea").first.input_value() == "The clinic calls back on Friday."


def test_a_case_as_it_stood_shows_no_form_and_nothing_that_came_later(site: Site, visit: Visit) -> None:
    case = case_of(site, "Raman")
    shown = site.umpire("show", case)
    first = shown["journal"][0]["at"]
    nurse = visit("nurse.lopez")
    answer = nurse.open(f"/cases/{case}?at={first}")
    assert answer.status == 200
    text = nurse.page.inner_text("main")
    assert "stood" in text
    assert nurse.page.locator("form.dock").count() == 0
    assert "Letter mailed" not in text


def test_a_page_without_script_does_the_same_acts(site: Site, visit: Visit) -> None:
    case = case_of(site, "Raman")
    nurse = visit("nurse.lopez", script=False)
    nurse.open(f"/cases/{case}/acts/note")
    nurse.page.locator("main textarea").first.fill("Asked the clinic for the sleep test.")
    nurse.send(nurse.page.locator("main form button").last)
    said = [entry["data"].get("text") for entry in site.umpire("show", case)["journal"]]
    assert "Asked the clinic for the sleep test." in said
