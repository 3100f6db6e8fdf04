"""Pages of retrospective reviews: each billed line against what was authorized, and acts on the review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.vocabulary import ProcessKind
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW, put_case
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
REVIEW = "RR-AAAABBBBCCCC"
LINE = {
    "line": "1",
    "code": "E0601",
    "units": "1 unit",
    "days": "2026-11-01 to 2026-11-30",
    "finding": "not authorized",
    "in_words": "nothing authorizes it",
    "found_by": "rule:comparison",
    "to_be_decided": "1 units, 2026-11-01 to 2026-11-30",
}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


def _put_review(store: Store) -> None:
    content = {
        "claim_number": "C-1",
        "billed_by": "Meridian <Heart>",
        "care_from": "2026-11-01",
        "covered_on_that_day": None,
        "lines": [LINE],
        "review": None,
        "review_ended": None,
        "lessons": [
            {
                "stage": "claim",
                "what_went_wrong": "Asked late",
                "suggestion": "Ask early",
                "recorded_by": "nurse.adams",
                "at": "2026-12-09T15:00:00Z",
            }
        ],
    }
    put_case(store, REVIEW, ProcessKind.RETROSPECTIVE_REVIEW, content, title="Claim C-1")


async def test_each_billed_line_stands_with_its_finding_in_words(browse: Browse, plan_store: Store) -> None:
    _put_review(plan_store)
    page = (await browse("nurse.adams").get(f"/retrospective/{REVIEW}")).text
    for said in (
        "E0601",
        "Not authorized",
        "nothing authorizes it",
        "1 units, Nov 1, 2026 to Nov 30, 2026",
        "Asked late",
    ):
        assert said in page
    assert "Meridian &lt;Heart&gt;" in page
    assert "Not known" in page


async def test_a_lesson_keeps_what_was_typed_when_it_cannot_be_sent(browse: Browse, plan_store: Store) -> None:
    _put_review(plan_store)
    nurse = browse("nurse.adams")
    typed = {"what": "Nobody asked", "suggestion": "Ask", "stage": "claim"}
    down = await nurse.post(f"/retrospective/{REVIEW}/lesson", **typed)
    assert down.status_code == 503
    assert "Nobody asked" in down.text
    refused = await nurse.post(f"/retrospective/{REVIEW}/lesson", **typed | {"stage": "elsewhere"})
    assert (refused.status_code, "form.stage" in refused.text) == (409, True)
    assert (await nurse.get(f"/retrospective/{REVIEW}/deny")).status_code == 404


async def test_the_desk_of_intake_has_no_retrospective_reviews(browse: Browse, plan_store: Store) -> None:
    _put_review(plan_store)
    assert (await browse("intake.kim").get(f"/retrospective/{REVIEW}")).status_code == 403


async def test_reviews_are_listed_with_claim_and_member_and_filtered_by_the_address(
    browse: Browse, plan_store: Store
) -> None:
    _put_review(plan_store)
    nurse = browse("nurse.adams")
    page = (await nurse.get("/retrospective")).text
    assert f'href="/retrospective/{REVIEW}"' in page and "Claim C-1" in page and "Meridian &lt;Heart&gt;" in page
    assert REVIEW not in (await nurse.get("/retrospective", status="closed")).text
    assert REVIEW not in (await nurse.get("/retrospective", member="MBR0000000")).text
    assert (await browse("intake.kim").get("/retrospective")).status_code == 403
