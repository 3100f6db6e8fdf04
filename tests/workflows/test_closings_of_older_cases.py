"""A case that began under a release without rules on closings is closed by today's rules all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.time_skipping_lab import Lab
from domain.authorization.messages import CloseUndecided
from domain.cases.views import CaseStatus
from domain.decisions.closings import Dismissal, DismissalReason
from rulebook.review_rules import ReviewRules
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase


async def test_a_case_assessed_by_an_older_release_is_assessed_again_before_staff_dismiss_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(ReviewRules, "closings", lambda *_: None)
        services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    stamp = await services.stamp("appeals.reyes")
    died = Dismissal(
        reason=DismissalReason.MEMBER_DIED,
        explanation="We are sorry for your loss.",
        died_on=stamp["at"].date() - timedelta(days=1),
        nobody_pursues=True,
    )
    assert (await services.send(CloseUndecided(**stamp, reviewer_id="appeals.reyes", closing=died))).accepted
    assert services.view().status is CaseStatus.DISMISSED
