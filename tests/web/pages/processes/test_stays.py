"""Pages of stays: the list by time left, the strip of days in words, and acts that are done in one's own name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind
from store import inbox
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, PLAN, STAY, decided, put_case, put_stay, task
from web.context import WebContext

Browse = Callable[[str | None], WebClient]


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def _days(page: str) -> list[tuple[str, str]]:
    """The days of the strip, each with its word."""
    found = re.findall(
        r'<li class="day[^"]*">.*?<b class="nw">(.*?)</b>.*?<span class="a">.*?<span>(.*?)</span></span></li>', page
    )
    return [(day, word) for day, word in found]


async def test_stays_are_listed_by_the_time_that_is_left(browse: Browse, plan_store: Store) -> None:
    for number, hours in enumerate((50, 2, 20)):
        put_stay(plan_store, f"ST-AAAABBBBCCC{number}", until=NOW + timedelta(hours=hours))
    page = await browse("nurse.adams").get("/stays")
    assert re.findall(r'href="/stays/(ST-\w+)"', page.text) == ["ST-AAAABBBBCCC1", "ST-AAAABBBBCCC2", "ST-AAAABBBBCCC0"]
    assert "Meridian Heart Hospital" in page.text
    assert "Sat Dec 12, 2026" in page.text


async def test_pages_of_the_list_hold_every_stay_once(
    browse: Browse, plan_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.processes.stays.PAGE_SIZE", 2)
    known = {f"ST-AAAABBBBCCC{number}" for number in range(5)}
    for stay_id in known:
        put_stay(plan_store, stay_id, until=NOW + timedelta(hours=3))
    seen: list[str] = []
    address = "/stays"
    while address:
        page = (await browse("nurse.adams").get(address)).text
        seen += re.findall(r'href="/stays/(ST-\w+)"', page)
        onward = re.search(r'href="(/stays\?[^"]*after=[^"]*)">Next', page)
        address = onward[1].replace("&amp;", "&") if onward else ""
    assert sorted(seen) == sorted(known)


async def test_filters_stand_in_the_address(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    nurse = browse("nurse.adams")
    assert STAY in (await nurse.get("/stays", facility="meri")).text
    assert STAY in (await nurse.get("/stays", facility="1215000062", member="mbr1000001")).text
    assert "No stay matches" in (await nurse.get("/stays", facility="elsewhere")).text
    assert STAY not in (await nurse.get("/stays", status="closed")).text


async def test_every_day_of_a_stay_stands_on_its_page_once_with_a_word(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    page = (await browse("nurse.adams").get(f"/stays/{STAY}")).text
    assert _days(page) == [
        ("Dec 6", "Certified"),
        ("Dec 7", "Certified"),
        ("Dec 8", "Certified"),
        ("Dec 9", "Denied"),
        ("Dec 10", "Undecided"),
        ("Dec 11", "Ahead"),
        ("Dec 12", "Expected out"),
    ]
    assert "3 certified · 1 denied · 1 undecided · 1 avoidable day · usual length 2.5 days" in page
    assert "The plan&#39;s decision was pending" in page
    assert "&lt;b&gt;late&lt;/b&gt;" in page


async def test_a_stay_of_forty_days_has_each_of_them_once(browse: Browse, plan_store: Store) -> None:
    many = {"came_at": "2026-11-01T15:00:00Z", "days": [decided("certified", "2026-11-01", "2026-12-09")]}
    put_stay(plan_store, STAY, **many)
    days = [day for day, _ in _days((await browse("nurse.adams").get(f"/stays/{STAY}")).text)]
    assert len(days) == len(set(days)) == 42
    assert days[0] == "Nov 1"


async def test_a_nurse_is_offered_no_act_that_would_end_a_certified_day(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store, days=[decided("certified", "2026-12-06", "2026-12-12")])
    nurse, physician = browse("nurse.adams"), browse("md.hosp.laurent")
    page = (await nurse.get(f"/stays/{STAY}")).text
    assert "/reduction" not in page
    assert "/second-look" not in page
    assert "/reduction" in (await physician.get(f"/stays/{STAY}")).text
    refused = await nurse.post(f"/stays/{STAY}/reduction", effective_on="2026-12-11", why="Well enough")
    assert refused.status_code == 409
    assert "reduction.role" in refused.text


async def test_a_physician_is_offered_no_earlier_end_of_days_that_are_over(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    assert "/reduction" not in (await browse("md.hosp.laurent").get(f"/stays/{STAY}")).text


async def test_an_act_while_the_engine_is_down_keeps_what_was_typed(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    typed = {"day": "2026-12-09", "reason": "payer_decision_pending:payer", "note": "The reviewer was away"}
    answer = await browse("nurse.adams").post(f"/stays/{STAY}/avoidable-day", **typed)
    assert answer.status_code == 503
    assert "The reviewer was away" in answer.text
    assert '<option value="2026-12-09" selected>' in answer.text


async def test_a_clinical_update_while_the_engine_is_down_is_kept(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    nurse = browse("nurse.adams")
    answer = await nurse.post(f"/stays/{STAY}/update", note="Off oxygen since noon", expected_discharge="2026-12-12")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stays/{STAY}")
    assert "Handed over." in (await nurse.get(f"/stays/{STAY}")).text


async def test_an_empty_update_is_refused_and_its_fields_stay_filled(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    answer = await browse("nurse.adams").post(f"/stays/{STAY}/update", drg="291", note="")
    assert answer.status_code == 409
    assert "update.empty" in answer.text
    assert 'value="291"' in answer.text
    forged = await browse("nurse.adams").post(f"/stays/{STAY}/update", note="x", level="penthouse")
    assert forged.status_code == 409


async def test_a_stay_shows_its_tasks_and_links_its_plan(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store, STAY, task(STAY, TaskKind.CLINICAL_UPDATE), until=NOW + timedelta(hours=2))
    put_case(plan_store, PLAN, ProcessKind.DISCHARGE_PLAN, {"checklist": [], "scores": []})
    page = (await browse("nurse.adams").get(f"/stays/{STAY}")).text
    assert f'href="/cases/{STAY}?task={STAY}-T1#task"' in page
    assert f'href="/discharge/{PLAN}"' in page


async def test_an_unknown_stay_is_not_on_file_and_a_provider_has_no_such_page(
    browse: Browse, plan_store: Store
) -> None:
    put_stay(plan_store)
    assert (await browse("nurse.adams").get("/stays/ST-NOBODY")).status_code == 404
    assert (await browse("nurse.adams").get(f"/stays/{STAY}/deny")).status_code == 404
    assert (await browse("1215000013").get(f"/stays/{STAY}")).status_code == 403


async def test_an_update_asks_for_the_facts_of_the_criteria_at_the_level_and_guesses_none(
    browse: Browse, plan_store: Store
) -> None:
    put_stay(plan_store)
    nurse = browse("nurse.adams")
    form = (await nurse.get(f"/stays/{STAY}/update")).text
    assert 'name="fact.stay.titrated_infusion"' in form
    wrong = await nurse.post(f"/stays/{STAY}/update", note="x", **{"fact.stay.titrated_infusion": "perhaps"})
    assert (wrong.status_code, "fact.stay.titrated_infusion" in wrong.text) == (409, True)
    answer = await nurse.post(f"/stays/{STAY}/update", **{"fact.stay.titrated_infusion": "yes"})
    assert answer.status_code == 303
    with plan_store.read() as s:
        (item,) = inbox.unstarted(s)
        said = json.loads(inbox.raw(s, item.inbox_id))
    assert [(fact["id"], fact["value"]) for fact in said["facts"]] == [("stay.titrated_infusion", True)]


async def test_the_number_of_a_stay_leads_to_its_own_page_and_its_past_to_the_page_of_cases(
    browse: Browse, plan_store: Store
) -> None:
    put_stay(plan_store)
    nurse = browse("nurse.adams")
    answer = await nurse.get(f"/cases/{STAY}", task=f"{STAY}-T1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stays/{STAY}?task={STAY}-T1")
    assert (await nurse.get(f"/cases/{STAY}", at="2026-12-10T12:00")).status_code == 200
    assert (await browse("benefits.falk").get(f"/cases/{STAY}")).status_code == 200, "a role without pages of stays"
