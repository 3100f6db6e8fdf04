"""Pages of discharge plans: owners and states in words, scores as "at least", the member's own choice, proof of notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind, Role
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, PLAN, put_case, put_stay, task
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
DELIVERY = {
    "delivered_by": "Meridian Heart Hospital",
    "delivered_at": "2026-12-07T15:00:00Z",
    "to": "member",
    "signature": "refused_to_sign",
    "explained": True,
}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def _content(**more: Any) -> dict[str, Any]:
    choice = {"setting": "snf", "accepts": None, "phone": None, "quality": None, "plan_has_interest": True}
    score = {"name": "LACE", "at_least": 9, "at_most": 13, "most": 19, "missing": ["emergency visits"]}
    duty = {"due_at": "2026-12-12T05:59:59Z", "done_at": None, "judged": None, "falls_away": None}
    return {
        "facility": "MERIDIAN",
        "target_setting": "snf",
        "leaves_on": "2026-12-12",
        "checklist": [
            {"item": "needs_assessment", "title": "The needs are assessed", "done_at": "2026-12-08T15:00:00Z"},
            {"item": "transport_arranged", "title": "Transport is arranged", "done_at": None},
        ],
        "choices": [
            {**choice, "name": "Tallgrass", "npi": "1215000088", "in_network": True},
            {**choice, "name": "Quarry Pond", "npi": "1215000096", "in_network": None},
        ],
        "chosen_npi": "1215000096",
        "scores": [score | {"band": "moderate", "band_may_be": ["high"], "citation": "CMAJ 2010"}],
        "notices": [
            duty | {"rule": "MA-IM", "title": "Important Message, first copy", "done_at": DELIVERY["delivered_at"]},
            duty | {"rule": "MA-NOMNC", "title": "Notice of Medicare Non-Coverage"},
        ],
        "deliveries": [{"rule_id": "MA-IM", "about": "", "form": DELIVERY}],
        "qio": [
            {
                "about": "discharge",
                "asked_at": "2026-12-09T15:00:00Z",
                "in_time": None,
                "decided_at": None,
                "upheld": None,
            }
        ],
        "waits_for_qio": True,
        **more,
    }


def _put_plan(store: Store, **more: Any) -> None:
    owed = task(PLAN, TaskKind.TRANSPORT, Role.DISCHARGE_PLANNER, about="transport_arranged")
    put_case(store, PLAN, ProcessKind.DISCHARGE_PLAN, _content(**more), owed, until=NOW + timedelta(days=1))


async def test_a_plan_says_who_owes_each_item_and_how_it_stands(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    page = (await browse("planner.ivers").get(f"/discharge/{PLAN}")).text
    assert "1 of 2 done" in page
    assert f'<a href="/tasks/{PLAN}-T1">Transport is arranged</a>' in page
    assert "Discharge planner" in page


async def test_the_members_choice_is_marked_and_the_plans_interest_is_told(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    page = (await browse("planner.ivers").get(f"/discharge/{PLAN}")).text
    assert "2 offered; the member chose Quarry Pond" in page
    assert page.index("Quarry Pond</b> <span") > page.index("Tallgrass</b>")
    assert "network not known" in page
    assert "the plan has a financial interest in it" in page


async def test_a_score_with_unknown_values_is_at_least(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    page = (await browse("planner.ivers").get(f"/discharge/{PLAN}")).text
    assert "LACE at least 9 of 19, moderate or higher" in page
    assert "not known: emergency visits" in page


async def test_a_notice_stands_with_its_proof_or_its_time(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    page = (await browse("planner.ivers").get(f"/discharge/{PLAN}")).text
    assert "refused to sign by the member, handed over by Meridian Heart Hospital" in page
    assert "1 d 14 h left" in page
    assert "whether in time is not known: it counts as in time" in page
    assert "nothing ends before it has" in page


async def test_the_list_is_the_first_page_of_a_planner(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    planner = browse("planner.ivers")
    assert (await planner.get("/")).headers["location"] == "/discharge"
    page = (await planner.get("/discharge")).text
    assert f'href="/discharge/{PLAN}"' in page
    assert "1 of 2 done" in page
    assert "Waits for the QIO" in page
    assert PLAN not in (await planner.get("/discharge", status="closed")).text


async def test_news_of_the_qio_need_what_and_about_what(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store)
    _put_plan(plan_store)
    planner = browse("planner.ivers")
    answer = await planner.post(f"/discharge/{PLAN}/qio", about="discharge", what="")
    assert answer.status_code == 409
    assert '<option value="discharge" selected>' in answer.text
    down = await planner.post(f"/discharge/{PLAN}/qio", about="discharge", what="decided", upheld="no")
    assert down.status_code == 503
    assert '<option value="decided" selected>' in down.text


async def test_a_plan_is_not_for_intake(browse: Browse, plan_store: Store) -> None:
    _put_plan(plan_store)
    assert (await browse("intake.kim").get(f"/discharge/{PLAN}")).status_code == 403
