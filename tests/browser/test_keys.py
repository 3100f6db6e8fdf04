"""The worklist by keyboard alone: rows are marked, claimed and opened, and "back" and the refresh keep one's place."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]


def marked(visitor: Visitor) -> str:
    """The id of the marked row; empty without one."""
    return str(visitor.page.evaluate("document.querySelector('tr.at')?.id || ''"))


def rows(visitor: Visitor) -> list[str]:
    found: list[str] = visitor.page.evaluate("[...document.querySelectorAll('.wl tr.r')].map(row => row.id)")
    return found


def focused_row(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("document.activeElement.closest('tr.r')?.id || ''"))


def test_j_and_k_mark_a_row_enter_opens_it_and_u_returns_to_the_same_row(visit: Visit) -> None:
    nurse = visit("nurse.lopez")
    nurse.open("/worklist?who=open")
    there, press = rows(nurse), nurse.page.keyboard.press
    assert len(there) >= 3 and marked(nurse) == ""
    press("j")
    assert (marked(nurse), focused_row(nurse)) == (there[0], there[0])
    press("j")
    press("j")
    press("k")
    assert (marked(nurse), focused_row(nurse)) == (there[1], there[1])
    assert f"at={there[1]}" in nurse.page.url and "who=open" in nurse.page.url, (
        "the row and the filter are in the address"
    )
    with nurse.page.expect_navigation():
        press("Enter")
    assert "/cases/" in nurse.page.url
    with nurse.page.expect_navigation():
        press("u")
    assert "who=open" in nurse.page.url
    assert (marked(nurse), focused_row(nurse)) == (there[1], there[1])
    with nurse.page.expect_navigation():
        press("Enter")
    nurse.page.go_back()
    assert marked(nurse) == there[1]
    assert nurse.errors == []


def test_a_refresh_keeps_row_focus_and_place_and_brings_what_is_new(site: Site, visit: Visit) -> None:
    nurse = visit("nurse.lopez", height=420)
    nurse.open("/worklist?who=team")
    nurse.page.keyboard.press("j")
    nurse.page.keyboard.press("j")
    row = marked(nurse)
    top = nurse.page.evaluate("document.activeElement.getBoundingClientRect().top")
    before = rows(nurse)
    site.another_fusion()
    nurse.page.locator(".wl tr.r").nth(len(before)).wait_for(timeout=120_000)
    assert (marked(nurse), focused_row(nurse)) == (row, row)
    now = nurse.page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert abs(now - top) <= 2
    assert nurse.errors == []


def test_c_claims_the_marked_row_and_n_takes_the_next_task(site: Site, visit: Visit) -> None:
    nurse = visit("nurse.lopez")
    nurse.open("/worklist?who=open")
    there = rows(nurse)
    nurse.page.keyboard.press("j")
    task = nurse.page.locator("tr.at [data-key=c]").get_attribute("value")
    with nurse.page.expect_navigation():
        nurse.page.keyboard.press("c")
    assert there[0] not in rows(nurse) or "who=open" not in nurse.page.url
    assert "nurse.lopez" in {
        one["assignee"] for one in site.umpire("worklist", "--limit", "99") if one["task_id"] == task
    }
    with nurse.page.expect_navigation():
        nurse.page.keyboard.press("n")
    assert nurse.page.locator(".dock .what").inner_text().startswith("Your task")


def test_slash_goes_to_the_search_question_mark_lists_the_keys_and_fields_keep_their_letters(visit: Visit) -> None:
    nurse = visit("nurse.lopez")
    nurse.open("/worklist")
    nurse.page.keyboard.press("/")
    assert nurse.page.evaluate("document.activeElement.id") == "find"
    nurse.page.keyboard.type("jkcnu/?")
    assert nurse.page.input_value("#find") == "jkcnu/?" and marked(nurse) == "" and "/worklist" in nurse.page.url
    nurse.page.keyboard.press("Escape")
    nurse.page.keyboard.press("?")
    assert nurse.page.evaluate("document.activeElement.closest('#keys') !== null") or nurse.page.url.endswith("/keys")
    assert nurse.errors == []
