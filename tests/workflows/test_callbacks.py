"""Messages left at any hour are returned in the next hours of business of the plan's zone."""

from __future__ import annotations

from contacts import ANSWERED, callback

from demo.lab import Lab
from domain.tasks import TaskKind
from domain.views import CaseStatus, ProcessKind


async def test_a_message_is_returned_by_a_call_in_its_window(lab: Lab) -> None:
    call = await callback(lab)
    assert call.view().process is ProcessKind.CALLBACK
    await call.done(TaskKind.CALL_BACK, "nurse.adams", ANSWERED)
    assert call.view().status is CaseStatus.COMPLETED
