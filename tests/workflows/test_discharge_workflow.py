"""Discharge plans on their way, with time skipped: notices, planning, the discharge, and the thirty days after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from leaving import PlanDesk, Writer, delivered, everything_known, ward

from demo.lab import Lab
from domain.tasks import TaskKind


@pytest.fixture
def writer() -> Writer:
    return Writer(orders=[])


@pytest.fixture
async def hospital(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer) -> AsyncIterator[Lab]:
    async with ward(tmp_path, monkeypatch, writer) as lab:
        yield lab


async def test_a_plan_begins_on_day_one_with_the_assessment_the_target_and_the_important_message(hospital: Lab) -> None:
    desk = await PlanDesk.start(hospital)
    assert desk.open_kinds() == {TaskKind.NEEDS_ASSESSMENT, TaskKind.TARGET_SETTING, TaskKind.FORM_DELIVERY}
    assert desk.open_task(TaskKind.FORM_DELIVERY).about == "MA-IM"
    assert desk.sent() == ["important_message/member"]
    assert desk.sheet()["lace"].startswith("LACE at least 0 of 19 (low or higher; not known:")


async def test_the_important_message_delivered_within_two_days_is_in_time(hospital: Lab) -> None:
    desk = await PlanDesk.start(hospital)
    await hospital.advance(hours=20)
    await desk.do(TaskKind.FORM_DELIVERY, delivered(await hospital.now()))
    assert desk.duty("MA-IM")["judged"] == "met"
    assert TaskKind.FORM_DELIVERY not in desk.open_kinds()


async def test_what_the_assessment_leaves_open_is_asked_again_and_shown_as_at_least(hospital: Lab) -> None:
    desk = await PlanDesk.start(hospital)
    form = everything_known(lace={"emergent_admission": True, "emergency_visits": 6})
    form["answers"] = form["answers"][:-1]
    await desk.do(TaskKind.NEEDS_ASSESSMENT, form)
    assert desk.sheet()["not_answered"] == ["social_background"]
    assert "social background" in desk.open_task(TaskKind.NEEDS_ASSESSMENT).why
    assert desk.sheet()["lace"].startswith("LACE at least 7 of 19")
    await desk.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "social_background", "needs": True}]})
    assert desk.sheet()["not_answered"] == []
    assert TaskKind.NEEDS_ASSESSMENT not in desk.open_kinds()


async def test_a_discharge_home_is_followed_for_thirty_days_and_then_closed(hospital: Lab, writer: Writer) -> None:
    desk = await PlanDesk.start(hospital)
    await desk.do(TaskKind.FORM_DELIVERY, delivered(await hospital.now()))
    await desk.do(TaskKind.NEEDS_ASSESSMENT, everything_known())
    await desk.discharge()
    assert "discharge_summary/member" in desk.sent()
    assert TaskKind.POST_DISCHARGE_CALL in desk.open_kinds()
    await hospital.advance(days=32)
    assert desk.view().status == "completed", desk.open_about()
