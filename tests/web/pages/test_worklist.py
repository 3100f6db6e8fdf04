"""The worklist as a page: least time left first, everything in its address, and acts that say what became of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind, TaskStatus
from domain.vocabulary import ArrivalKind, Channel, Lob, Role, Urgency
from services.commands import case_actions
from services.context import CommandResult, CommandStatus
from store import inbox, read_models
from store.session import Store
from tests.paths import ROOT
from tests.store.samples import case_view, draft, json, line, task
from tests.store.worklist.test_open_work import clock
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from web.app import build_app
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
NOW = datetime(2026, 12, 3, 15, 42, 7, tzinfo=UTC)
"""Thursday, 9:42:07 AM in Chicago, where the plan is."""


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    """The context on one morning."""
    object.__setattr__(web_context.services, "clock", lambda: NOW)
    return web_context


def put(store: Store, number: int, due: timedelta, *, stopped: bool = False, work: Any = (), **changes: Any) -> str:
    """A case with one task due then; the number of the task."""
    case_id = f"PA-{number:04}"
    view = case_view(case_id, **{"member_id": "MBR1000003", "requesting_npi": "1215000013"} | changes)
    shown = task(1, case_id, **{"due_at": NOW + due, "opened_at": NOW - timedelta(days=1)} | dict(work))
    facts = {"case": json(view)[0], "tasks": json(shown), "lines": json(line(description="CPAP device"))}
    with store.begin() as s:
        read_models.record_entries(s, case_id, [draft(1, clocks=[clock(True)] if stopped else [], **facts)])
    return shown.task_id


def rows(page: str) -> list[str]:
    """The tasks of the page's rows, in order."""
    return re.findall(r'<tr class="r[^"]*" role="row" id="([^"]+)"', page)


def groups(page: str) -> list[str]:
    return re.findall(r'role="rowheader">([^<]+)<span>', page)


async def test_rows_stand_by_time_left_in_groups_of_due_days_and_stopped_clocks_come_last(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    hours = {4: -1, 2: 1, 5: 24, 1: 24 * 2, 6: 24 * 5, 7: 24 * 13}
    for number, ahead in hours.items():
        put(plan_store, number, timedelta(hours=ahead))
    put(plan_store, 3, timedelta(hours=2), stopped=True, governing_rule="MA-STD", work={"why": "<i>waits</i>"})
    page = (await browse("nurse.adams").get("/worklist")).text
    assert rows(page) == [f"PA-{number:04}-T1" for number in (*hours, 3)]
    assert groups(page) == [
        "Missed", "Due today", "Due tomorrow", "Due this week", "Due next week", "Due later", "Clock stopped",
    ]  # fmt: skip
    assert "7 tasks you may do; 0 are yours. 1 is missed; the next is due in 1 h 0 min." in page
    assert "Thursday, December 3" in page and "As of 9:42:07 AM CST" in page
    assert "&lt;i&gt;waits&lt;/i&gt;" in page and "Rosa Delgado" in page and "· Spanish" in page
    assert "Medicare Adv., IL" in page and "Nurse review: CPAP device" in page


async def test_each_badge_has_words_and_a_shape(browse: Browse, plan_store: Store, web_context: WebContext) -> None:
    put(plan_store, 1, timedelta(minutes=-72))
    put(plan_store, 2, timedelta(minutes=36))
    put(plan_store, 3, timedelta(hours=13, minutes=17))
    page = (await browse("nurse.adams").get("/worklist")).text
    for kind, words in (("miss", "Missed by 1 h 12 min"), ("risk", "36 min left"), ("soon", "13 h 17 min left")):
        assert re.search(rf'class="left {kind}"><svg.*?</svg>{words}</span>', page, re.DOTALL), words


async def test_the_address_holds_view_filters_and_the_marked_row(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    mine = {"assignee": "nurse.adams", "status": TaskStatus.CLAIMED}
    first = put(plan_store, 1, timedelta(hours=5), lob=Lob.MEDICAID, urgency=Urgency.EXPEDITED)
    second = put(plan_store, 2, timedelta(hours=6), state="NY", work=mine)
    other = put(plan_store, 3, timedelta(hours=7), work={"kind": TaskKind.MISSED_CLOCK, "role": Role.COMPLIANCE})
    nurse = browse("nurse.adams")
    for asked, expected in (
        ("", [first, second]),
        ("who=mine", [second]),
        ("who=open", [first]),
        ("who=team", [first, second, other]),
        ("lob=medicaid", [first]),
        ("urgency=expedited", [first]),
        ("state=ny", [second]),
        ("who=team&kind=missed_clock", [other]),
        ("q=PA-0002", [second]),
        ("q=Delgado", [first, second]),
        ("q=nobody+of+this+name", []),
        ("lob=nonsense&urgency=&kind=x", [first, second]),
    ):
        assert rows((await nurse.get(f"/worklist?{asked}")).text) == expected, asked
    page = (await nurse.get(f"/worklist?who=team&lob=medicare_advantage&at={second}")).text
    assert f'<tr class="r at" role="row" id="{second}"' in page
    assert '<option value="medicare_advantage" selected>' in page
    assert 'href="/worklist?who=mine&amp;lob=medicare_advantage"' in page
    assert "2 tasks match the filters." in page


async def test_pages_follow_each_other_by_place_and_each_row_is_on_one_of_them(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    expected = [put(plan_store, number, timedelta(hours=number // 3)) for number in range(95)]
    nurse = browse("nurse.adams")
    seen: list[str] = []
    address, addresses = "/worklist", []
    while address:
        page = (await nurse.get(address)).text
        assert len(page.encode()) < 60_000
        seen += rows(page)
        addresses.append(address)
        found = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert (seen, len(addresses)) == (expected, 3)
    earlier = re.search(r'<a href="([^"]+)" rel="prev">', page)
    assert earlier is not None
    assert rows((await nurse.get(earlier[1].replace("&amp;", "&"))).text) == expected[36:72]
    for broken in ("after=1", "before=0~x~y", "after=0~2026-12-03~PA"):
        assert rows((await nurse.get(f"/worklist?{broken}")).text) == expected[:36], broken


async def test_a_refresh_gets_rows_alone_and_leaves_notices_for_the_next_page(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    nurse = browse("nurse.adams")
    assert (await nurse.post("/worklist/next")).headers["location"] == "/worklist"
    one = put(plan_store, 1, timedelta(hours=5))
    part = (await nurse.get("/worklist?part=rows")).text
    assert rows(part) == [one] and "<html" not in part and "Take the next task" not in part
    assert 'data-renew="30"' in part and "part=rows" not in part
    assert "That was the last one." not in part and "That was the last one." in (await nurse.get("/worklist")).text
    stopped = (await nurse.get("/worklist?live=off")).text
    assert "data-renew" not in stopped and "Refresh every 30 seconds" in stopped


async def test_an_empty_list_says_why_and_what_would_change_it(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    for number in range(2):
        put(plan_store, number, timedelta(hours=5), state="TX")
    nurse = browse("nurse.adams")
    said = (await nurse.get("/worklist")).text
    assert "2 wait for somebody of your role with another license or specialty (TX); your supervisor sees them." in said
    assert "This page looks again every 30 seconds." in said
    assert "You have claimed no task." in (await nurse.get("/worklist?who=mine")).text
    assert "No open task matches these filters." in (await nurse.get("/worklist?lob=part_d")).text
    assert len(rows((await browse("nurse.lopez").get("/worklist")).text)) == 2
    gated = (await browse("md.untrained.grant").get("/worklist")).text
    assert "No task is given to you: The reviewer&#39;s training is not current." in gated


async def test_intake_finds_arrivals_that_could_not_be_read_among_its_work(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    with plan_store.begin() as s:
        item = inbox.receive(s, b"?", NOW, Channel.FAX, kind=ArrivalKind.REQUEST)
    page = (await browse("intake.kim").get("/worklist")).text
    assert rows(page) == [f"INBOX-{item.inbox_id}"] and f'href="/inbox/{item.inbox_id}"' in page
    assert 'data-key="c"' not in page
    assert rows((await browse("nurse.adams").get("/worklist")).text) == []
    # Whoever the inbox is not for sees no row that would lead there, on no view.
    assert rows((await browse("director.osei").get("/worklist?who=team")).text) == []
    assert rows((await browse("supervisor.bell").get("/worklist?who=team")).text) == [f"INBOX-{item.inbox_id}"]


async def test_a_task_is_handed_over_only_to_people_who_may_do_it(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    mine = {"assignee": "nurse.adams", "status": TaskStatus.CLAIMED}
    theirs = put(plan_store, 1, timedelta(hours=5), work=mine)
    ny = put(plan_store, 2, timedelta(hours=5), state="NY", work=mine)
    nurse = browse("nurse.adams")
    shown = (await nurse.get("/worklist/hand-over", task=theirs, back="who=mine")).text
    assert re.findall(r'name="to" value="([^"]+)"', shown) == ["nurse.lopez"]
    assert 'href="/worklist?who=mine"' in shown
    assert "Nobody else may do this task now" in (await nurse.get("/worklist/hand-over", task=ny)).text
    assert (await nurse.get("/worklist/hand-over", task="PA-0009-T1")).status_code == 404


async def test_an_act_that_reaches_no_engine_is_not_done_and_says_so(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    one = put(plan_store, 1, timedelta(hours=5))
    answer = await browse("nurse.adams").post("/worklist/claim", task=one)
    assert answer.status_code == 503 and "Nothing was done" in answer.text


async def test_keys_are_listed_for_everybody_who_has_a_worklist(browse: Browse) -> None:
    page = await browse("nurse.adams").get("/keys")
    assert page.status_code == 200 and "take the next task" in page.text and "No key signs a decision." in page.text


async def test_of_two_people_who_claim_one_task_one_gets_it_and_the_other_hears_who(lab: Lab) -> None:
    sent = await lab.submit((ROOT / "samples" / "requests" / "lumbar-fusion.json").read_bytes())
    task_id = f"{sent.case_id}-T1"
    app = build_app(await lab_context(lab))
    browsers = [
        WebClient(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test"), who)
        for who in ("nurse.adams", "nurse.lopez")
    ]
    for one in browsers:
        assert rows((await one.get("/worklist")).text) == [task_id]
    answers = await asyncio.gather(*(one.post("/worklist/claim", task=task_id, act="0123") for one in browsers))
    assert {answer.headers["location"] for answer in answers} == {f"/worklist?at={task_id}"}
    first, second = [(await one.get("/worklist")).text for one in browsers]
    winner, loser = (first, second) if "Claimed." in first else (second, first)
    assert "Open it" in winner and "Claimed." not in loser
    name = "Grace Adams, RN" if winner is first else "Daniel Lopez, RN"
    assert re.search(rf"<b>{name}, took this at \d+:\d\d [AP]M E[DS]T,</b> a moment before you\.", loser)
    assert "Take the next one like it" in loser and f'href="/tasks/{task_id}"' in loser

    mine, other = browsers if winner is first else browsers[::-1]
    assert (await mine.post("/worklist/next")).headers["location"] == f"/tasks/{task_id}"
    assert (await other.post("/worklist/next")).headers["location"] == "/worklist"
    handed = {"task": task_id, "to": "nurse.lopez" if winner is first else "nurse.adams", "back": "who=mine"}
    assert (await mine.post("/worklist/hand-over", **handed)).headers["location"] == f"/worklist?who=mine&at={task_id}"
    assert "Handed over." in (await mine.get("/worklist")).text
    released = await other.post("/worklist/release", task=task_id)
    assert released.status_code == 303 and "Released." in (await other.get("/worklist")).text
    assert (await other.post("/worklist/next", act="4567")).headers["location"] == f"/tasks/{task_id}"
    for one in browsers:
        await one.http.aclose()


async def test_release_from_a_task_leads_back_to_the_list_with_its_filters(
    browse: Browse, plan_store: Store, web_context: WebContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"status": TaskStatus.CLAIMED, "assignee": "nurse.adams"}
    task_id = put(plan_store, 1, timedelta(hours=1), work=held)
    released: list[str] = []

    async def release(_services: object, task_id: str, *_given: object) -> CommandResult:
        released.append(task_id)
        return CommandResult(kind=CommandStatus.ACCEPTED, case_id="PA-0001", message_id="m", says="Done.")

    monkeypatch.setattr(case_actions, "release_task", release)
    nurse = browse("nurse.adams")
    page = (await nurse.get("/cases/PA-0001", task=task_id, list="lob=medicare_advantage&state=IL&who=team")).text
    way = re.search(r'formaction="(/worklist/release[^"]*)"', page)
    assert way is not None
    back = (await nurse.post(unescape(way[1]), task=task_id)).headers["location"]
    assert dict(parse_qsl(urlsplit(back).query)) == {"lob": "medicare_advantage", "state": "IL", "at": task_id}
    assert urlsplit(back).path == "/worklist" and released == [task_id]
    assert (await nurse.post("/worklist/release", task=task_id)).headers["location"] == f"/worklist?at={task_id}"


@pytest.mark.parametrize("way", ["after", "before"])
async def test_a_page_whose_rows_are_all_gone_leads_to_the_first_one(
    browse: Browse, plan_store: Store, web_context: WebContext, way: str
) -> None:
    put(plan_store, 1, timedelta(hours=1))
    day = {"after": 9, "before": -9}[way]
    nurse, place = browse("nurse.adams"), f"0~{(NOW + timedelta(days=day)).isoformat()}~PA-0001-T1"
    for part in ("", "rows"):
        answer = await nurse.get("/worklist", **{way: place, "who": "team", "part": part})
        assert answer.status_code == 200 and rows(answer.text) == []
        assert '<a href="/worklist?who=team">First page</a>' in answer.text


async def test_a_place_at_the_end_of_the_calendar_is_told(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    answer = await browse("nurse.adams").get("/worklist", after="0~9999-12-31T23:59:59-12:00~5")
    assert answer.status_code == 422 and "Not readable" in answer.text
