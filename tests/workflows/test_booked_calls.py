"""A call is booked where the calendar has it, and its time is free again as soon as its offer is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from store.portal import slots
from tests.workflows.booked_calls import book, booked, offered, planned
from tests.workflows.lab_case import LabCase


async def test_a_case_books_no_time_that_the_calendar_does_not_have(lab: Lab) -> None:
    case = await offered(lab)
    before = case.view()
    assert await case.refused(await planned(case)) == {"plan_call.calendar"}
    message = await planned(case, hours=3)
    book(case, message)
    assert await case.refused(await planned(case, hours=1)) == {"plan_call.calendar"}
    assert await case.refused(await planned(case, "cancelled")) == {"plan_call.calendar"}
    assert case.view().decision_due == before.decision_due and not case.entries("peer_to_peer_planned")
    assert (await case.send(message)).accepted
    assert [entry.data["physician"] for entry in case.entries("peer_to_peer_planned")] == ["md.ortho.chen"]


async def _withdrawn(case: LabCase) -> None:
    await case.send(await case.withdraw())


async def _held(case: LabCase) -> None:
    await case.send(await case.settled("held"))


async def _approved(case: LabCase) -> None:
    await case.approve(TaskKind.PHYSICIAN_REVIEW, "md.ortho.chen")


@pytest.mark.parametrize("end", [_withdrawn, _held, _approved])
async def test_the_time_of_a_call_is_free_when_its_offer_ends_however_it_ends(
    lab: Lab, end: Callable[[LabCase], Awaitable[None]]
) -> None:
    case = await offered(lab)
    message = await planned(case)
    book(case, message)
    assert (await case.send(message)).accepted and booked(case)
    await end(case)
    assert not booked(case)
    with lab.store.read() as s:
        (time,) = slots.of_reviewer(s, "md.ortho.chen", message.at)
    assert time.starts_at == message.starts_at and time.person is None


async def test_more_time_for_the_case_leaves_the_booked_call(lab: Lab) -> None:
    case = await offered(lab)
    message = await planned(case)
    book(case, message)
    await case.send(message)
    assert (await case.send(await case.extend("enrollee_asked"))).accepted
    assert booked(case)
