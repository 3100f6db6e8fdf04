"""A new member's care under way is approved at once, by law and not by its criteria, and nobody reviews it."""

from __future__ import annotations

from datetime import timedelta

from demo.time_skipping_lab import Lab
from domain.cases.views import CaseStatus
from domain.vocabulary import Lob
from store import cases
from tests.workflows.care_requests import OXYGEN, TODAY, add_member, request
from tests.workflows.lab_case import LabCase

FIRST_DAY = TODAY - timedelta(days=20)
PROTECTED = OXYGEN.model_copy(update={"start": TODAY, "end": TODAY + timedelta(days=60)})
UNDER_WAY = {"course.under_way": True}


async def test_care_under_way_of_a_new_member_is_approved_at_once_and_its_clock_is_shown(lab: Lab) -> None:
    member = add_member(lab, Lob.MEDICARE_ADVANTAGE, effective=FIRST_DAY)
    case = LabCase(lab, await lab.open(request(PROTECTED, known=UNDER_WAY, member=member)))
    assert case.view().status is CaseStatus.APPROVED
    assert "42 CFR 422.112(b)(8)(i)(B)" in case.text("approval/provider")
    with lab.store.read() as s:
        (line,) = cases.lines(s, case.case_id)
        clocks = str(cases.clocks(s, case.case_id))
    assert (str(line.decided_by), line.approved_end) == ("rule:MA-TRANSITION-90", PROTECTED.end)
    assert "MA-TRANSITION-90" in clocks


async def test_of_a_new_member_it_is_asked_whether_the_care_was_under_way(lab: Lab) -> None:
    member = add_member(lab, Lob.MEDICARE_ADVANTAGE, effective=FIRST_DAY)
    case = LabCase(lab, await lab.open(request(PROTECTED, known={}, member=member)))
    said = case.text("information_request/provider")
    assert "Was this treatment under way on the day on which the member joined the plan?" in said
    assert case.view().status is CaseStatus.OPEN
