"""Criteria on request: found by service, read out in the words of the documentation, and who asked is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from store.disclosures import criteria_disclosures
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.pages.processes.stays_on_file import NOW
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
ASKED = {
    "kind": "provider",
    "name": "Dana Ruiz",
    "organization": "Lakeside Spine Center",
    "way": "read_out",
    "act": "0198f0aa-0000-7000-8000-000000000002",
}


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


@pytest.mark.parametrize("service", ["E1390", "home oxygen", "OXY"])
async def test_criteria_are_found_by_code_words_and_number(browse: Browse, service: str) -> None:
    page = (await browse("intake.kim").get("/criteria", service=service)).text
    assert f'href="/criteria/OXY?service={service.replace(" ", "%20")}"' in page
    assert "Lumbar spinal fusion" not in page


async def test_criteria_that_are_not_on_file_are_not_made_up(browse: Browse) -> None:
    page = (await browse("intake.kim").get("/criteria", service="<moon>")).text
    assert "No criteria on file are about “&lt;moon&gt;”" in page
    assert (await browse("intake.kim").get("/criteria/MOON")).status_code == 404


async def test_a_rule_is_read_out_with_its_source_date_and_confidence(browse: Browse) -> None:
    page = (await browse("intake.kim").get("/criteria/SNF")).text
    assert "It asks for the days of skilled nursing in a week to be at least 7." in page
    assert "42 CFR 409.30-409.35" in page
    assert "Jan 1, 2024 (3)" in page
    assert "Unsure" in page
    assert page.count("<ul>") == page.count("</ul>") - page.count('<ul class="list">')


async def test_who_asked_is_kept_with_rule_and_version_once(browse: Browse, plan_store: Store) -> None:
    intake = browse("intake.kim")
    for _ in range(2):
        answer = await intake.post("/criteria/SNF?service=snf", **ASKED)
        assert (answer.status_code, answer.headers["location"]) == (303, "/criteria?service=snf")
    with plan_store.read() as s:
        (kept,) = criteria_disclosures.list_latest(s, 10)
    assert (kept.guideline_id, kept.version, kept.service) == ("SNF", "2024-01-01.3", "snf")
    assert (kept.caller_name, kept.caller_organization, kept.by, kept.at) == (
        "Dana Ruiz",
        "Lakeside Spine Center",
        "intake.kim",
        NOW,
    )
    asked = (await browse("compliance.ortiz").get("/criteria/asked")).text
    assert "Lakeside Spine Center" in asked
    assert (await intake.get("/criteria/asked")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"kind": ""}, "caller.kind"),
        ({"name": ""}, "caller.name"),
        ({"organization": "none"}, "caller.organization"),
        ({"way": ""}, "criteria.way"),
        ({"way": "email", "sent_to": ""}, "criteria.sent_to"),
    ],
)
async def test_nothing_is_recorded_without_who_asked_and_how(
    browse: Browse, plan_store: Store, changed: dict[str, str], rule: str
) -> None:
    answer = await browse("intake.kim").post("/criteria/SNF", **ASKED | changed)
    assert answer.status_code == 422
    assert rule in answer.text
    with plan_store.read() as s:
        assert criteria_disclosures.list_latest(s, 10) == ()


async def test_a_provider_reads_the_same_criteria_and_records_nothing(browse: Browse) -> None:
    provider = browse("1215000013")
    assert 'href="/provider/criteria/SNF?service=snf"' in (await provider.get("/provider/criteria", service="snf")).text
    page = (await provider.get("/provider/criteria/SNF")).text
    assert "It asks for the days of skilled nursing in a week to be at least 7." in page
    assert "Who asked" not in page
    assert (await provider.get("/criteria/SNF")).status_code == 403
