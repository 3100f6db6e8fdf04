"""Acts on a stay from its page, over a worker: done once, in the name of who is signed in, or refused by the rule of a stay."""

from __future__ import annotations

import httpx

from demo.time_skipping_lab import Lab
from domain.journal import EntryKind
from store import journal, stays
from store.stays import StayRecord
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.workflows.lab_stay import FACTS, LabStay, new_stay
from web.app import build_app


async def _certified_stay(lab: Lab) -> LabStay:
    """A stay in a ward whose first day is certified."""
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted(unit="Med-Surg")
    with lab.store.begin() as s:
        stays.open_stay(
            s,
            StayRecord(stay_id=stay.case_id, facility="MERIDIAN", member_id=stay.member_id, opened_at=stay.begins),
        )
    await stay.update(FACTS)
    return stay


async def test_acts_are_done_once_in_ones_own_name_and_a_refused_one_keeps_its_words(lab: Lab) -> None:
    stay = await _certified_stay(lab)
    app = build_app(await lab_context(lab))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") as http:
        nurse = WebClient(http, "nurse.adams")
        page = f"/stays/{stay.case_id}"
        typed = {
            "day": stay.day(0).isoformat(),
            "reason": "payer_decision_pending:payer",
            "note": "Nobody was there",
            "act": "0198f0aa-0000-7000-8000-00000000000a",
            "reviewer_id": "director.osei",
        }
        for _ in range(2):
            answer = await nurse.post(f"{page}/avoidable-day", **typed)
            assert (answer.status_code, answer.headers["location"]) == (303, page), answer.text
        shown = (await nurse.get(page)).text
        assert "The day is recorded." in shown
        assert "Nobody was there" in shown
        updated = await nurse.post(f"{page}/update", note="Eats and walks", expected_discharge=stay.day(4).isoformat())
        assert updated.status_code == 303, updated.text
        outside = await nurse.post(f"{page}/avoidable-day", **typed | {"day": "2020-01-01", "act": "b" * 16})
        assert (outside.status_code, "delay.day" in outside.text) == (409, True)
        assert "Nobody was there" in outside.text
    with lab.store.read() as s:
        entries = journal.entries(s, stay.case_id)
    recorded = [entry for entry in entries if entry.kind is EntryKind.AVOIDABLE_DAY]
    assert [entry.actor.id for entry in recorded] == ["nurse.adams"]


async def test_an_earlier_end_that_the_law_does_not_allow_is_refused_to_a_physician_too(lab: Lab) -> None:
    stay = await _certified_stay(lab)
    app = build_app(await lab_context(lab))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test") as http:
        physician = WebClient(http, "md.hosp.laurent")
        typed = {"effective_on": stay.day(1).isoformat(), "why": "Walks the stairs"}
        answer = await physician.post(f"/stays/{stay.case_id}/reduction", **typed)
        assert answer.status_code == 409
        assert "reduction." in answer.text
        assert "Walks the stairs" in answer.text
