"""A nurse's morning in a real browser: tasks by keyboard alone, text that survives, and forms that need no script."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from tests.browser.site import Site, Visitor
from tests.paths import ROOT

Visit = Callable[..., Visitor]
_DAYS = count()
_PATIENCE_SECONDS = 60.0
SAID = "6 of 12 months of treatment are documented."


def _claimed(site: Site) -> str:
    """A nurse's task of a new case, with days of its own, claimed by nurse Adams."""
    asked = json.loads((ROOT / "samples" / "requests" / "lumbar-fusion.json").read_text())["lines"]
    day = (date(2027, 6, 1) + timedelta(days=next(_DAYS))).isoformat()
    case_id = site.submit("lumbar-fusion", lines=[{**line, "start": day, "end": day} for line in asked])
    task, until = f"{case_id}-T1", time.monotonic() + _PATIENCE_SECONDS
    while task not in {one["task_id"] for one in site.umpire("worklist", "--limit", "99")}:
        assert time.monotonic() < until, task
        time.sleep(0.3)
    site.umpire("claim", task, "--as", "nurse.adams")
    return task


@pytest.fixture
def own_task(site: Site) -> str:
    """A task that a test completes."""
    return _claimed(site)


@pytest.fixture(scope="module")
def open_task(site: Site) -> str:
    """A task that stays open through all tests."""
    return _claimed(site)


def _at(task: str, outcome: str = "") -> str:
    return f"/cases/{task.removesuffix('-T1')}?task={task}{f'&outcome={outcome}' if outcome else ''}"


def _focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def test_a_nurse_refers_by_keyboard_alone_and_the_next_task_is_hers_and_open(
    site: Site, visit: Visit, own_task: str
) -> None:
    nurse = visit("nurse.adams")
    nurse.open(_at(own_task))
    nurse.page.keyboard.press("r")
    assert _focused(nurse.page) == "f-refer-recommendation"
    nurse.page.keyboard.type(SAID)
    with nurse.page.expect_navigation():
        nurse.page.keyboard.press("Control+Enter")
    assert "Referred to a physician." in nurse.page.inner_text(".note")
    assert "This is your next task." in nurse.page.inner_text(".note")
    assert own_task not in nurse.page.url and nurse.page.locator(".dock .what").inner_text().startswith("Your task")


def test_single_keys_do_nothing_inside_a_field(site: Site, visit: Visit, open_task: str) -> None:
    nurse = visit("nurse.adams")
    nurse.open(_at(open_task, "refer"))
    nurse.page.focus("#f-refer-recommendation")
    nurse.page.keyboard.type("air")
    assert nurse.page.input_value("#f-refer-recommendation") == "air"
    assert nurse.page.is_checked("#o-refer")


def test_an_empty_form_is_not_sent_and_its_summary_takes_the_focus_and_leads_to_the_field(
    site: Site, visit: Visit, open_task: str
) -> None:
    nurse = visit("nurse.adams")
    nurse.open(_at(open_task, "refer"))
    nurse.page.focus("#f-refer-recommendation")
    with nurse.page.expect_navigation():
        nurse.page.keyboard.press("Control+Enter")
    assert _focused(nurse.page) == "err"
    assert nurse.faults() == []
    nurse.page.click(".err a")
    assert _focused(nurse.page) == "f-refer-recommendation"


def test_what_is_typed_is_a_draft_of_this_nurse_alone(site: Site, visit: Visit, own_task: str) -> None:
    nurse = visit("nurse.adams")
    nurse.open(_at(own_task, "refer"))
    nurse.page.fill("#f-refer-recommendation", SAID)
    with nurse.page.expect_response(lambda answer: answer.url.endswith("/draft")) as kept:
        nurse.page.keyboard.press("Tab")
    assert kept.value.status == 204
    again = visit("nurse.adams")
    again.open(_at(own_task))
    assert again.page.input_value("#f-refer-recommendation") == SAID and again.page.is_checked("#o-refer")
    other = visit("supervisor.bell")
    other.open(_at(own_task))
    assert SAID not in other.page.content()


def test_a_chip_puts_a_cited_finding_where_the_cursor_is(site: Site, visit: Visit, open_task: str) -> None:
    nurse = visit("nurse.adams")
    nurse.open(_at(open_task, "refer"))
    assert nurse.page.input_value("#f-refer-recommendation") == ""
    nurse.page.click("text=+ FUS-2b")
    assert nurse.page.input_value("#f-refer-recommendation").startswith("FUS-2b: ")


def test_without_script_a_task_is_completed_all_the_same(site: Site, visit: Visit, own_task: str) -> None:
    nurse = visit("nurse.adams", script=False)
    nurse.open(_at(own_task, "refer"))
    nurse.page.fill("#f-refer-recommendation", SAID)
    nurse.page.click("text=Keep as draft >> visible=true")
    assert nurse.page.input_value("#f-refer-recommendation") == SAID
    nurse.page.click("text=Refer only >> visible=true")
    assert "Referred to a physician." in nurse.page.inner_text(".note")


def test_without_script_a_list_has_one_entry_more_at_the_press_of_a_button(
    site: Site, visit: Visit, open_task: str
) -> None:
    staff = visit("intake.kim", script=False)
    staff.open(f"/cases/{open_task.removesuffix('-T1')}/acts")
    assert staff.page.locator("h1").inner_text() == "Acts on this case"
    staff.page.click("text=Add a note")
    staff.page.fill("#f-text", "The clinic sends the films.")
    staff.page.click("text=Add the note")
    assert "noted" in staff.page.inner_text(".note").lower() or staff.page.url.endswith(open_task.removesuffix("-T1"))


@pytest.mark.parametrize("width", [320, 1440])
def test_axe_finds_nothing_on_a_task_and_nothing_scrolls_sideways(
    site: Site, visit: Visit, open_task: str, width: int
) -> None:
    nurse = visit("nurse.adams", width=width)
    case_id = open_task.removesuffix("-T1")
    acts = [
        f"/cases/{case_id}/acts",
        *(f"/cases/{case_id}/acts/{name}" for name in ("extend", "withdraw", "not-filed")),
    ]
    for address in (*(_at(open_task, outcome) for outcome in ("approve", "ask", "refer")), *acts):
        nurse.open(address)
        assert (address, nurse.faults(), nurse.overflow()) == (address, [], 0)
    assert nurse.inline_parts() == 0 and nurse.foreign_requests() == [] and nurse.errors == []
