"""No page says a day or an instant as programs write it: not 2026-12-07, and no hour in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases.tasks import TaskKind
from domain.vocabulary import ProcessKind
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, PLAN, STAY, put_case, put_record, put_stay, task
from tests.web.pages.processes.test_concerns import CONCERN, put_concern
from tests.web.pages.processes.test_retrospective import REVIEW, put_review
from tests.web.pages_read import read_words
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
REQUEST = "PA-AAAABBBBCCCC"
PAGES = {
    "director.osei": (
        *("/worklist?who=team", "/stays", f"/stays/{STAY}", f"/cases/{STAY}?print=1", f"/cases/{STAY}/journal"),
        *(f"/discharge/{PLAN}", f"/retrospective/{REVIEW}", "/retrospective", f"/concerns/{CONCERN}", "/concerns"),
        *(f"/cases/{REQUEST}", f"/cases/{REQUEST}/journal", "/oversight/clocks", "/oversight/people", "/affirmation"),
    ),
    "nurse.adams": (
        "/worklist",
        "/discharge",
        "/criteria",
        "/criteria/OXY",
        "/criteria/BAR",
        "/peer-to-peer",
        "/settings",
    ),
    "compliance.ortiz": ("/oversight/access", "/criteria/asked"),
    "1215000013": ("/provider", "/provider/criteria/OXY", "/provider/lookup", "/provider/new"),
}
_AS_PROGRAMS_WRITE = re.compile(r"(?<![@/=\w-])\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d)? ?(?:Z\b|UTC)|\d\dT\d\d:\d\d")


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


async def test_no_page_says_a_day_or_an_instant_as_programs_write_it(browse: Browse, plan_store: Store) -> None:
    put_stay(plan_store, STAY, task(STAY, TaskKind.CLINICAL_UPDATE), until=NOW + timedelta(hours=3))
    put_case(plan_store, PLAN, ProcessKind.DISCHARGE_PLAN, {"target_date": "2026-12-12"}, title="Discharge")
    put_case(plan_store, REQUEST, ProcessKind.REQUEST, {}, task(REQUEST, TaskKind.NURSE_REVIEW), title="Oxygen")
    put_record(plan_store, STAY, "Seen on 2026-12-09 at 10:00 UTC.", "Note of 2026-12-09", "director.osei")
    put_review(plan_store)
    put_concern(plan_store)
    for subject, pages in PAGES.items():
        for address in pages:
            answer = await browse(subject).get(address)
            assert answer.status_code == 200, (subject, address)
            found = [said for said in read_words(answer.text) if _AS_PROGRAMS_WRITE.search(said)]
            assert not found, (address, found)
