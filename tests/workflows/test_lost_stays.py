"""A stay outlives its workflow: ended by an operator, it is started again as it stood and goes on."""

from __future__ import annotations

import pytest

from demo.time_skipping_lab import Lab
from domain.stays.parts import DayStatus
from services.commands.reconciliation import ReconciledStatus, reconcile
from tests.workflows.lab_stay import FACTS, new_stay, skip_to_monday
from tests.workflows.test_concurrent_review_decisions import DOCTOR, WARD, referred, talked


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


@pytest.mark.many
async def test_a_stay_hears_the_result_of_a_review_that_was_made_while_its_workflow_was_lost(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab, "MBR1000003")
    review = await referred(lab, stay, stay.day(1))
    await talked(review)
    await lab.handle(stay.case_id).terminate()
    assert (await review.send(await review.denial(DOCTOR))).accepted
    await reconcile(await lab.services())
    await lab.settle()
    assert stay.answer(stay.day(0)) == (DayStatus.DENIED, WARD)
    assert stay.entries("case_restarted") and not stay.entries("message_refused")


@pytest.mark.many
async def test_a_stay_that_is_started_again_while_its_review_is_open_waits_for_it(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab, "MBR1000003")
    review = await referred(lab, stay, stay.day(1))
    await talked(review)
    await lab.handle(stay.case_id).terminate()
    await reconcile(await lab.services())
    await lab.settle()
    assert stay.answer(stay.day(0)) is None and not stay.entries("message_refused")
    await review.send(await review.denial(DOCTOR))
    await lab.settle()
    assert stay.answer(stay.day(0)) == (DayStatus.DENIED, WARD)
