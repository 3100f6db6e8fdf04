"""Every page: who sees it, and what stands on it whatever it is about."""

from __future__ import annotations

from collections.abc import Callable

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
