"""Every page: who sees it, and what stands on it whatever it is about."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.web.browsers import WebClient

Browse = Callable[[str | None], WebClient]


async def test_nobody_sees_a_page_before_signing_in(browse: Browse) -> None:
    answer = await browse(None).get("/worklist")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fworklist")


async def test_a_nurse_sees_the_worklist_under_her_own_name(browse: Browse) -> None:
    answer = await browse("nurse.adams").get("/worklist")
    assert answer.status_code == 200
    assert "Grace Adams, RN" in answer.text


async def test_a_provider_does_not_see_the_worklist(browse: Browse) -> None:
    answer = await browse("1215000013").get("/worklist")
    assert answer.status_code == 403


async def test_a_form_without_the_secret_of_its_session_does_nothing(browse: Browse) -> None:
    nurse = browse("nurse.adams")
    await nurse.get("/worklist")
    answer = await nurse.http.post("/sign-out", data={"csrf": "guessed"})
    assert answer.status_code == 403
    assert (await nurse.get("/worklist")).status_code == 200


@pytest.mark.parametrize(
    "subject",
    [
        "intake.kim",
        "nurse.adams",
        "planner.ivers",
        "director.osei",
        "supervisor.bell",
        "compliance.ortiz",
        "1215000021",
    ],
)
async def test_every_page_of_a_persons_own_has_a_link_on_their_first_page_and_at_most_six_stand_on_top(
    browse: Browse, subject: str
) -> None:
    visitor = browse(subject)
    first = (await visitor.get("/provider" if subject.isdecimal() else "/worklist")).text
    on_top, foot = (re.search(rf'<nav[^>]*aria-label="{name}">.*?</nav>', first, re.S) for name in ("Main", "More"))
    assert on_top is not None and on_top[0].count("<a ") <= 6
    linked = re.findall(r'<a href="(/[^"]*)"', on_top[0] + (foot[0] if foot is not None else ""))
    for address in linked:
        assert (await visitor.get(address)).status_code == 200, address
    if not subject.isdecimal():
        assert {"/worklist", "/criteria", "/concerns", "/concerns/new", "/affirmation"} <= set(linked)


async def test_an_address_without_a_page_is_answered_by_a_page(browse: Browse) -> None:
    answer = await browse("nurse.adams").get("/no-such-page")
    assert answer.status_code == 404 and "There is no page at this address." in answer.text
