"""The search as a page: by what a person has in hand, and one exact hit opens at once."""

from __future__ import annotations

from collections.abc import Callable

from store import cases
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.test_worklist import put, timedelta
from web.context import WebContext

Browse = Callable[[str | None], WebClient]


async def test_a_case_is_found_by_its_number_and_opens_at_once(browse: Browse, plan_store: Store) -> None:
    put(plan_store, 1, timedelta(hours=5), authorization_number="AUTH77")
    put(plan_store, 2, timedelta(hours=5), member_id="MBR1000001")
    nurse = browse("nurse.adams")
    for said in ("PA-0001", "pa-0001", "auth77"):
        answer = await nurse.get("/find", q=said)
        assert (answer.status_code, answer.headers["location"]) == (303, "/cases/PA-0001"), said


async def test_a_member_and_a_provider_are_found_with_their_cases(browse: Browse, plan_store: Store) -> None:
    put(plan_store, 1, timedelta(hours=5))
    put(plan_store, 2, timedelta(hours=5), member_id="MBR1000001", requesting_npi="1999999984")
    with plan_store.begin() as s:  # as the requests of these cases would tell
        for view in cases.find(s):
            cases.put_provider_of(s, view)
    nurse = browse("nurse.adams")
    for said in ("delgado", "MBR1000003", "1215000013"):
        page = (await nurse.get("/find", q=said)).text
        assert "PA-0001" in page and "PA-0002" not in page, said
        assert "1 case for" in page


async def test_nothing_found_says_so_and_shows_what_was_asked_as_text(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    page = (await browse("nurse.adams").get("/find", q="<b>nobody</b>")).text
    assert "No case that you may see is on file for “&lt;b&gt;nobody&lt;/b&gt;”." in page
    assert "by a provider's NPI or name" in (await browse("nurse.adams").get("/find")).text.replace("&#39;", "'")
