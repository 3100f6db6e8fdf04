"""Peer-to-peers booked in the calendar: actions of tests, and the course whose history is stored."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.authorization.messages import PlanCall
from store.portal import slots
from store.portal.slots import Booking
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SURGEON = "md.ortho.chen"


async def offered(lab: Lab) -> LabCase:
    """A case whose review by a physician offers a peer-to-peer."""
    case = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    await case.refer()
    return case


async def planned(case: LabCase, step: str = "booked", hours: int = 2) -> PlanCall:
    """The word of the provider that a call is booked, moved or cancelled, so many hours from now."""
    stamp = await case.stamp(case.view().requesting_npi, "provider")
    begins = stamp["at"].replace(microsecond=0) + timedelta(hours=hours)
    said = {"step": step, "starts_at": begins, "physician": SURGEON, "person": "Dr. A", "number": "704-555-0160"}
    return PlanCall.model_validate(stamp | said)


def book(case: LabCase, message: PlanCall) -> None:
    """Book the time of the message in the calendar."""
    assert message.starts_at is not None and message.physician is not None
    with case.lab.store.begin() as s:
        (made,) = slots.offer(s, message.physician, [message.starts_at], 20, message.physician, message.at)
        said = Booking(
            case_id=case.case_id, person=message.person, phone=message.number, booked_by="provider:1",
            booked_at=message.at,
        )  # fmt: skip
        assert slots.book(s, made.slot_id, said)


def booked(case: LabCase) -> bool:
    """Whether the calendar has a time for the case."""
    with case.lab.store.read() as s:
        return slots.of_case(s, case.case_id) is not None


async def call_of_the_calendar_and_one_of_none(lab: Lab) -> LabCase:
    case = await offered(lab)
    await case.refused(await planned(case))
    message = await planned(case)
    book(case, message)
    await case.send(message)
    await case.refused(await planned(case, "cancelled"))
    await case.send(await case.withdraw())
    return case


SCENARIOS = (call_of_the_calendar_and_one_of_none,)
