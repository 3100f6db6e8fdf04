"""A stay in the lab: told by the hospital, reviewed in rounds, every day with its answer."""

from __future__ import annotations

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.parts import DayStatus
from tests.workflows.lab_stay import FACTS, new_stay


async def test_an_emergency_admission_asks_for_no_authorization_and_is_reviewed_in_rounds(lab: Lab) -> None:
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted(unit="Med-Surg")
    assert stay.task(TaskKind.CLINICAL_UPDATE).why.startswith("Get the clinical update")
    assert "clinical_update_request/provider" in stay.sent()
    await stay.update(FACTS)
    first = stay.day(0)
    assert stay.answer(first) == (DayStatus.CERTIFIED, LevelOfCare.INPATIENT_WARD)
    assert stay.view().waiting is not None
