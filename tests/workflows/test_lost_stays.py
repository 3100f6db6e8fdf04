"""A stay outlives its workflow: ended by an operator, it is started again as it stood and goes on."""

from __future__ import annotations

from demo.time_skipping_lab import Lab
from domain.stays.parts import DayStatus
from services.commands.reconciliation import ReconciledStatus, reconcile
from tests.workflows.lab_stay import FACTS, new_stay, skip_to_monday


async def test_a_stay_whose_workflow_was_terminated_goes_on_with_its_days_and_hears_its_updates(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    before = stay.entries()
    await lab.handle(stay.case_id).terminate()
    found = {one.case_id: one.status for one in await reconcile(await lab.services())}
    assert found == {stay.case_id: ReconciledStatus.RESTARTED}
    await lab.settle()
    assert stay.entries()[: len(before)] == before and stay.entries("case_restarted")
    await stay.update(FACTS)
    await lab.advance(minutes=5)
    answer = stay.answer(stay.day(0))
    assert answer is not None and answer[0] is DayStatus.CERTIFIED
