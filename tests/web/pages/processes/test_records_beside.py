"""Records stand beside the pages of every process as they do on the page of a case: chosen there, opened there, read there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.vocabulary import ProcessKind
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, PLAN, STAY, put_case, put_record, put_stay
from tests.web.pages.processes.test_concerns import CONCERN, put_concern
from tests.web.pages.processes.test_retrospective import REVIEW, put_review
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
ADDRESSES = {
    STAY: f"/stays/{STAY}",
    PLAN: f"/discharge/{PLAN}",
    REVIEW: f"/retrospective/{REVIEW}",
    CONCERN: f"/concerns/{CONCERN}",
}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def put(store: Store, case_id: str) -> str:
    """The case with its reader."""
    if case_id == CONCERN:
        put_concern(store)
        return "director.osei"
    put_stay(store)
    if case_id == PLAN:
        put_case(store, PLAN, ProcessKind.DISCHARGE_PLAN, {}, title="Discharge from MERIDIAN")
    if case_id == REVIEW:
        put_review(store)
    return "nurse.adams"


@pytest.mark.parametrize("case_id", ADDRESSES)
async def test_a_record_is_read_beside_the_page_of_its_process(browse: Browse, plan_store: Store, case_id: str) -> None:
    who, address = put(plan_store, case_id), ADDRESSES[case_id]
    first = put_record(plan_store, case_id, "Walks alone on <2026-12-09>.", "Nursing note", who)
    second = put_record(plan_store, case_id, "Eats by mouth.", "Diet note", who)
    page = (await browse(who).get(address)).text
    assert f'href="{address}?document={first[:16]}#h-ev"' in page and "2 of 2 read by you" in page
    assert "Walks alone" in page or "Eats by mouth" in page, "one that was read stands there"
    for chosen, title, text in (
        (first, "Nursing note", "Walks alone on &lt;2026-12-09&gt;."),
        (second, "Diet note", "Eats by mouth."),
    ):
        shown = (await browse(who).get(f"{address}?document={chosen[:16]}")).text
        assert text in shown and re.findall(r'aria-current="true">([^<]+) <i', shown) == [title]


@pytest.mark.parametrize("case_id", [STAY, PLAN])
async def test_a_record_is_not_shown_when_its_opening_cannot_be_recorded_and_the_page_is(
    browse: Browse, plan_store: Store, case_id: str
) -> None:
    who, address = put(plan_store, case_id), ADDRESSES[case_id]
    record = put_record(plan_store, case_id, "Walks alone.", "Nursing note")
    unread = (await browse(who).get(address)).text
    assert "Choose a record to read it here." in unread and "Walks alone." not in unread
    asked = (await browse(who).get(f"{address}?document={record[:16]}")).text
    assert "The opening could not be recorded" in asked and "Walks alone." not in asked
    assert 'id="sentence"' in asked


async def test_the_address_of_a_case_with_a_record_leads_to_the_page_of_its_process(
    browse: Browse, plan_store: Store
) -> None:
    who = put(plan_store, STAY)
    record = put_record(plan_store, STAY, "Walks alone.", "Nursing note", who)
    answer = await browse(who).get(f"/cases/{STAY}", document=record[:16])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stays/{STAY}?document={record[:16]}")
